"""Booking many documents in a call, before their own tasks come to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from invoice_bridge.operators.alarms import counted
from invoice_bridge.operators.failures import failing_for_good
from invoice_bridge.operators.session import route_session, run_key
from invoice_bridge.operators.transfer.queue import CREDIT_NOTES_KEY
from invoice_bridge_core.documents import DocumentRef
from invoice_bridge_core.errors import TransientError
from invoice_bridge_core.transfer.ahead.member import Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context

    from invoice_bridge_core.routes.model import Route


class BookAheadOperator(BaseOperator):
    """Book the documents that the queue chose, as far as batches can; their own tasks do the rest.

    It is never in the way: whatever becomes of this task, every document's own task can do all of it alone.

    :param route: the route to work for.
    :param queue_task_id: the task that chose the documents.
    :param invoices_task_id: the mapped tasks of its first list.
    :param credit_notes_task_id: the mapped tasks of its second one.
    """

    def __init__(
        self, *, route: Route, queue_task_id: str, invoices_task_id: str, credit_notes_task_id: str, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.route = route
        self.queue_task_id = queue_task_id
        self.invoices_task_id = invoices_task_id
        self.credit_notes_task_id = credit_notes_task_id

    def execute(self, context: Context) -> None:
        """Book, and say in the log how many."""
        if context["params"].get("dry_run"):
            self.log.info("A dry run books nothing ahead")
            return
        ti = context["ti"]
        invoices = self._wanted(context, self.invoices_task_id, ti.xcom_pull(task_ids=self.queue_task_id))
        credit_notes = self._wanted(
            context, self.credit_notes_task_id, ti.xcom_pull(task_ids=self.queue_task_id, key=CREDIT_NOTES_KEY)
        )
        if max(len(invoices), len(credit_notes)) < 2:
            self.log.info("There are no two documents to book in one call")
            return
        with failing_for_good():
            try:
                self._book(context, invoices, credit_notes)
            except TransientError as error:
                # The documents' own tasks meet the same trouble, and are tried again.
                self.log.warning("The documents are booked one by one: %s", error)

    def _book(self, context: Context, invoices: Sequence[Wanted], credit_notes: Sequence[Wanted]) -> None:
        # Most runs have nothing to book, and need not import it.
        from invoice_bridge_core.transfer.ahead.book_ahead import BookAhead

        ti, key = context["ti"], run_key(context)
        with route_session(self.route, key, context["dag_run"].start_date) as session:
            actor = f"{ti.dag_id}/{ti.run_id}/{ti.task_id}"
            summary = BookAhead(session, key, actor=actor).book(invoices, credit_notes)
        self.log.info(
            "%s booked in %s; %d left to their own tasks",
            counted(summary.booked, "document"),
            "1 call" if summary.batches == 1 else f"{summary.batches} calls",
            summary.left,
        )
        if summary.stopped is not None:
            self.log.warning("It stopped early: %s", summary.stopped)

    def _wanted(self, context: Context, task_id: str, entries: Sequence[dict[str, str]] | None) -> list[Wanted]:
        """The documents of one list, each with the task that it belongs to."""
        ti, source = context["ti"], self.route.source
        return [
            Wanted(
                DocumentRef(system=source.system, conn_id=source.conn_id, source_id=entry["source_id"]),
                f"{ti.dag_id}/{ti.run_id}/{task_id}/{place}",
            )
            for place, entry in enumerate(entries or [])
        ]
