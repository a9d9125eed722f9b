"""One run of a transfer DAG, its operators executed one after the other without a scheduler."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from invoice_bridge.operators.queue import CREDIT_NOTES_KEY, WaitingDocumentsOperator
from invoice_bridge.operators.summary import TransferSummaryOperator
from invoice_bridge.operators.transfer import TransferDocumentOperator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from include.routes.model import Route

RETURNED = "return_value"


@dataclass
class Run:
    """What Airflow knows of one run: the values that tasks left, and how their names read afterwards."""

    route: Route
    number: int = 1
    params: dict[str, Any] = field(default_factory=dict)
    values: dict[tuple[str, str], list[Any]] = field(default_factory=dict)
    tasks: dict[str, TransferDocumentOperator] = field(default_factory=dict)
    logged: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.started = dt.datetime.now(dt.UTC)

    def context(self, task_id: str, map_index: int = -1) -> Any:
        ti = SimpleNamespace(
            dag_id="invoice_transfer__test",
            run_id=f"run_{self.number}",
            task_id=task_id,
            map_index=map_index,
            xcom_push=lambda key, value: self.values.setdefault((task_id, key), []).append(value),
            xcom_pull=self.pull,
        )
        dag_run = SimpleNamespace(
            dag_id=ti.dag_id, run_id=ti.run_id, run_type="scheduled", clear_number=0, start_date=self.started
        )
        return {"ti": ti, "dag_run": dag_run, "params": self.params}

    def pull(self, task_ids: str | Iterable[str], key: str = RETURNED) -> Any:
        if isinstance(task_ids, str):
            return next(iter(self.values.get((task_ids, key), [])), None)
        return [value for task_id in task_ids for value in self.values.get((task_id, key)) or [None]]

    def queue(self) -> list[dict[str, str]]:
        """Execute the queue step; all of its documents."""
        task = WaitingDocumentsOperator(task_id="queue", route=self.route)
        invoices = task.execute(self.context("queue"))
        self.values["queue", RETURNED] = [invoices]
        return [*invoices, *self.pull("queue", CREDIT_NOTES_KEY)]

    def move(self, entry: dict[str, str], map_index: int = 0) -> str:
        """Execute one document's task; its state."""
        task = TransferDocumentOperator(task_id="invoices", route=self.route, document=entry)
        self.tasks[entry["source_id"]] = task
        try:
            task.execute(self.context("invoices", map_index))
        except AirflowSkipException:
            return "skipped"
        except AirflowFailException:
            return "failed"
        return "success"

    def summary(self) -> str | None:
        """Execute the summary, keeping what it says; what it fails with, if it fails."""
        task = TransferSummaryOperator(
            task_id="summary", route=self.route, queue_task_id="queue", document_task_ids=["invoices", "credit_notes"]
        )
        with patch.object(task.log, "info", side_effect=lambda _, line: self.logged.append(line)):
            try:
                task.execute(self.context("summary"))
            except AirflowFailException as error:
                return str(error)
        return None
