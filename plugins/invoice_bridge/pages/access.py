"""Who may read: Airflow's own answer. The one place that touches this part of Airflow, which promises no stability."""

from __future__ import annotations

from typing import Any

from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import requires_access_dag
from fastapi import Depends


def may_read_logs_of_dag() -> Any:
    """A dependency that lets nobody pass who may not read the task logs of the DAG in the path's `dag_id`.

    A report shows what these logs show: customers and amounts.
    """
    return Depends(requires_access_dag(method="GET", access_entity=DagAccessEntity.TASK_LOGS))
