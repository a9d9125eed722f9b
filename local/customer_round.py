"""The customer round: the customers of each route that keeps them are brought in step, and counted."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.customer_states import CustomerState
from local.transfer_runs import route_of, run_all

if TYPE_CHECKING:
    from local.airflow import LocalAirflow
    from local.progress import Progress

PREFIX = "customer_sync__"


def keep_in_step(airflow: LocalAirflow, progress: Progress) -> int:
    """Run the customer DAGs, and say how many customers are in step; how many should have been written and were not."""
    from invoice_bridge_core.ledger import Ledger

    dag_ids = airflow.api.dag_ids(PREFIX)
    if not dag_ids:
        return 0
    progress.say(f"Bringing customers in step: {', '.join(route_of(dag_id) for dag_id in dag_ids)}")
    started = time.monotonic()
    run_all(airflow, dag_ids, progress)
    progress.say(f"Compared and written in {time.monotonic() - started:.0f} s.")
    ledger = Ledger.connect(airflow.ledger_url)
    try:
        counts = {dag_id: ledger.customers.count_of_route(route_of(dag_id)) for dag_id in dag_ids}
    finally:
        ledger.close()
    for dag_id, states in counts.items():
        others = ", ".join(f"{states[state]} {state}" for state in CustomerState if state in states)
        progress.say(f"  {route_of(dag_id)}: {states.get(CustomerState.IN_STEP, 0)} customers agree ({others})")
    return sum(states.get(CustomerState.WANTED, 0) for states in counts.values())
