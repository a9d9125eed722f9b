"""The poll of finance for sales: what was sent, and what the source has to show of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.configuration import conf

from invoice_bridge.operators.alarms import counted
from invoice_bridge.operators.failures import failing_for_good
from invoice_bridge.operators.session import route_session, run_key
from invoice_bridge_core.sales.poll import SalesPoll

if TYPE_CHECKING:
    from airflow.sdk import Context

    from invoice_bridge_core.ledger.sales.row import SaleRow
    from invoice_bridge_core.routes.model import Route

SALES_LEFT_KEY = "sales_left"
"""Under which it says what was left for another run."""


class PollSalesOperator(BaseOperator):
    """Ask finance what it has sent and what changed, keep it in the ledger, and list the sales that have news.

    :param route: the route to work for.
    """

    def __init__(self, *, route: Route, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.route = route

    def execute(self, context: Context) -> list[dict[str, str]]:
        """Poll, then choose; entries hold finance's id and the task's name, nothing else."""
        now = dt.datetime.now(dt.UTC)
        with (
            failing_for_good(),
            route_session(self.route, run_key(context), context["dag_run"].start_date) as session,
        ):
            poll = SalesPoll(session)
            reason = poll.poll(now)
            found = poll.to_show(now)
        return self._hand_on(context, found, [] if reason is None else [reason])

    def _hand_on(self, context: Context, found: list[SaleRow], left: list[str]) -> list[dict[str, str]]:
        limit = min(self.route.limits.documents_per_run, conf.getint("core", "max_map_length", fallback=1024))
        chosen = found[:limit]
        if (over := len(found) - limit) > 0:
            wait = "waits" if over == 1 else "wait"
            left.append(f"{counted(over, 'sale')} {wait} for the next run: documents_per_run reached")
        for reason in left:
            self.log.info("%s", reason)
        context["ti"].xcom_push(SALES_LEFT_KEY, left)
        self.log.info("%s to show", counted(len(chosen), "sale"))
        return [{"finance_id": sale.key.finance_id, "label": sale.label} for sale in chosen]
