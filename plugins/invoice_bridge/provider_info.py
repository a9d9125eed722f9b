"""What Airflow learns of the package: its connection types with their forms in the UI, and its commands.

Python finds it by the package's entry point: that of the wheel or, where the folders are copied, that of
`plugins/invoice_bridge-<version>.dist-info`, provided that the plugins folder is on `PYTHONPATH`.
Airflow calls this in each of its processes: no hook is imported for it, the hooks are named only.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from invoice_bridge import hooks

if TYPE_CHECKING:
    from collections.abc import Iterator


def get_provider_info() -> dict[str, Any]:
    """What Airflow asks a provider for."""
    return {
        "package-name": "invoice-bridge",
        "name": "Invoice Bridge",
        "description": "Invoices, credit notes and card payments from Qondor and iXpole to Xero and Quiddly.",
        "cli": ["invoice_bridge.cli.get_cli_commands"],
        "connection-types": list(_connection_types()),
    }


def _connection_types() -> Iterator[dict[str, Any]]:
    """What the systems' folders say, each in a module `connection_type`."""
    for folder in iter_modules(hooks.__path__, f"{hooks.__name__}."):
        module = f"{folder.name}.connection_type"
        if folder.ispkg and find_spec(module) is not None:
            yield import_module(module).CONNECTION_TYPE
