"""The connection types that Airflow learns of, with their forms in the UI.

Found through `plugins/invoice_bridge-<version>.dist-info`, provided that the plugins folder is on `PYTHONPATH`.
Airflow calls this in each of its processes: nothing is imported here, the hooks are named only.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

NEVER_USED = ["schema", "port"]
OPTIONAL_TEXT = {"type": ["string", "null"]}
OPTIONAL_SECRET = {"type": ["string", "null"], "format": "password"}


def get_provider_info() -> dict[str, Any]:
    """What Airflow asks a provider for. A system's connection type is offered once its hook is there."""
    return {
        "package-name": "invoice-bridge",
        "name": "Invoice Bridge",
        "description": "Invoices, credit notes and card payments from Qondor and iXpole to Xero and Quiddly.",
        "connection-types": [
            connection_type
            for connection_type in (_qondor(), _ixpole(), _xero(), _quiddly())
            if find_spec(connection_type["hook-class-name"].rpartition(".")[0]) is not None
        ],
    }


def _qondor() -> dict[str, Any]:
    return {
        "connection-type": "qondor",
        "hook-name": "Qondor",
        "hook-class-name": "invoice_bridge.hooks.qondor.hook.QondorHook",
        "ui-field-behaviour": {
            "hidden-fields": [*NEVER_USED, "login"],
            "relabeling": {"host": "Base URL with environment", "password": "Subscription key"},
            "placeholders": {"host": "https://qondor.azure-api.net/Prod"},
        },
    }


def _ixpole() -> dict[str, Any]:
    return {
        "connection-type": "ixpole",
        "hook-name": "iXpole",
        "hook-class-name": "invoice_bridge.hooks.ixpole.hook.IxpoleHook",
        "ui-field-behaviour": {
            "hidden-fields": NEVER_USED,
            "relabeling": {"host": "Base URL", "login": "Client id", "password": "Client secret"},
            "placeholders": {"host": "https://your-subdomain.ixpole.com"},
        },
        "conn-fields": {
            "token_url": _field("Token URL", "Where access tokens are asked for; empty: oauth/token at the base URL."),
            "api_version_header": _field("API version header", "Name of the header that chooses the API version."),
            "api_version": _field("API version", "Sent only when the header is named."),
        },
    }


def _xero() -> dict[str, Any]:
    return {
        "connection-type": "xero",
        "hook-name": "Xero",
        "hook-class-name": "invoice_bridge.hooks.xero.hook.XeroHook",
        "ui-field-behaviour": {
            "hidden-fields": NEVER_USED,
            "relabeling": {"host": "Base URL", "login": "Client id", "password": "Client secret"},
            "placeholders": {"host": "https://api.xero.com"},
        },
        "conn-fields": {
            "tenant_id": _field("Tenant id", "The Xero organisation; empty for a custom connection."),
            "token_url": _field("Token URL", "Where access tokens are asked for; empty: Xero's own."),
            "scopes": _field("Scopes", "Parted by spaces; empty: what the routes need."),
            "refresh_token": {
                "label": "Refresh token",
                "description": "Only for an organisation that cannot have a custom connection.",
                "schema": OPTIONAL_SECRET,
            },
        },
    }


def _quiddly() -> dict[str, Any]:
    return {
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
            "client_id": _field(
                "Client", "Whom the invoices are issued for; only for an ERP that several clients share."
            ),
        },
    }


def _field(label: str, description: str) -> dict[str, Any]:
    return {"label": label, "description": description, "schema": OPTIONAL_TEXT}
