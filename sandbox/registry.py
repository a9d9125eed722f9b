"""The systems that the sandbox plays. A new one is a class here and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.ixpole.system import Ixpole
from sandbox.qondor.system import Qondor
from sandbox.quiddly.system import Quiddly
from sandbox.xero.system import Xero

if TYPE_CHECKING:
    from sandbox.system import System

SYSTEMS: tuple[type[System], ...] = (Qondor, Ixpole, Xero, Quiddly)
