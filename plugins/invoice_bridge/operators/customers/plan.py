"""The plan of a customer run: what either side has, and what would be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.configuration import conf

from invoice_bridge.operators.alarms import counted
from invoice_bridge.operators.failures import failing_for_good
from invoice_bridge.operators.session import route_session, run_key
from invoice_bridge_core.customers.plan import CustomerPlanner
from invoice_bridge_core.errors import TransientError
from invoice_bridge_core.reports.customers import write_customers

if TYPE_CHECKING:
    from airflow.sdk import Context

    from invoice_bridge_core.customers.plan import Plan
    from invoice_bridge_core.routes.model import Route
    from invoice_bridge_core.transfer.route_session import RouteSession

CUSTOMERS_LEFT_KEY = "customers_left"
"""Under which it says what was left for another run."""
FOUND_KEY = "customers_found"
"""Under which it says how many customers stand how."""


class PlanCustomersOperator(BaseOperator):
    """Read both sides, compare them, keep what is wanted, and list the customers with news.

    A dry run prints the table of what would be changed, keeps nothing and lists nobody.

    :param route: the route to work for.
    """

    def __init__(self, *, route: Route, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.route = route

    def execute(self, context: Context) -> list[dict[str, str]]:
        """Plan, then choose; entries hold the ledger's number of the customer and the task's name, nothing else."""
        if self.route.customers_note:
            return self._hand_on(context, [], [self.route.customers_note])
        dry_run = bool(context["params"].get("dry_run"))
        with (
            failing_for_good(),
            route_session(self.route, run_key(context), context["dag_run"].start_date) as session,
        ):
            return self._plan(context, session, dry_run=dry_run)

    def _plan(self, context: Context, session: RouteSession, *, dry_run: bool) -> list[dict[str, str]]:
        if (pause := session.guard.pause()) is not None:
            return self._hand_on(context, [], [f"customers wait: {pause.reason}"])
        if dry_run:
            session.only_reads()
        try:
            plan = CustomerPlanner(session).plan(dry_run=dry_run)
        except TransientError as error:
            if (pause := session.guard.pause_after(error)) is None:
                raise
            return self._hand_on(context, [], [f"customers wait: {pause.reason}"])
        context["ti"].xcom_push(FOUND_KEY, {str(state): count for state, count in plan.states.items()})
        self._print(plan, dry_run=dry_run)
        page = write_customers(plan, self.route, dry_run=dry_run)
        self.log.info("The page: %s", page)
        if dry_run:
            return self._hand_on(context, [], [])
        limit = min(self.route.limits.documents_per_run, conf.getint("core", "max_map_length", fallback=1024))
        wanted = session.ledger.customers.wanted(session.source.conn_id, session.finance.conn_id)
        left = []
        if (over := len(wanted) - limit) > 0:
            wait = "waits" if over == 1 else "wait"
            left.append(f"{counted(over, 'customer')} {wait} for the next run: documents_per_run reached")
        return self._hand_on(context, [{"link_id": str(row.id), "label": row.label} for row in wanted[:limit]], left)

    def _print(self, plan: Plan, *, dry_run: bool) -> None:
        if plan.direction.left_out:
            names = ", ".join(plan.direction.left_out)
            self.log.info("Not kept in step, since not both systems have it: %s", names)
        if dry_run:
            self.log.info("customer · field · from · to")
            for row in plan.table:
                self.log.info("%s · %s · %s · %s", row.customer, row.field, row.old or "(empty)", row.new or "(empty)")

    def _hand_on(self, context: Context, entries: list[dict[str, str]], left: list[str]) -> list[dict[str, str]]:
        for reason in left:
            self.log.info("%s", reason)
        context["ti"].xcom_push(CUSTOMERS_LEFT_KEY, left)
        self.log.info("%s with news", counted(len(entries), "customer"))
        return entries
