"""The systems that the sandbox plays: each folder here that has a `system.py` with a class `SYSTEM`."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import TYPE_CHECKING

import sandbox

if TYPE_CHECKING:
    from sandbox.system import System


@cache
def systems() -> tuple[type[System], ...]:
    """Their classes, by name. A new system is a new folder, and nothing else."""
    folders = sorted(module.name for module in iter_modules(sandbox.__path__, "sandbox.") if module.ispkg)
    return tuple(import_module(f"{name}.system").SYSTEM for name in folders if find_spec(f"{name}.system") is not None)
