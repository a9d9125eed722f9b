"""The systems that the sandbox plays. A new one is a class here and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.sandbox.qondor.system import Qondor
from include.sandbox.xero.system import Xero

if TYPE_CHECKING:
    from include.sandbox.system import System

SYSTEMS: tuple[type[System], ...] = (Qondor, Xero)
