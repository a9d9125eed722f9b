"""Runs the routes' main job, `invoice_transfer__<route>`, and watches it."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from local.errors import LocalError
from local.rest_api import FINAL_RUN_STATES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from local.airflow import LocalAirflow
    from local.progress import Progress

PREFIX = "invoice_transfer__"
RUN_SECONDS = 900.0
# Listing every task costs the API server, which the tasks need too.
LOOK_SECONDS = 3.0
_ENDED = frozenset({"success", "failed", "skipped", "upstream_failed", "removed"})


def transfer_dags(airflow: LocalAirflow) -> list[str]:
    """The transfer DAGs of the enabled routes; a route file with a mistake ends it with that mistake."""
    dag_ids = airflow.wait_for_dags(PREFIX)
    errors = airflow.import_errors()
    if errors:
        told = "\n".join(f"{file}: {_last_lines(trace)}" for file, trace in sorted(errors.items()))
        raise LocalError(f"Airflow cannot import these files, mend them and start again:\n{told}")
    if not dag_ids:
        raise LocalError("There is no enabled route: enable one in include/routes or in INVOICE_BRIDGE_ROUTES_DIR.")
    return dag_ids


def route_of(dag_id: str) -> str:
    """The route that a DAG belongs to."""
    return dag_id.partition("__")[2]


def run_all(
    airflow: LocalAirflow,
    dag_ids: Sequence[str],
    progress: Progress,
    given: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, str]:
    """Run each DAG once, side by side; the final state by DAG.

    :param given: what is filled into the form of a run, by DAG.
    """
    runs = {dag_id: airflow.trigger(dag_id, (given or {}).get(dag_id)) for dag_id in dag_ids}
    for dag_id in dag_ids:
        airflow.unpause(dag_id)
    started = next_look = time.monotonic()
    states: dict[str, str] = {}
    while len(states) < len(runs):
        airflow.check()
        waited = time.monotonic() - started
        if waited > RUN_SECONDS:
            open_runs = ", ".join(sorted(set(runs) - set(states)))
            raise LocalError(
                f"These did not end within {RUN_SECONDS:.0f} s: {open_runs} (logs: {airflow.home / 'logs'})"
            )
        time.sleep(1)
        for dag_id in sorted(set(runs) - set(states)):
            state = airflow.api.run_state(dag_id, runs[dag_id])
            if state in FINAL_RUN_STATES:
                states[dag_id] = state
        if time.monotonic() >= next_look:
            progress.update(f"{_progress(airflow, runs, states)}, {waited:.0f} s")
            next_look = time.monotonic() + LOOK_SECONDS
    return states


def queue_troubles(airflow: LocalAirflow, dag_ids: Sequence[str]) -> list[str]:
    """Of each DAG whose newest run could not even read its queue: what its log says."""
    troubles = []
    for dag_id in dag_ids:
        run_id = airflow.api.newest_run(dag_id)
        queue = airflow.task_instances(dag_id, run_id, "queue")[0] if run_id else None
        if queue is not None and queue.state not in ("success", None):
            log = airflow.task_log(dag_id, run_id or "", "queue", try_number=max(queue.try_number, 1))
            troubles.append(f"{route_of(dag_id)}: {said_last(log) or 'see the log of its task queue'}")
    return troubles


def said_last(log: str) -> str:
    """What a task's log says went wrong: the last sentence of an error, or the error that nobody foresaw."""
    unforeseen = re.findall(r"""['"]exc_value['"]: (?:'|")(.+?)(?:'|"), 'exc_notes'""", log)
    known = re.findall(r"(?m)^\S+ error (.+?)(?= (?:filename|lineno|loc)=|$)", log)
    return str((unforeseen or known[-1:] or [""])[0])


def _progress(airflow: LocalAirflow, runs: dict[str, str], states: dict[str, str]) -> str:
    parts = []
    for dag_id, run_id in runs.items():
        # The schedule's own run may go first and do the work of ours.
        at_work = (airflow.api.running_runs(dag_id) or [run_id])[0]
        mapped = [one for one in airflow.task_instances(dag_id, at_work) if one.map_index >= 0]
        done = sum(one.state in _ENDED for one in mapped)
        ended = " done" if dag_id in states else ""
        parts.append(f"{route_of(dag_id)} {done}/{len(mapped)}{ended}")
    return " · ".join(parts)


def _last_lines(trace: str) -> str:
    """What a stack trace ends with: the message, without the frames that lead to it."""
    lines = [line.strip(" |+-") for line in trace.strip().splitlines()]
    telling = [line for line in lines if line and not line.startswith(("File ", "Traceback", "^", "~"))]
    return "\n  ".join(telling[-6:])
