"""The look at finance: whose payments are news for the source."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowFailException

from invoice_bridge.operators.alarms import counted
from invoice_bridge.operators.session import route_session, run_key
from invoice_bridge_core.errors import BridgeError, LedgerError, TransientError
from invoice_bridge_core.payments.poll import PaymentPoll

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.sdk import Context

    from invoice_bridge_core.connections.guard import Pause
    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.routes.model import Route


PAYMENTS_LEFT_KEY = "payments_left"
"""Under which it says what was left for another run."""


class PollPaymentsOperator(BaseOperator):
    """Ask finance what became of payments, keep it in the ledger, and list the documents whose source has to hear.

    :param route: the route to work for.
    :param unless_within: a look of the route that is not older than this is good enough.
    """

    def __init__(self, *, route: Route, unless_within: dt.timedelta | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.route = route
        self.unless_within = unless_within

    def execute(self, context: Context) -> list[dict[str, str]]:
        """Look, then choose; entries hold the source id and the task's name, nothing else."""
        left: list[str] = []
        try:
            chosen = self._choose(context, left)
        except (TransientError, LedgerError):
            raise
        except BridgeError as error:
            raise AirflowFailException(str(error)) from error
        limit = min(self.route.limits.documents_per_run, conf.getint("core", "max_map_length", fallback=1024))
        if len(chosen) > limit:
            over = len(chosen) - limit
            wait = "waits" if over == 1 else "wait"
            left.append(f"{counted(over, 'payment')} {wait} for the next run: documents_per_run reached")
        for reason in left:
            self.log.info("%s", reason)
        context["ti"].xcom_push(PAYMENTS_LEFT_KEY, left)
        self.log.info("%s to report", counted(len(chosen[:limit]), "payment"))
        return [{"source_id": entry.row.ref.source_id, "label": entry.row.label} for entry in chosen[:limit]]

    def _choose(self, context: Context, left: list[str]) -> list[PaymentStatusRow]:
        """Look, and choose the documents of this run.

        :param left: takes why something was not done.
        """
        now = dt.datetime.now(dt.UTC)
        key = run_key(context)
        with route_session(self.route, key, context["dag_run"].start_date) as session:
            poll = PaymentPoll(session, actor=key)
            if (reason := self._poll(context, poll, now)) is not None:
                left.append(reason)
            return self._of_run(context, poll.to_tell(now))

    def _poll(self, context: Context, poll: PaymentPoll, now: dt.datetime) -> str | None:
        return poll.poll(now, unless_within=self.unless_within)

    def _of_run(self, context: Context, entries: list[PaymentStatusRow]) -> list[PaymentStatusRow]:
        """Those of the documents that this run is about."""
        return entries


def payments_left(context: Context, poll_task_id: str, paused: Mapping[str, Pause]) -> list[str]:
    """What a run leaves for another one, and why: what its look says, and the documents whose connection was shut."""
    said = context["ti"].xcom_pull(task_ids=poll_task_id, key=PAYMENTS_LEFT_KEY) or []
    waiting = Counter(pause.of_many for pause in paused.values())
    return [*said, *(f"{count} {text}" for text, count in waiting.items())]
