"""The queue step: which waiting documents become tasks of this run."""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowFailException

from invoice_bridge.operators.alarms import counted
from invoice_bridge.operators.session import route_session, run_key
from invoice_bridge_core.documents.window import Window
from invoice_bridge_core.errors import BridgeError, ConfigurationError, LedgerError, TransientError
from invoice_bridge_core.transfer.queue import REFERENCE_AGE, Queue

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from airflow.sdk import Context

    from invoice_bridge_core.documents.facts import DocumentFacts
    from invoice_bridge_core.routes.model import Route
    from invoice_bridge_core.transfer.queue import Selection
    from invoice_bridge_core.transfer.route_session import RouteSession

CREDIT_NOTES_KEY = "credit_notes"
LEFT_KEY = "left"


class WaitingDocumentsOperator(BaseOperator):
    """List what waits in the source and choose the documents of this run.

    Returns the invoices and card payments; the credit notes that follow them are pushed as `credit_notes`, and how
    many documents were left, and why, as `left`. Entries hold the source id and the task's name, nothing else.

    :param route: the route to work for.
    """

    def __init__(self, *, route: Route, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.route = route

    def execute(self, context: Context) -> list[dict[str, str]]:
        """Select, and say in the log what was left and why."""
        try:
            selection = self._select(context)
        except (TransientError, LedgerError):
            raise
        except BridgeError as error:
            raise AirflowFailException(str(error)) from error
        ti = context["ti"]
        ti.xcom_push(CREDIT_NOTES_KEY, _entries(selection.credit_notes))
        ti.xcom_push(LEFT_KEY, dict(selection.left))
        invoices = counted(len(selection.invoices), "invoice")
        self.log.info("%s and %s to move", invoices, counted(len(selection.credit_notes), "credit note"))
        for reason, count in sorted(selection.left.items()):
            self.log.info("%d left: %s", count, reason)
        return _entries(selection.invoices)

    def _select(self, context: Context) -> Selection:
        params = context["params"]
        by_hand = is_by_hand(context)
        key = run_key(context)
        with route_session(self.route, key, context["dag_run"].start_date) as session, self._turn(session):
            queue = Queue(session, key, dry_run=bool(params.get("dry_run")))
            return queue.select(
                self._window(context),
                only=[str(name).strip() for name in params.get("documents") or [] if str(name).strip()],
                limit=min(self.route.limits.documents_per_run, conf.getint("core", "max_map_length", fallback=1024)),
                reference_age=dt.timedelta(0) if by_hand else REFERENCE_AGE,
            )

    def _window(self, context: Context) -> Window:
        """The dates of the documents that the run may take."""
        return window_of(context, self.route)

    def _turn(self, session: RouteSession) -> AbstractContextManager[None]:
        """What the run holds while it chooses; nothing where only one run of the DAG is active."""
        return nullcontext()


class WaitingCreditNotesOperator(BaseOperator):
    """Return the queue's second list, since Airflow maps over returned values only.

    :param entries: the credit notes that the queue chose. (templated, but never rendered: they come from the network,
        and another task's value is taken as it is)
    """

    template_fields = ("entries",)

    def __init__(self, *, entries: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.entries = entries

    def execute(self, context: Context) -> list[dict[str, str]]:
        """Pass the list on."""
        entries: list[dict[str, str]] = self.entries
        return entries


def is_by_hand(context: Context) -> bool:
    """Whether a person started the run."""
    # Equal to its word, and not the same text: the task SDK's types of runs are printed as `DagRunType.MANUAL`.
    return bool(context["dag_run"].run_type == "manual")


def window_of(context: Context, route: Route) -> Window:
    """The dates a run is about: its params, else a backfill's data interval, else every date.

    :raises ConfigurationError: dates that cannot be read, the wrong way round, or an empty interval.
    """
    params = context["params"]
    if params.get("since") or params.get("until"):
        return Window.parse(params.get("since"), params.get("until"))
    if context["dag_run"].run_type != "backfill":
        return Window()
    start, end = context.get("data_interval_start"), context.get("data_interval_end")
    if start is None or end is None or end <= start:
        raise ConfigurationError("This backfill run has no data interval; give since and until instead")
    return Window.of_interval(start, end, route.schedule.timezone)


def _entries(documents: list[DocumentFacts]) -> list[dict[str, str]]:
    return [{"source_id": facts.ref.source_id, "label": facts.label} for facts in documents]
