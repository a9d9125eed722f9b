"""The poll of finance: which payments the source has to be told of."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.configuration import conf

from invoice_bridge.operators.alarms import counted
from invoice_bridge.operators.failures import failing_for_good
from invoice_bridge.operators.session import route_session, run_key
from invoice_bridge_core.connections.guard import counted_pause
from invoice_bridge_core.payments.poll import PaymentPoll

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow.sdk import Context
    from airflow.sdk.types import Logger

    from invoice_bridge_core.connections.guard import Pause
    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.routes.model import Route


PAYMENTS_LEFT_KEY = "payments_left"
"""Under which it says what was left for another run."""


class PollPaymentsOperator(BaseOperator):
    """Ask finance what became of payments, keep it in the ledger, and list the documents whose source has to be told.

    :param route: the route to work for.
    :param unless_within: a poll of the route that is not older than this is good enough.
    """

    def __init__(self, *, route: Route, unless_within: dt.timedelta | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.route = route
        self.unless_within = unless_within

    def execute(self, context: Context) -> list[dict[str, str]]:
        """Poll, then choose; entries hold the source id and the task's name, nothing else."""
        with failing_for_good():
            found = poll_payments(context, self.route, unless_within=self.unless_within)
        return hand_on_payments(context, self.route, found, self.log)


@dataclass(frozen=True)
class FoundPayments:
    """What a poll found.

    :param to_tell: the documents whose source has to be told something.
    :param left: why something was not done.
    """

    to_tell: Sequence[PaymentStatusRow]
    left: Sequence[str] = ()


def poll_payments(
    context: Context, route: Route, *, unless_within: dt.timedelta | None = None, asks_finance: bool = True
) -> FoundPayments:
    """Ask finance what became of payments and keep it, then choose the documents whose source has to be told.

    :param unless_within: a poll of the route that is not older than this is good enough.
    :param asks_finance: whether finance is asked at all; otherwise what is kept already counts.
    """
    now = dt.datetime.now(dt.UTC)
    key = run_key(context)
    with route_session(route, key, context["dag_run"].start_date) as session:
        poll = PaymentPoll(session, actor=key)
        reason = poll.poll(now, unless_within=unless_within) if asks_finance else None
        return FoundPayments(poll.to_tell(now), () if reason is None else (reason,))


def hand_on_payments(context: Context, route: Route, found: FoundPayments, log: Logger) -> list[dict[str, str]]:
    """Push what was left, and say it in the log; the entries of the documents to be told, as many as a run may have."""
    left = list(found.left)
    limit = min(route.limits.documents_per_run, conf.getint("core", "max_map_length", fallback=1024))
    chosen = found.to_tell[:limit]
    if (over := len(found.to_tell) - limit) > 0:
        wait = "waits" if over == 1 else "wait"
        left.append(f"{counted(over, 'payment')} {wait} for the next run: documents_per_run reached")
    for reason in left:
        log.info("%s", reason)
    context["ti"].xcom_push(PAYMENTS_LEFT_KEY, left)
    log.info("%s to report", counted(len(chosen), "payment"))
    return [{"source_id": entry.row.ref.source_id, "label": entry.row.label} for entry in chosen]


def payments_left(context: Context, poll_task_id: str, paused: Mapping[str, Pause]) -> list[str]:
    """What a run leaves for another one, and why: what its poll says, and the documents whose connection was shut."""
    said = context["ti"].xcom_pull(task_ids=poll_task_id, key=PAYMENTS_LEFT_KEY) or []
    waiting = Counter(pause.of_many for pause in paused.values())
    return [*said, *(counted_pause(count, text) for text, count in waiting.items())]
