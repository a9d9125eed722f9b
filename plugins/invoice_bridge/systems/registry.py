"""Opens the systems that a route names.

The core finds a system's package by that name (`invoice_bridge_core.routes.systems`); nothing has to be entered in a
list. The package offers `open_source(route, tokens, memory)`, `open_finance(route, tokens)` or both. Only the two
systems that a route needs are opened, since every task pays for its imports.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages
from typing import TYPE_CHECKING, cast

from invoice_bridge import hooks, systems
from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.routes.systems import ROLES, package_of, systems_playing

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge.hooks.auth.tokens import TokenStore
    from invoice_bridge_core.ports import FinanceSystem, RunMemory, SourceSystem
    from invoice_bridge_core.routes.model import Route
    from invoice_bridge_core.routes.systems import Role


def import_systems() -> None:
    """Import our systems and hooks whole, and the settings of all others, for a process that tasks are forked from.

    A system of another package that cannot be imported is left out: a route that names it is told why.
    """
    for package in (systems, hooks):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    for role in ROLES:
        systems_playing(role)


def open_source(route: Route, tokens: TokenStore, memory: RunMemory) -> SourceSystem:
    """The source system of a route.

    :raises ConfigurationError: the package has no such source.
    """
    opener = cast("Callable[[Route, TokenStore, RunMemory], SourceSystem]", _opener("source", route.source.system))
    return opener(route, tokens, memory)


def open_finance(route: Route, tokens: TokenStore) -> FinanceSystem:
    """The finance system of a route.

    :raises ConfigurationError: the package has no such finance system.
    """
    opener = cast("Callable[[Route, TokenStore], FinanceSystem]", _opener("finance", route.finance.system))
    return opener(route, tokens)


def _opener(role: Role, system: str) -> object:
    package = package_of(system)
    opener = getattr(import_module(package), f"open_{role}", None)
    if opener is None:
        raise ConfigurationError(f"{role}.system: {system} is no {role} system: {package} has no open_{role}")
    return cast("object", opener)
