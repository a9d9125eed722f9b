"""Contacts written many in a call, before the tasks of single customers come to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from invoice_bridge.operators.failures import failing_for_good
from invoice_bridge.operators.session import route_session, run_key
from invoice_bridge_core.customers.batches import ContactBatches

if TYPE_CHECKING:
    from airflow.sdk import Context

    from invoice_bridge_core.routes.model import Route


class WriteAheadOperator(BaseOperator):
    """Write what batches can write; the tasks of single customers find it done, or do it alone.

    :param route: the route to work for.
    :param plan_task_id: the task that chose the customers.
    """

    def __init__(self, *, route: Route, plan_task_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.route = route
        self.plan_task_id = plan_task_id

    def execute(self, context: Context) -> None:
        """Write ahead; an outage ends it early, and nothing is lost by that."""
        chosen = context["ti"].xcom_pull(task_ids=self.plan_task_id) or []
        if not chosen:
            return
        ti = context["ti"]
        claimant = f"{ti.dag_id}/{ti.run_id}/{ti.task_id}"
        with (
            failing_for_good(),
            route_session(self.route, run_key(context), context["dag_run"].start_date) as session,
        ):
            done = ContactBatches(session, claimant).write([int(entry["link_id"]) for entry in chosen])
        self.log.info("%d written ahead, %d left to tasks of their own", done.written, len(chosen) - done.written)
