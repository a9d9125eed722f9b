"""The auth managers of Airflow that the desk is tried with; each decides by its own code."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from jwt import InvalidTokenError

if TYPE_CHECKING:
    from collections.abc import Iterable

MANAGERS = ("simple", "fab")
OTHER_DAG = "invoice_transfer__other"
FAB = "airflow.providers.fab"


def play(manager: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Airflow ask this manager; the simple one is there already."""
    if manager == "simple":
        return
    if not _has_fab():
        pytest.skip("The FAB auth manager is not installed here (apache-airflow-providers-fab)")
    monkeypatch.setattr("airflow.api_fastapi.app._AuthManagerState.instance", _fab())
    # FAB knows no teams; another team's user has the other route's DAG alone.
    monkeypatch.setattr("invoice_bridge.pages.access.teams_of", lambda _: {})


def _has_fab() -> bool:
    try:
        import_module(f"{FAB}.auth_manager.fab_auth_manager")
    except ImportError:
        return False
    return True


def _fab() -> Any:
    """FAB's manager, with users who have the permissions of its own roles."""
    manager = import_module(f"{FAB}.auth_manager.fab_auth_manager").FabAuthManager
    own = import_module(f"{FAB}.auth_manager.security_manager.override").FabAirflowSecurityManagerOverride
    viewer = set(own.VIEWER_PERMISSIONS)
    user = viewer | set(own.USER_PERMISSIONS)
    op = user | set(own.OP_PERMISSIONS)
    admin = op | set(own.ADMIN_PERMISSIONS)
    people = {"viewer": viewer, "user": user, "op": op, "admin": admin, "other": _of_one_dag(user, OTHER_DAG)}

    async def user_of_token(_: Any, token: str) -> Any:
        if token not in people:
            raise InvalidTokenError
        return _person(token, people[token])

    # FAB's own answers; a token is the user's name.
    return type("PlayedLogins", (manager,), {"get_user_from_token": user_of_token})()


def _of_one_dag(permissions: Iterable[tuple[str, str]], dag_id: str) -> set[tuple[str, str]]:
    """The same, with the `access_control` of one DAG instead of all DAGs."""
    names = import_module(f"{FAB}.www.security.permissions")
    kept = {one for one in permissions if one[1] != names.RESOURCE_DAG}
    actions = (names.ACTION_CAN_READ, names.ACTION_CAN_EDIT)
    return kept | {(action, f"{names.RESOURCE_DAG_PREFIX}{dag_id}") for action in actions}


def _person(name: str, permissions: set[tuple[str, str]]) -> Any:
    models = import_module(f"{FAB}.auth_manager.models")
    role = models.Role(name=name)
    role.permissions = [
        models.Permission(action=models.Action(name=action), resource=models.Resource(name=resource))
        for action, resource in sorted(permissions)
    ]
    user = models.User(id=1, username=name, first_name=name.title(), last_name="Nordmann")
    user.roles = [role]
    return user
