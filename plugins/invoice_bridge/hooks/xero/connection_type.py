"""Xero's connection type: its hook, and its form in Airflow's pages."""

from __future__ import annotations

from typing import Any

from invoice_bridge.hooks.connection_form import NEVER_USED, secret_field, text_field

CONNECTION_TYPE: dict[str, Any] = {
    "connection-type": "xero",
    "hook-name": "Xero",
    "hook-class-name": "invoice_bridge.hooks.xero.hook.XeroHook",
    "ui-field-behaviour": {
        "hidden-fields": NEVER_USED,
        "relabeling": {"host": "Base URL", "login": "Client id", "password": "Client secret"},
        "placeholders": {"host": "https://api.xero.com"},
    },
    "conn-fields": {
        "tenant_id": text_field("Tenant id", "The Xero organisation; empty for a custom connection."),
        "token_url": text_field("Token URL", "Where access tokens come from. Leave it empty for Xero's own."),
        "scopes": text_field("Scopes", "Separated by spaces. Leave it empty for what the routes need."),
        "refresh_token": secret_field(
            "Refresh token", "Only for an organisation that cannot have a custom connection."
        ),
    },
}
