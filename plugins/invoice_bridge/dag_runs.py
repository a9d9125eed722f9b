"""When the transfer of a route ran well, and when it runs next: what Airflow's own database says."""

from __future__ import annotations

import logging

from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.utils.session import create_session

from invoice_bridge_core.preflight.shown import Runs

log = logging.getLogger(__name__)

TRANSFER_PREFIX = "invoice_transfer__"


def transfer_runs(route: str) -> Runs:
    """What Airflow knows of the transfers of a route; nothing where its database cannot be asked."""
    dag_id = f"{TRANSFER_PREFIX}{route}"
    try:
        with create_session() as session:
            dag = session.get(DagModel, dag_id)
            ended = (
                session.query(DagRun.end_date)
                .filter(DagRun.dag_id == dag_id, DagRun.state == "success", DagRun.end_date.is_not(None))
                .order_by(DagRun.end_date.desc())
                .first()
            )
            is_paused = bool(dag.is_paused) if dag is not None else False
            next_run = dag.next_dagrun_create_after if dag is not None and not is_paused else None
            return Runs(ended[0] if ended else None, next_run, is_paused=is_paused)
    except Exception as error:  # noqa: BLE001 - the findings are told, whatever Airflow's database says
        log.warning("Airflow's database does not say when the route ran: %s", type(error).__name__)
        return Runs()
