"""The steps of the daily close: as those of the other two DAGs, but of certain days only, and side by side."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from invoice_bridge.ledger_access import open_ledger
from invoice_bridge.operators.failures import failing_for_good
from invoice_bridge.operators.payments.poll import hand_on_payments, poll_payments
from invoice_bridge.operators.run_dates import dates_by_hand, is_by_hand
from invoice_bridge.operators.transfer.queue import CREDIT_NOTES_KEY, choose_documents, hand_on_documents
from invoice_bridge_core.documents.window import Window
from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.transfer.followers import held_followers
from invoice_bridge_core.transfer.queue import Selection

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from airflow.sdk import Context

    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.routes.model import Route
    from invoice_bridge_core.transfer.route_session import RouteSession

TURN_SECONDS = 600
"""How long a run waits until another one has listed the queue, which may have a thousand documents to read."""

NO_DAY = "no day ended in this run's data interval"


def days_of(context: Context, route: Route) -> Window:
    """The days that a run closes: its params; else yesterday if a person started it; else its data interval's.

    :raises ConfigurationError: dates that cannot be read, only one of the two, or dates given to a backfill; an
        interval without any length.
    """
    since, until = dates_by_hand(context)
    if since and until:
        return Window.parse(since, until)
    if since or until:
        raise ConfigurationError("A daily close needs both since and until, or neither")
    start, end = context.get("data_interval_start"), context.get("data_interval_end")
    # Airflow's form fills in a logical date, and with it the last interval of the schedule, which is over for longer.
    if is_by_hand(context) or start is None or end is None:
        moment = context["dag_run"].run_after or dt.datetime.now(dt.UTC)
        return Window.day_before(moment, route.schedule.timezone)
    if end <= start:
        raise ConfigurationError("The data interval of this run is empty; start one by hand with since and until")
    return Window.closed_by(start, end, route.schedule.timezone)


class DayDocumentsOperator(BaseOperator):
    """Choose the waiting documents that are dated in the days of the run.

    Runs that work side by side list the queue one after another: what the first one has read, the others know.
    It returns and pushes what `WaitingDocumentsOperator` does.

    :param route: the route to work for.
    """

    def __init__(self, *, route: Route, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.route = route

    def execute(self, context: Context) -> list[dict[str, str]]:
        """Select, and say in the log what was left and why."""
        with failing_for_good():
            days = days_of(context, self.route)
            if days.is_empty:
                self.log.info("%s, so nothing is to be moved", NO_DAY)
                selection = Selection()
            else:
                selection = choose_documents(context, self.route, days, turn=_turn_at_the_queue)
        return hand_on_documents(context, selection, self.log)


def _turn_at_the_queue(session: RouteSession) -> AbstractContextManager[None]:
    return session.ledger.locked(f"queue of {session.source.conn_id}", seconds=TURN_SECONDS)


class DayCreditNotesOperator(BaseOperator):
    """The credit notes of the run's days, and those that another run held while this run's invoices were not booked.

    :param route: the route to work for.
    :param queue_task_id: the task that chose the documents; it may have failed, and then there are none.
    """

    def __init__(self, *, route: Route, queue_task_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.route = route
        self.queue_task_id = queue_task_id

    def execute(self, context: Context) -> list[dict[str, str]]:
        """Add to the queue's list what became possible since."""
        ti = context["ti"]
        entries: list[dict[str, str]] = ti.xcom_pull(task_ids=self.queue_task_id, key=CREDIT_NOTES_KEY) or []
        if context["params"].get("dry_run"):
            return entries
        invoices = ti.xcom_pull(task_ids=self.queue_task_id) or []
        ledger = open_ledger()
        try:
            found = held_followers(ledger, self.route, {entry["source_id"] for entry in invoices})
        finally:
            ledger.close()
        known = {entry["source_id"] for entry in entries}
        added = [
            {"source_id": facts.ref.source_id, "label": facts.label}
            for facts in found
            if facts.ref.source_id not in known
        ]
        for entry in added:
            self.log.info("%s was waiting for an invoice of this run", entry["label"])
        return [*entries, *added]


class PollDayPaymentsOperator(BaseOperator):
    """Choose the documents that were paid in full in the days of the run; a dry run asks and tells nobody.

    It returns and pushes what `PollPaymentsOperator` does.

    :param route: the route to work for.
    :param unless_within: a poll of the route that is not older than this is good enough.
    """

    def __init__(self, *, route: Route, unless_within: dt.timedelta | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.route = route
        self.unless_within = unless_within

    def execute(self, context: Context) -> list[dict[str, str]]:
        """Poll, then choose; entries hold the source id and the task's name, nothing else."""
        dry_run = bool(context["params"].get("dry_run"))
        with failing_for_good():
            days = days_of(context, self.route)
            if days.is_empty:
                raise AirflowSkipException(NO_DAY)
            found = poll_payments(context, self.route, unless_within=self.unless_within, asks_finance=not dry_run)
        of_days = [entry for entry in found.to_tell if _is_paid_in(days, entry)]
        if dry_run:
            for entry in of_days:
                self.log.info("%s would be reported as paid", entry.row.label)
            of_days = []
        return hand_on_payments(context, self.route, replace(found, to_tell=of_days), self.log)


def _is_paid_in(days: Window, entry: PaymentStatusRow) -> bool:
    return entry.booking_status is not None and days.contains(entry.booking_status.paid_in_full_on)
