"""Qondor's connection type: its hook, and its form in Airflow's pages."""

from __future__ import annotations

from typing import Any

from invoice_bridge.hooks.connection_form import NEVER_USED, text_field

CONNECTION_TYPE: dict[str, Any] = {
    "connection-type": "qondor",
    "hook-name": "Qondor",
    "hook-class-name": "invoice_bridge.hooks.qondor.hook.QondorHook",
    "ui-field-behaviour": {
        "hidden-fields": [*NEVER_USED, "login"],
        "relabeling": {"host": "Base URL with environment", "password": "Subscription key"},
        "placeholders": {"host": "https://qondor.azure-api.net/Prod"},
    },
    "conn-fields": {
        "calls_per_second": text_field(
            "Calls per second", "Leave it empty for the 10 that Qondor allows; fewer where others use the same key."
        ),
    },
}
