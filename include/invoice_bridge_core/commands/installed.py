"""What the installed package offers the command line: the core knows neither Airflow nor any finance system.

The package declares it as entry points, in the `.dist-info` beside it in the plugins folder.
"""

from __future__ import annotations

import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from invoice_bridge_core.errors import ConfigurationError

if TYPE_CHECKING:
    from invoice_bridge_core.ledger.ledger import Ledger
    from invoice_bridge_core.ports import FinanceSystem
    from invoice_bridge_core.routes.model import Route

FINANCE = "invoice_bridge.finance"
LEDGER = "invoice_bridge.ledger"
PLUGINS = Path(__file__).parents[3] / "plugins"


def open_finance(route: Route, ledger: Ledger, plugins: Path = PLUGINS) -> FinanceSystem:
    """The finance system of a route, with its connection as Airflow keeps it.

    :param plugins: where the package is looked for when Python's path does not lead to it.
    :raises ConfigurationError: no package offers finance systems here, or it has none for this route.
    """
    opener = _offered(FINANCE, plugins)
    if opener is None:
        raise ConfigurationError(
            "No package that knows finance systems is found: PYTHONPATH has to name the plugins folder, as it does "
            "for Airflow itself"
        )
    return cast("FinanceSystem", opener(route, ledger))


def ledger_url_of_airflow(plugins: Path = PLUGINS) -> str | None:
    """The address of the ledger in a connection that Airflow keeps outside the environment, if there is one."""
    ask = _offered(LEDGER, plugins)
    return cast("str | None", ask()) if ask is not None else None


def _offered(group: str, plugins: Path) -> Any:
    offered = entry_points(group=group)
    if not offered and plugins.is_dir():
        sys.path.append(str(plugins))
        offered = entry_points(group=group)
    return next(iter(offered)).load() if offered else None
