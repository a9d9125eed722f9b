"""iXpole's connection type: its hook, and its form in Airflow's pages."""

from __future__ import annotations

from typing import Any

from invoice_bridge.hooks.connection_form import NEVER_USED, text_field

CONNECTION_TYPE: dict[str, Any] = {
    "connection-type": "ixpole",
    "hook-name": "iXpole",
    "hook-class-name": "invoice_bridge.hooks.ixpole.hook.IxpoleHook",
    "ui-field-behaviour": {
        "hidden-fields": NEVER_USED,
        "relabeling": {"host": "Base URL", "login": "Client id", "password": "Client secret"},
        "placeholders": {"host": "https://your-subdomain.ixpole.com"},
    },
    "conn-fields": {
        "token_url": text_field(
            "Token URL", "Where access tokens come from. Leave it empty for oauth/token at the base URL."
        ),
        "api_version_header": text_field("API version header", "Name of the header that chooses the API version."),
        "api_version": text_field("API version", "Sent only when the header is named."),
    },
}
