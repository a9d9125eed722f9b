"""`customer_sync__<route>` keeps customers and their contact persons in step, in the direction that the route names.

`plan` reads both sides and compares them, `write_ahead` writes many contacts in a call where Xero is written,
`customers` has one task per customer with news, and `summary` says how many are in step.

- *Dry run* lists customer, field, from and to, and writes nothing anywhere. A run then changes exactly that.
- What the master leaves empty empties nothing on the other side, unless the route says `wipe: true`. Nobody is deleted.
- A skipped task is held or waits, and says why in its name. Held are: a field that was changed on both sides, two
  customers that fit, one that is archived. Mend that in one of the two systems, and the next run goes on.
- The page `customers.html` and the table `customers.csv` in the reports say who is only on one side, and what differs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import DAG, Param, TriggerRule, get_parsing_context

from invoice_bridge.dag_pages import shown_as
from invoice_bridge.dag_settings import LONGEST_RUN, one_task_per_document, run_settings
from invoice_bridge.named_tasks import NamedTasksDag
from invoice_bridge.operators.customers.customer import SyncCustomerOperator
from invoice_bridge.operators.customers.plan import PlanCustomersOperator
from invoice_bridge.operators.customers.summary import CustomerSummaryOperator
from invoice_bridge.operators.customers.write_ahead import WriteAheadOperator
from invoice_bridge.parsing import routes_to_build

if TYPE_CHECKING:
    from invoice_bridge_core.routes.customers import Customers
    from invoice_bridge_core.routes.model import Route

PREFIX = "customer_sync__"
PARAMS = {
    "dry_run": Param(
        False,
        type="boolean",
        title="Dry run",
        description="Only say what would be changed: customer, field, from, to. Nothing is written anywhere.",
    ),
}


def customer_sync(route: Route, customers: Customers) -> DAG:
    """The customer DAG of one route."""
    master, other = (route.source, route.finance) if customers.is_source_master else (route.finance, route.source)
    with NamedTasksDag(
        description=f"Keeps the customers of {other.conn_id} in step with those of {master.conn_id}",
        **shown_as(route, PREFIX),
        params=PARAMS,
        # The first run of a register with thousands of customers reads them one by one.
        **run_settings(route, PREFIX, customers.schedule, longest=2 * LONGEST_RUN),
    ) as dag:
        plan = PlanCustomersOperator(task_id="plan", route=route)
        write_ahead = WriteAheadOperator(task_id="write_ahead", route=route, plan_task_id=plan.task_id)
        changed = one_task_per_document(
            SyncCustomerOperator, "customers", route, trigger_rule=TriggerRule.ALL_DONE
        ).expand(customer=plan.output)
        summary = CustomerSummaryOperator(
            task_id="summary",
            route=route,
            plan_task_id=plan.task_id,
            customers_task_id="customers",
            trigger_rule=TriggerRule.ALL_DONE,
        )
        plan >> write_ahead >> changed >> summary
    return dag


for _route in routes_to_build(get_parsing_context().dag_id, PREFIX):
    if _route.customers is not None:
        globals()[f"{PREFIX}{_route.route}"] = customer_sync(_route, _route.customers)
