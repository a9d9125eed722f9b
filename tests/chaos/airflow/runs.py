"""Runs of one DAG of every route side by side, watched through an API that goes away now and then."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import requests

from local.errors import LocalError
from local.rest_api import FINAL_RUN_STATES
from tests.chaos.documents import ROUTES

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

    from local.airflow import LocalAirflow
    from local.rest_api import TaskInstance

Answer = TypeVar("Answer")

TRANSFER = "invoice_transfer"
PAYMENTS = "payment_status"
_API_SECONDS = 120.0


@dataclass
class Runs:
    """One run for each route.

    :param states: of those that have ended, by DAG.
    """

    airflow: LocalAirflow
    prefix: str
    run_ids: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)

    @classmethod
    def start(cls, airflow: LocalAirflow, prefix: str, routes: Sequence[str] = ROUTES) -> Runs:
        """Trigger them."""
        runs = cls(airflow, prefix)
        for route in routes:
            dag_id = f"{prefix}__{route}"
            runs.run_ids[dag_id] = patiently(lambda dag_id=dag_id: airflow.trigger(dag_id))  # type: ignore[misc]
        return runs

    def over(self) -> bool:
        """Whether all have ended, as far as one request tells."""
        for dag_id, run_id in self.run_ids.items():
            if dag_id in self.states:
                continue
            try:
                state = self.airflow.api.run_state(dag_id, run_id)
            except (LocalError, requests.RequestException):
                return False
            if state in FINAL_RUN_STATES:
                self.states[dag_id] = state
        return len(self.states) == len(self.run_ids)

    def open_tasks(self) -> list[str]:
        """The tasks that keep a run open, for people."""
        return [
            f"{dag_id} {one.task_id}[{one.map_index}] is {one.state}, try {one.try_number}"
            for dag_id, one in self._tasks()
            if one.state not in ("success", "skipped", "failed", "upstream_failed")
        ]

    def queued(self) -> set[Hashable]:
        """The tries of tasks that the executor was given and has not started."""
        return {
            (dag_id, one.task_id, one.map_index, one.try_number)
            for dag_id, one in self._tasks()
            if one.state == "queued"
        }

    def _tasks(self) -> Iterator[tuple[str, TaskInstance]]:
        """Those of the runs that have not ended, each with its DAG."""
        for dag_id in self.run_ids.keys() - self.states.keys():
            tasks = patiently(lambda dag_id=dag_id: self.airflow.task_instances(dag_id, self.run_ids[dag_id]))  # type: ignore[misc]
            for task in tasks:
                yield dag_id, task


def patiently(ask: Callable[[], Answer]) -> Answer:
    """The answer of Airflow's API, however long it takes to come back."""
    deadline = time.monotonic() + _API_SECONDS
    while True:
        try:
            return ask()
        except (LocalError, requests.RequestException):
            if time.monotonic() > deadline:
                raise
            time.sleep(1)
