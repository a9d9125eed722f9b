"""`invoice_transfer__<route>`: queue → one task per document → summary."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, CronDataIntervalTimetable, Param, TriggerRule, XComArg, get_parsing_context

from invoice_bridge.operators.queue import CREDIT_NOTES_KEY, WaitingCreditNotesOperator, WaitingDocumentsOperator
from invoice_bridge.operators.retries import PassingTroubleRetryPolicy
from invoice_bridge.operators.summary import TransferSummaryOperator
from invoice_bridge.operators.transfer import TransferDocumentOperator
from invoice_bridge.parsing import routes_to_build

if TYPE_CHECKING:
    from airflow.sdk.definitions.mappedoperator import OperatorPartial

    from include.routes.model import Route

PREFIX = "invoice_transfer__"

PARAMS = {
    "documents": Param(
        [],
        type=["array", "null"],
        items={"type": "string"},
        title="Documents",
        description="Numbers or ids in the source system, one per line; empty takes everything that waits.",
    ),
    "since": Param(
        None,
        type=["null", "string"],
        format="date",
        title="Since",
        description="Only documents dated on this day or later.",
    ),
    "until": Param(
        None,
        type=["null", "string"],
        format="date",
        title="Until",
        description="Only documents dated before this day; the day itself is not included.",
    ),
    "dry_run": Param(
        False,
        type="boolean",
        title="Dry run",
        description="Say for each document what would be done and sent, and write nothing anywhere.",
    ),
}


def documents_step(task_id: str, route: Route, **kwargs: Any) -> OperatorPartial:
    """One mapped task per document, named after it, at most `limits.parallel` at once."""
    return TransferDocumentOperator.partial(
        task_id=task_id,
        route=route,
        map_index_template="{{ task.label }}",
        max_active_tis_per_dag=route.limits.parallel,
        **kwargs,
    )


def invoice_transfer(route: Route) -> DAG:
    """The transfer DAG of one route."""
    with DAG(
        dag_id=f"{PREFIX}{route.route}",
        description=f"Moves waiting documents from {route.source.conn_id} to {route.finance.conn_id}, once each",
        doc_md=__doc__,
        schedule=CronDataIntervalTimetable(route.schedule.transfer, timezone=route.schedule.timezone),
        start_date=dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
        catchup=False,
        max_active_runs=1,
        max_active_tasks=max(16, route.limits.parallel),
        params=PARAMS,
        tags=["invoice-bridge", route.source.system, route.finance.system],
        default_args={
            "owner": "invoice-bridge",
            "retries": 5,
            "retry_policy": PassingTroubleRetryPolicy(),
            "execution_timeout": dt.timedelta(minutes=30),
        },
    ) as dag:
        queue = WaitingDocumentsOperator(task_id="queue", route=route)
        invoices = documents_step("invoices", route).expand(document=queue.output)
        waiting_credit_notes = WaitingCreditNotesOperator(
            task_id="waiting_credit_notes", entries=XComArg(queue, key=CREDIT_NOTES_KEY)
        )
        credit_notes = documents_step("credit_notes", route, trigger_rule=TriggerRule.ALL_DONE).expand(
            document=waiting_credit_notes.output
        )
        summary = TransferSummaryOperator(
            task_id="summary",
            route=route,
            queue_task_id=queue.task_id,
            document_task_ids=["invoices", "credit_notes"],
            trigger_rule=TriggerRule.ALL_DONE,
        )
        invoices >> credit_notes >> summary
    return dag


for _route in routes_to_build(get_parsing_context().dag_id, PREFIX):
    globals()[f"{PREFIX}{_route.route}"] = invoice_transfer(_route)
