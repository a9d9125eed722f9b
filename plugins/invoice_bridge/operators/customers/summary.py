"""The last step of a customer run: how many are in step, and what somebody has to look at."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from invoice_bridge.ledger_access import open_ledger
from invoice_bridge.operators.alarms import counted, fail_for, first_of
from invoice_bridge.operators.customers.plan import CUSTOMERS_LEFT_KEY
from invoice_bridge.operators.ends import KnownEnd
from invoice_bridge.operators.links import RouteOperator
from invoice_bridge.operators.pauses import paused_documents, refusal_alarms
from invoice_bridge.operators.session import run_key
from invoice_bridge_core.connections.guard import counted_pause, refusals
from invoice_bridge_core.documents.customer_states import CustomerState
from invoice_bridge_core.reports.customers import customers_text

if TYPE_CHECKING:
    from airflow.sdk import Context

    from invoice_bridge_core.ledger.customers.customer_rows import CustomerRow
    from invoice_bridge_core.routes.model import Route


class CustomerSummaryOperator(RouteOperator):
    """Print how customers stand, and fail the run when one could not be written for a reason that nobody knows yet.

    :param route: the route to work for.
    :param plan_task_id: the task that chose the customers.
    :param customers_task_id: the mapped task.
    """

    def __init__(self, *, route: Route, plan_task_id: str, customers_task_id: str, **kwargs: Any) -> None:
        super().__init__(route=route, **kwargs)
        self.plan_task_id = plan_task_id
        self.customers_task_id = customers_task_id

    def execute(self, context: Context) -> None:
        """Read the ledger, print, fail when a task of this run did not end well."""
        chosen = context["ti"].xcom_pull(task_ids=self.plan_task_id)
        if chosen is None:
            raise KnownEnd(f"The customers could not be read; the log of task {self.plan_task_id} says why")
        paused = paused_documents(context, [self.customers_task_id])
        waiting = Counter(pause.of_many.replace("documents", "customers", 1) for pause in paused.values())
        left = [
            *(context["ti"].xcom_pull(task_ids=self.plan_task_id, key=CUSTOMERS_LEFT_KEY) or []),
            *(counted_pause(count, text) for text, count in waiting.items()),
        ]
        conns = (self.route.source.conn_id, self.route.finance.conn_id)
        ledger = open_ledger()
        try:
            rows = ledger.customers.rows(*conns)
            refused = refusals(ledger, conns)
        finally:
            ledger.close()
        for line in customers_text(self.route, rows, left).splitlines():
            self.log.info("%s", line)
        wanted = {entry["link_id"] for entry in chosen} - paused.keys()
        failed = [row for row in rows if str(row.id) in wanted and row.state is CustomerState.WANTED]
        self.point_to_desk(context)
        fail_for([*refusal_alarms(refused, run_key(context)), *_alarms(failed)])


def _alarms(failed: list[CustomerRow]) -> list[str]:
    if not failed:
        return []
    return [f"{counted(len(failed), 'customer')} could not be written: {first_of([row.label for row in failed])}"]
