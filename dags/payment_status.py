"""`payment_status__<route>` tells the source which documents are paid in full, each once.

`poll` asks finance what changed, `documents` has one task per document that is now paid, and `summary` says what is
paid, what is open, and what a person has to look at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import DAG, TriggerRule, get_parsing_context

from invoice_bridge.dag_pages import shown_as
from invoice_bridge.dag_settings import one_task_per_document, run_settings
from invoice_bridge.named_tasks import NamedTasksDag
from invoice_bridge.operators.payments.poll import PollPaymentsOperator
from invoice_bridge.operators.payments.report_paid import ReportPaidOperator
from invoice_bridge.operators.payments.summary import PaymentSummaryOperator
from invoice_bridge.parsing import routes_to_build

if TYPE_CHECKING:
    from invoice_bridge_core.routes.model import Route

PREFIX = "payment_status__"


def payment_status(route: Route) -> DAG:
    """The payment DAG of one route."""
    with NamedTasksDag(
        description=f"Tells {route.source.conn_id} which documents are paid in {route.finance.conn_id}, once each",
        **shown_as(route, PREFIX),
        **run_settings(route, PREFIX, route.schedule.payments),
    ) as dag:
        poll = PollPaymentsOperator(task_id="poll", route=route)
        documents = one_task_per_document(ReportPaidOperator, "documents", route).expand(document=poll.output)
        summary = PaymentSummaryOperator(
            task_id="summary",
            route=route,
            poll_task_id=poll.task_id,
            documents_task_id="documents",
            trigger_rule=TriggerRule.ALL_DONE,
        )
        documents >> summary
    return dag


for _route in routes_to_build(get_parsing_context().dag_id, PREFIX):
    globals()[f"{PREFIX}{_route.route}"] = payment_status(_route)
