"""Finds the systems that are installed: in the packages that the entry points `invoice_bridge.systems` name.

Each folder in such a package is one system, named as routes name it. Its module `settings` holds the settings class
of each role that the system can play: `SOURCE`, a `SourceSettings`, and `FINANCE`, a `FinanceSettings`. That module
is imported wherever route files are read, so it must import neither Airflow nor the system's hooks.
"""

from __future__ import annotations

import logging
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Literal

from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.routes.settings import FinanceSettings, SourceSettings, SystemSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    Role = Literal["source", "finance"]

GROUP = "invoice_bridge.systems"
ROLES: Mapping[Role, type[SystemSettings]] = {"source": SourceSettings, "finance": FinanceSettings}
"""The sections of a route that are about a system, and what their settings are at least."""

log = logging.getLogger(__name__)


@cache
def packages_by_system() -> Mapping[str, tuple[str, ...]]:
    """Every system, and its package; where several packages offer one, all of them."""
    found: dict[str, tuple[str, ...]] = {}
    # A dict, since the same package may be declared twice: beside its folder, and by pip.
    for package in dict.fromkeys(point.value for point in entry_points(group=GROUP)):
        for system in _folders(package):
            found[system] = (*found.get(system, ()), f"{package}.{system}")
    return found


def system_names() -> tuple[str, ...]:
    """All systems, in alphabetical order, whatever their roles; none is imported for it."""
    return tuple(sorted(packages_by_system()))


def systems_playing(role: Role) -> dict[str, type[SystemSettings]]:
    """All systems that can play the role, with their settings, in alphabetical order.

    A system whose settings cannot be used is left out; a route that names it is told why.
    """
    found = {}
    for system in system_names():
        try:
            settings = settings_class(system, role)
        except ConfigurationError:
            continue
        if settings is not None:
            found[system] = settings
    return found


def package_of(system: str) -> str:
    """The package of one system, such as `acme_bridge.systems.acme`.

    :raises ConfigurationError: no such system is installed, or two packages offer it.
    """
    packages = packages_by_system().get(system, ())
    if not packages:
        raise ConfigurationError(f"system {system} is not installed; there are {', '.join(system_names()) or 'none'}")
    if len(packages) > 1:
        raise ConfigurationError(f"system {system} is offered by {' and '.join(packages)}: uninstall all but one")
    return packages[0]


@cache
def settings_class(system: str, role: Role) -> type[SystemSettings] | None:
    """The class of the system's settings in a role; `None` when the system does not play it.

    :raises ConfigurationError: as of `package_of`; or the system's settings cannot be imported, or are of another kind.
    """
    module = f"{package_of(system)}.settings"
    try:
        found: object = getattr(import_module(module), role.upper(), None)
    except ImportError as error:
        raise ConfigurationError(f"module {module} of system {system} cannot be imported: {error}") from error
    if found is None:
        return None
    if not (isinstance(found, type) and issubclass(found, ROLES[role]) and _is_named(found, system)):
        raise ConfigurationError(
            f"{module}.{role.upper()} must be a {ROLES[role].__name__} with {system!r} as the default of its key system"
        )
    return found


def _is_named(settings: type[SystemSettings], system: str) -> bool:
    return bool(settings.model_fields["system"].default == system)


def _folders(package: str) -> list[str]:
    try:
        path: list[str] = getattr(import_module(package), "__path__", [])
    except ImportError as error:
        log.warning("No systems are taken from %s, which cannot be imported: %s", package, error)
        return []
    return [module.name for module in iter_modules(path) if module.ispkg]
