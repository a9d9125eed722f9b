"""Qondor's connection type: its hook, and its form in Airflow's pages."""

from __future__ import annotations

from typing import Any

from invoice_bridge.hooks.connection_form import NEVER_USED

CONNECTION_TYPE: dict[str, Any] = {
    "connection-type": "qondor",
    "hook-name": "Qondor",
    "hook-class-name": "invoice_bridge.hooks.qondor.hook.QondorHook",
    "ui-field-behaviour": {
        "hidden-fields": [*NEVER_USED, "login"],
        "relabeling": {"host": "Base URL with environment", "password": "Subscription key"},
        "placeholders": {"host": "https://qondor.azure-api.net/Prod"},
    },
}
