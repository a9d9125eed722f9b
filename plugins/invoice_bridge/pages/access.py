"""Who may read and act: Airflow's own answer. The one place that touches this part of Airflow.

These modules of Airflow promise no stability.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails, VariableDetails
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_dag
from airflow.configuration import conf
from airflow.models.dag import DagModel
from fastapi import Depends

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from airflow.api_fastapi.auth.managers.base_auth_manager import ResourceMethod
    from airflow.api_fastapi.auth.managers.models.base_user import BaseUser

CurrentUser = GetUserDep
"""The type of a parameter that is the user who asks; nobody else gets further (401)."""

DAG_OF_ROUTE = "invoice_transfer__"
"""Before a route's name: the DAG whose permissions count for the route's documents."""


def may_read_logs_of_dag() -> Any:
    """A dependency that lets nobody pass who may not read the task logs of the DAG in the path's `dag_id`.

    A report shows what these logs show: customers and amounts.
    """
    return Depends(requires_access_dag(method="GET", access_entity=DagAccessEntity.TASK_LOGS))


def may_act(user: BaseUser, route: str) -> bool:
    """Whether the user may trigger the route's transfers."""
    return route in routes_acted_on(user, [route])


def routes_seen(user: BaseUser, routes: Collection[str]) -> frozenset[str]:
    """The routes among these of whose transfers the user may read the task logs, which show the same."""
    return _allowed(user, routes, "GET", DagAccessEntity.TASK_LOGS)


def routes_acted_on(user: BaseUser, routes: Collection[str]) -> frozenset[str]:
    """The routes among these whose documents the user may act on."""
    return _allowed(user, routes, "POST", DagAccessEntity.RUN)


def team_of_route(route: str) -> str | None:
    """The team of the route's transfers; `None` where they have none."""
    dag_id = f"{DAG_OF_ROUTE}{route}"
    return teams_of([dag_id]).get(dag_id)


def team_of_variable(route: str) -> str | None:
    """Whose a Variable of the route becomes; nobody's where Airflow works without teams.

    Tasks ask for their team's Variables only where Airflow works with teams: elsewhere a team's would be found by none.
    """
    return team_of_route(route) if conf.getboolean("core", "multi_team", fallback=False) else None


def may_edit_variable(user: BaseUser, key: str, route: str) -> bool:
    """Whether the user may change an Airflow Variable that is the route's."""
    details = VariableDetails(key=key, team_name=team_of_route(route))
    return bool(get_auth_manager().is_authorized_variable(method="PUT", details=details, user=user))


def may_answer(user: BaseUser, dag_id: str) -> bool:
    """Whether the user may answer what the tasks of the DAG ask in Airflow's "Required actions"."""
    details = DagDetails(id=dag_id, team_name=teams_of([dag_id]).get(dag_id))
    entity = DagAccessEntity.HITL_DETAIL
    return get_auth_manager().is_authorized_dag(method="PUT", access_entity=entity, details=details, user=user)


def dags_read(user: BaseUser, dag_ids: Collection[str]) -> frozenset[str]:
    """The DAGs among these whose task logs the user may read."""
    teams = teams_of(list(dag_ids))
    manager = get_auth_manager()
    return frozenset(
        dag_id
        for dag_id in dag_ids
        if manager.is_authorized_dag(
            method="GET",
            access_entity=DagAccessEntity.TASK_LOGS,
            details=DagDetails(id=dag_id, team_name=teams.get(dag_id)),
            user=user,
        )
    )


def _allowed(
    user: BaseUser, routes: Collection[str], method: ResourceMethod, entity: DagAccessEntity
) -> frozenset[str]:
    teams = teams_of([f"{DAG_OF_ROUTE}{route}" for route in routes])
    manager = get_auth_manager()
    return frozenset(
        route
        for route in routes
        if manager.is_authorized_dag(
            method=method,
            access_entity=entity,
            details=DagDetails(id=(dag_id := f"{DAG_OF_ROUTE}{route}"), team_name=teams.get(dag_id)),
            user=user,
        )
    )


def teams_of(dag_ids: list[str]) -> Mapping[str, str | None]:
    """The teams that DAGs belong to, as Airflow's database knows them; a DAG without a team may be left out."""
    return DagModel.get_dag_id_to_team_name_mapping(dag_ids) if dag_ids else {}
