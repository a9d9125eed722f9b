"""`sales_sync__<route>` shows in the source what finance has really sent: each real invoice and credit note that
belongs to a project becomes one sale of that project, with number, date, due date, amounts and payment.

`poll` asks finance what was sent and what changed, `sales` has one task per sale that has news, and `summary` says what
is shown and what a person has to look at.

A sale is found again by our own reference, so that it is updated and never made twice. A credit note's amounts are
negative. What was voided or deleted in finance comes to zero, and its description says so. What somebody changes in a
sale by hand stays until finance has news of the same document; the daily close shows the difference.

Held: the source refuses the sale, has two under our reference, or a project's number is not known. The task's name says
which, and what to do. It is tried again when finance has news of the document, or a day later; clear its task to try at
once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import DAG, TriggerRule, get_parsing_context

from invoice_bridge.dag_pages import shown_as
from invoice_bridge.dag_settings import one_task_per_document, run_settings
from invoice_bridge.named_tasks import NamedTasksDag
from invoice_bridge.operators.sales.poll import PollSalesOperator
from invoice_bridge.operators.sales.show import ShowSaleOperator
from invoice_bridge.operators.sales.summary import SalesSummaryOperator
from invoice_bridge.parsing import routes_to_build

if TYPE_CHECKING:
    from invoice_bridge_core.routes.model import Route

PREFIX = "sales_sync__"


def sales_sync(route: Route) -> DAG:
    """The sales DAG of one route."""
    with NamedTasksDag(
        description=f"Shows in {route.source.conn_id} what {route.finance.conn_id} has sent, each document once",
        **shown_as(route, PREFIX),
        **run_settings(route, PREFIX, route.sales.schedule),
    ) as dag:
        poll = PollSalesOperator(task_id="poll", route=route)
        sales = one_task_per_document(ShowSaleOperator, "sales", route).expand(sale=poll.output)
        summary = SalesSummaryOperator(
            task_id="summary",
            route=route,
            poll_task_id=poll.task_id,
            sales_task_id="sales",
            trigger_rule=TriggerRule.ALL_DONE,
        )
        sales >> summary
    return dag


for _route in routes_to_build(get_parsing_context().dag_id, PREFIX):
    if _route.sales.enabled:
        globals()[f"{PREFIX}{_route.route}"] = sales_sync(_route)
