"""The systems that the sandbox plays. A new one is a class here and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.sandbox.ixpole.system import Ixpole
from include.sandbox.qondor.system import Qondor
from include.sandbox.quiddly.system import Quiddly
from include.sandbox.xero.system import Xero

if TYPE_CHECKING:
    from include.sandbox.system import System

SYSTEMS: tuple[type[System], ...] = (Qondor, Ixpole, Xero, Quiddly)
