"""The last step of a payment run: one table of what is paid, told and left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoice_bridge.ledger_access import open_ledger
from invoice_bridge.operators.alarms import counted, fail_for, first_of
from invoice_bridge.operators.ends import KnownEnd
from invoice_bridge.operators.links import RouteOperator
from invoice_bridge.operators.pauses import paused_documents, refusal_alarms
from invoice_bridge.operators.payments.poll import payments_left
from invoice_bridge.operators.session import run_key
from invoice_bridge_core.connections.guard import refusals
from invoice_bridge_core.payments.unfinished import unfinished_payments
from invoice_bridge_core.reports.payments import news_for_people, payments_text, untold

if TYPE_CHECKING:
    from airflow.sdk import Context

    from invoice_bridge_core.ledger import Ledger
    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.routes.model import Route


class PaymentSummaryOperator(RouteOperator):
    """Print what is paid and what was told, and fail the run when a source could not be told.

    What somebody has to look at is listed in the first run that finds it, and counted in later ones.

    :param route: the route to work for.
    :param poll_task_id: the task that chose the documents.
    :param documents_task_id: the mapped task.
    """

    def __init__(self, *, route: Route, poll_task_id: str, documents_task_id: str, **kwargs: Any) -> None:
        super().__init__(route=route, **kwargs)
        self.poll_task_id = poll_task_id
        self.documents_task_id = documents_task_id

    def execute(self, context: Context) -> None:
        """Read the ledger, print, note what people were told, fail when a task of this run did not end well."""
        chosen = context["ti"].xcom_pull(task_ids=self.poll_task_id)
        if chosen is None:
            raise KnownEnd(f"Finance could not be asked about payments; the log of task {self.poll_task_id} says why")
        paused = paused_documents(context, [self.documents_task_id])
        left = payments_left(context, self.poll_task_id, paused)
        ledger = open_ledger()
        try:
            entries = unfinished_payments(ledger, self.route, told_since=context["dag_run"].start_date)
            self._print(ledger, entries, left)
            refused = refusals(ledger, (self.route.source.conn_id, self.route.finance.conn_id))
        finally:
            ledger.close()
        wanted = {entry["source_id"] for entry in chosen} - paused.keys()
        # What a source is known to refuse is listed for a person, and tried again a day later.
        failed = [entry for entry in untold(entries, self.route, wanted) if entry.reason is None]
        alarms = [*refusal_alarms(refused, run_key(context)), *untold_alarms(failed)]
        self.point_to_desk(context)
        fail_for(alarms)

    def _print(self, ledger: Ledger, entries: list[PaymentStatusRow], left: list[str]) -> None:
        news = news_for_people(entries, self.route)
        for line in payments_text(self.route, entries, news, left).splitlines():
            self.log.info("%s", line)
        ledger.payments.announced(news)


def untold_alarms(failed: list[PaymentStatusRow]) -> list[str]:
    """What a run has to fail for when sources were not told."""
    if not failed:
        return []
    named = first_of([entry.row.label for entry in failed])
    return [f"{counted(len(failed), 'payment')} could not be reported: {named}"]
