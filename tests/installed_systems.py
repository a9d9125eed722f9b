"""Packages of systems that a test installs for itself."""

from __future__ import annotations

import importlib
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from invoice_bridge_core.routes.systems import packages_by_system, settings_class

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def systems_found_anew(*packages: str) -> Iterator[None]:
    """Within it, systems are looked for again, and after it too.

    :param packages: those that the test brings; they are forgotten afterwards.
    """
    _look_again()
    yield
    _look_again()
    for name in [name for name in sys.modules if any(f"{name}.".startswith(f"{package}.") for package in packages)]:
        del sys.modules[name]


def _look_again() -> None:
    packages_by_system.cache_clear()
    settings_class.cache_clear()
    importlib.invalidate_caches()


def declare(site: Path, distribution: str, package: str) -> None:
    """What pip leaves beside a package that offers systems, and the package itself as far as it is missing."""
    folder = site
    for part in package.split("."):
        folder = folder / part
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").touch()
    told = site / f"{distribution}-0.1.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 0.1\n", encoding="utf-8")
    (told / "entry_points.txt").write_text(f"[invoice_bridge.systems]\nsystems = {package}\n", encoding="utf-8")
