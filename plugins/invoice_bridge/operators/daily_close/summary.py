"""The last step of a daily close: what was moved, what was told, and whether the three sides agree."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from airflow.sdk.exceptions import AirflowFailException

from invoice_bridge.ledger_access import open_ledger
from invoice_bridge.operators.alarms import counted, first_of
from invoice_bridge.operators.daily_close.days import days_of
from invoice_bridge.operators.daily_close.reconcile import NEWS_KEY
from invoice_bridge.operators.pauses import paused_documents
from invoice_bridge.operators.payments.poll import payments_left
from invoice_bridge.operators.transfer.summary import TransferSummaryOperator
from invoice_bridge_core.payments.poll import unfinished_payments
from invoice_bridge_core.reports.payments import untold
from invoice_bridge_core.reports.reports_folder import RouteReports

if TYPE_CHECKING:
    from collections.abc import Set

    from airflow.sdk import Context

LOOKS_BACK = 31
"""How many days before its own a scheduled run looks for days that no run has closed."""


class DailySummaryOperator(TransferSummaryOperator):
    """Print all three parts, and fail the run for what somebody has to look at, once.

    A contradiction between the three sides fails the run that is the first to report it. A later run of the same days
    shows it in its report and ends well, so that a backfill can be repeated over old differences.

    :param credit_notes_task_id: the task that chose the credit notes.
    :param poll_task_id: the task that chose the payments.
    :param payments_task_id: the mapped task that told them.
    :param reconcile_task_id: the task that compared the three sides.
    """

    def __init__(
        self,
        *,
        credit_notes_task_id: str,
        poll_task_id: str,
        payments_task_id: str,
        reconcile_task_id: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.credit_notes_task_id = credit_notes_task_id
        self.poll_task_id = poll_task_id
        self.payments_task_id = payments_task_id
        self.reconcile_task_id = reconcile_task_id

    def execute(self, context: Context) -> None:
        """Read what became of everything, print it, fail when somebody has to act."""
        alarms = [*self._transfers(context), *self._payments(context), *self._reconciliation(context)]
        if alarms:
            raise AirflowFailException("; ".join(alarms))

    def _entries(self, context: Context) -> list[dict[str, str]]:
        """As the queue chose them, with the credit notes that their invoices brought along."""
        added = context["ti"].xcom_pull(task_ids=self.credit_notes_task_id) or []
        entries = [*super()._entries(context), *added]
        return list({entry["source_id"]: entry for entry in entries}.values())

    def _payments(self, context: Context) -> list[str]:
        chosen = context["ti"].xcom_pull(task_ids=self.poll_task_id)
        if chosen is None:
            if self._has_ended(context, self.poll_task_id, "skipped"):
                return []
            return [f"Payments could not be looked at; the log of task {self.poll_task_id} says why"]
        paused = paused_documents(context, [self.payments_task_id])
        for line in payments_left(context, self.poll_task_id, paused):
            self.log.info("Payments left: %s", line)
        failed = self._untold({entry["source_id"] for entry in chosen} - paused.keys())
        told = counted(len(chosen), "payment")
        self.log.info("%s of these days, %d of them could not be reported", told, len(failed))
        return [f"{counted(len(failed), 'payment')} could not be reported: {first_of(failed)}"] if failed else []

    def _untold(self, source_ids: Set[str]) -> list[str]:
        ledger = open_ledger()
        try:
            entries = unfinished_payments(ledger, self.route)
        finally:
            ledger.close()
        return [
            f"{entry.row.label}: {entry.reason or 'the log of its task says why'}"
            for entry in untold(entries, self.route, source_ids)
        ]

    def _reconciliation(self, context: Context) -> list[str]:
        news = context["ti"].xcom_pull(task_ids=self.reconcile_task_id, key=NEWS_KEY)
        if news is None:
            if self._has_ended(context, self.reconcile_task_id, "skipped"):
                return []
            return [f"The three sides could not be compared; the log of task {self.reconcile_task_id} says why"]
        self._mention_days_left_out(context)
        if not news:
            self.log.info("The reconciliation found nothing that an earlier one of these days has not shown")
            return []
        for line in news:
            self.log.info("Found by the reconciliation: %s", line)
        return [f"The reconciliation found what nobody has looked at: {first_of(news)}"]

    def _mention_days_left_out(self, context: Context) -> None:
        """Name the days before this run's that have no report, as after a pause; the schedule does not come back."""
        since = days_of(context, self.route).since
        if since is None or context["dag_run"].run_type != "scheduled":
            return
        days = RouteReports(self.route.route).days_without(since, at_most=LOOKS_BACK)
        if days:
            command = self._backfill(context["ti"].dag_id, days[0], since)
            if len(days) == 1:
                self.log.info("1 day before has no report, %s: %s", days[0], command)
            else:
                self.log.info("%d days before have no report, from %s to %s: %s", len(days), days[0], days[-1], command)

    def _backfill(self, dag_id: str, since: dt.date, until: dt.date) -> str:
        """The command that closes these days, wherever Airflow and the route are."""
        zone = ZoneInfo(self.route.schedule.timezone)
        first, after = (
            dt.datetime.combine(day, dt.time(), zone).isoformat(timespec="minutes") for day in (since, until)
        )
        return f"airflow backfill create --dag-id {dag_id} --from-date {first} --to-date {after}"

    def _has_ended(self, context: Context, task_id: str, state: str) -> bool:
        ti = context["ti"]
        states = ti.get_task_states(dag_id=ti.dag_id, task_ids=[task_id], run_ids=[ti.run_id])
        return bool(states.get(ti.run_id, {}).get(task_id) == state)
