"""Quiddly's connection type: its hook, and its form in Airflow's pages."""

from __future__ import annotations

from typing import Any

from invoice_bridge.hooks.connection_form import NEVER_USED, text_field

CONNECTION_TYPE: dict[str, Any] = {
    "connection-type": "quiddly",
    "hook-name": "Quiddly",
    "hook-class-name": "invoice_bridge.hooks.quiddly.hook.QuiddlyHook",
    "ui-field-behaviour": {
        "hidden-fields": NEVER_USED,
        "relabeling": {
            "host": "Base URL",
            "login": "User, or empty with a token",
            "password": "Password, or service token",
        },
        "placeholders": {"host": "https://aliasapi.domain"},
    },
    "conn-fields": {
        "client_id": text_field(
            "Client", "The client that the invoices are issued for. Only for an ERP that several clients share."
        ),
    },
}
