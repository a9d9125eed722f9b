"""One run of a DAG, its operators executed one after the other without a scheduler."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from airflow.sdk.api.datamodels._generated import DagRunType
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from invoice_bridge.operators.daily_close.reconcile import NEWS_KEY
from invoice_bridge.operators.daily_close.summary import DailySummaryOperator
from invoice_bridge.operators.payments.poll import PollPaymentsOperator
from invoice_bridge.operators.payments.report_paid import ReportPaidOperator
from invoice_bridge.operators.payments.summary import PaymentSummaryOperator
from invoice_bridge.operators.transfer.book_ahead import BookAheadOperator
from invoice_bridge.operators.transfer.document import TransferDocumentOperator
from invoice_bridge.operators.transfer.queue import CREDIT_NOTES_KEY, LEFT_KEY, WaitingDocumentsOperator
from invoice_bridge.operators.transfer.summary import TransferSummaryOperator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow.sdk import BaseOperator

    from invoice_bridge.operators.document import DocumentOperator
    from invoice_bridge_core.routes.model import Route

RETURNED = "return_value"
DOCUMENT_TASKS = ("invoices", "credit_notes")


@dataclass
class Run:
    """What Airflow knows of one run: the values that tasks left, and how their names read afterwards."""

    route: Route
    number: int = 1
    run_type: DagRunType = DagRunType.SCHEDULED
    params: dict[str, Any] = field(default_factory=dict)
    interval: tuple[dt.datetime | None, dt.datetime | None] = (None, None)
    values: dict[tuple[str, str], list[Any]] = field(default_factory=dict)
    tasks: dict[str, DocumentOperator] = field(default_factory=dict)
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
            dag_id=ti.dag_id,
            run_id=ti.run_id,
            run_type=self.run_type,
            run_after=self.started,
            clear_number=0,
            start_date=self.started,
        )
        start, end = self.interval
        return {
            "ti": ti,
            "dag_run": dag_run,
            "params": self.params,
            "data_interval_start": start,
            "data_interval_end": end,
        }

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

    def book_ahead(self) -> None:
        """Execute the task that books many documents in one call."""
        task = BookAheadOperator(
            task_id="book_ahead",
            route=self.route,
            queue_task_id="queue",
            invoices_task_id="invoices",
            credit_notes_task_id="credit_notes",
        )
        task.execute(self.context("book_ahead"))

    def move(self, entry: dict[str, str], map_index: int = 0) -> str:
        """Execute one document's task; its state."""
        task = TransferDocumentOperator(task_id="invoices", route=self.route, document=entry)
        return self._carry(task, map_index)

    def summary(self) -> str | None:
        """Execute the summary, keeping what it says; what it fails with, if it fails."""
        return self._sum_up(
            TransferSummaryOperator(
                task_id="summary", route=self.route, queue_task_id="queue", document_task_ids=DOCUMENT_TASKS
            )
        )

    def poll(self) -> list[dict[str, str]]:
        """Execute the poll of payments; those to be told."""
        chosen = PollPaymentsOperator(task_id="poll", route=self.route).execute(self.context("poll"))
        self.values["poll", RETURNED] = [chosen]
        return chosen

    def tell(self, entry: dict[str, str], map_index: int = 0) -> str:
        """Execute one payment's task; its state."""
        return self._carry(ReportPaidOperator(task_id="payments", route=self.route, document=entry), map_index)

    def payment_summary(self) -> str | None:
        """Execute the summary of a payment run; what it fails with, if it fails."""
        return self._sum_up(
            PaymentSummaryOperator(
                task_id="summary",
                route=self.route,
                poll_task_id="poll",
                documents_task_id="payments",
            )
        )

    def daily_summary(self) -> str | None:
        """Execute the summary of a daily close, whose other steps found nothing; what it fails with, if it fails."""
        self.values.setdefault(("queue", LEFT_KEY), [{}])
        self.values["reconcile", NEWS_KEY] = [[]]
        return self._sum_up(
            DailySummaryOperator(
                task_id="summary",
                route=self.route,
                queue_task_id="queue",
                document_task_ids=DOCUMENT_TASKS,
                credit_notes_task_id="waiting_credit_notes",
                poll_task_id="poll",
                payments_task_id="payments",
                reconcile_task_id="reconcile",
            )
        )

    def _carry(self, task: DocumentOperator, map_index: int) -> str:
        self.tasks[task.document["source_id"]] = task
        try:
            value = task.execute(self.context(task.task_id, map_index))
        except AirflowSkipException:
            return "skipped"
        except AirflowFailException:
            return "failed"
        if value is not None:
            self.values.setdefault((task.task_id, RETURNED), []).append(value)
        return "success"

    def _sum_up(self, task: BaseOperator) -> str | None:
        def keep(text: str, *values: object) -> None:
            self.logged.append(text % values)

        with patch.object(task.log, "info", side_effect=keep):
            try:
                task.execute(self.context(task.task_id))
            except AirflowFailException as error:
                return str(error)
        return None
