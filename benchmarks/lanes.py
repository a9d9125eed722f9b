"""The ways a run's documents can take, each with a route and a sandbox of its own, so that all of them begin cold."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from benchmarks.transfer import ROUTE
from invoice_bridge_core.routes.model import Limits

if TYPE_CHECKING:
    from benchmarks.sandbox_process import SandboxProcess
    from sandbox.sandbox import Sandbox

BATCH = 50
COUNTED = "bench_counted"
"""The route whose tasks count what they ask of others, before the clock runs; the others know nothing of its run."""


@dataclass(frozen=True)
class Lane:
    """One way.

    :param name: for the table.
    :param suffix: of the route's name and of its connections' ids.
    :param most: the highest ratio to empty tasks that is good enough, over 200 documents on a quiet machine.
    """

    name: str
    suffix: str
    most: float
    limits: dict[str, int]

    @property
    def dag_id(self) -> str:
        """Of its transfer."""
        return f"invoice_transfer__bench{self.suffix}"

    def route(self, documents: int, parallel: int) -> dict[str, Any]:
        """Its route file.

        :param documents: the most of a run.
        :param parallel: tasks at once.
        """
        return {
            **ROUTE,
            "route": f"bench{self.suffix}",
            "source": {**ROUTE["source"], "conn_id": f"qondor_default{self.suffix}"},
            "finance": {**ROUTE["finance"], "conn_id": f"xero_default{self.suffix}"},
            "limits": {**self.limits, "parallel": parallel, "documents_per_run": documents},
        }

    def connections(self, sandbox: SandboxProcess | Sandbox) -> dict[str, str]:
        """Its connections, as environment variables."""
        return {
            f"AIRFLOW_CONN_{conn_id.upper()}{self.suffix.upper()}": json.dumps(sandbox.connections[conn_id])
            for conn_id in ("qondor_default", "xero_default")
        }


def counted() -> Lane:
    """The single lane, for a few documents."""
    return replace(lanes()[0], name="counted", suffix="_counted")


def lanes() -> list[Lane]:
    """The single lane, and that of batches where this release has it."""
    if "batch" not in Limits.model_fields:
        return [Lane("one by one", "", 1.35, {})]
    return [Lane("one by one", "", 1.35, {"batch": 0}), Lane("booked ahead", "_ahead", 1.25, {"batch": BATCH})]


def of_round(number: int) -> list[Lane]:
    """The same ways with routes and sandboxes that no other round has used."""
    return [replace(lane, suffix=f"{lane.suffix}_{number}") for lane in lanes()]
