"""Finds the system modules by the names that routes use.

A system's module is named after it and offers `open_source(route, tokens, memory)` or `open_finance(route, tokens)`;
nothing has to be entered in a list. Only the two modules that a route needs are imported, since every task pays.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, cast

from invoice_bridge import systems
from invoice_bridge_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge.hooks.auth.tokens import TokenStore
    from invoice_bridge_core.ports import FinanceSystem, RunMemory, SourceSystem
    from invoice_bridge_core.routes.model import Route


def import_systems() -> None:
    """Import every system that the package has, for a process from which tasks are forked."""
    for module in iter_modules(systems.__path__, f"{systems.__name__}."):
        import_module(module.name)


def open_source(route: Route, tokens: TokenStore, memory: RunMemory) -> SourceSystem:
    """The source system of a route.

    :raises ConfigurationError: the package has no such source.
    """
    opener = cast(
        "Callable[[Route, TokenStore, RunMemory], SourceSystem]", _opener(route.source.system, "open_source", "source")
    )
    return opener(route, tokens, memory)


def open_finance(route: Route, tokens: TokenStore) -> FinanceSystem:
    """The finance system of a route.

    :raises ConfigurationError: the package has no such finance system.
    """
    opener = cast(
        "Callable[[Route, TokenStore], FinanceSystem]", _opener(route.finance.system, "open_finance", "finance")
    )
    return opener(route, tokens)


def _opener(system: str, function: str, role: str) -> object:
    module_name = f"invoice_bridge.systems.{system}"
    try:
        module = import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name != module_name:
            raise
        raise ConfigurationError(f"{role}.system: {system} is not supported yet") from error
    opener = getattr(module, function, None)
    if opener is None:
        raise ConfigurationError(f"{role}.system: {system} is no {role} system")
    return cast("object", opener)
