"""`payment_status__<route>` tells the source which documents are paid in full, each once.

`poll` asks finance what changed, `documents` has one task per document that is now paid, and `summary` says what is
paid, what is open, and what a person has to look at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import DAG, CronDataIntervalTimetable, TriggerRule, get_parsing_context

from invoice_bridge.dag_settings import FIRST_DAY, default_args, one_task_per_document
from invoice_bridge.operators.payments.poll import PollPaymentsOperator
from invoice_bridge.operators.payments.report_paid import ReportPaidOperator
from invoice_bridge.operators.payments.summary import PaymentSummaryOperator
from invoice_bridge.parsing import routes_to_build

if TYPE_CHECKING:
    from invoice_bridge_core.routes.model import Route

PREFIX = "payment_status__"


def payment_status(route: Route) -> DAG:
    """The payment DAG of one route."""
    with DAG(
        dag_id=f"{PREFIX}{route.route}",
        description=f"Tells {route.source.conn_id} which documents are paid in {route.finance.conn_id}, once each",
        doc_md=__doc__,
        schedule=CronDataIntervalTimetable(route.schedule.payments, timezone=route.schedule.timezone),
        start_date=FIRST_DAY,
        catchup=False,
        max_active_runs=1,
        max_active_tasks=max(16, route.limits.parallel),
        tags=["invoice-bridge", route.source.system, route.finance.system],
        default_args=default_args(),
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
