"""The account codes of a route as Airflow keeps them: its Variable, and in the audit log who changed what."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow.configuration import ensure_secrets_loaded
from airflow.models.log import Log
from airflow.models.variable import Variable
from airflow.sdk import SecretCache
from airflow.secrets.environment_variables import EnvironmentVariablesBackend
from airflow.secrets.metastore import MetastoreBackend
from airflow.utils.session import create_session

from invoice_bridge_core.preflight.mapping import CHANGED_SINCE, Changed, MappingConflictError, seen_as

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

EVENT = "invoice_bridge.mapping"
"""Under which Airflow's audit log has a change that was made here."""


@dataclass(frozen=True)
class LastChange:
    """The newest change that was made here."""

    at: dt.datetime
    by: str
    changed: tuple[Changed, ...]


class AccountCodesVariable:
    """The Variable of one route.

    :param key: its key.
    :param dag_id: the DAG in whose audit log a change is shown.
    """

    def __init__(self, key: str, dag_id: str) -> None:
        self._key, self._dag_id = key, dag_id

    def elsewhere(self) -> str | None:
        """Where Airflow finds the Variable instead of in its own database, so that it cannot be saved from here."""
        variable = f"AIRFLOW_VAR_{self._key.upper()}"
        if variable in os.environ:
            return f"the environment variable {variable}"
        for backend in ensure_secrets_loaded():
            if isinstance(backend, MetastoreBackend | EnvironmentVariablesBackend):
                continue
            if backend.get_variable(self._key) is not None:
                return f"the secrets backend {type(backend).__name__}"
        return None

    def text(self) -> str | None:
        """What it holds, wherever Airflow keeps it; `None` where there is none."""
        if self.elsewhere() is not None:
            found = Variable.get(self._key, default_var=None)
            return None if found is None else str(found)
        with create_session() as session:
            row = session.query(Variable).filter(Variable.key == self._key).one_or_none()
            return None if row is None else row.val

    def last_change(self) -> LastChange | None:
        """The newest change that was made here, as long as the audit log keeps it."""
        with create_session() as session:
            entry = (
                session.query(Log)
                .filter(Log.dag_id == self._dag_id, Log.event == EVENT)
                .order_by(Log.id.desc())
                .first()
            )
            if entry is None or entry.dttm is None:
                return None
            try:
                told = json.loads(entry.extra or "")
                changed = tuple(Changed.from_json(one) for one in told["changes"])
            except (ValueError, KeyError, TypeError):
                return None
            return LastChange(entry.dttm, entry.owner_display_name or entry.owner or "", changed)

    def save(
        self, text: str, changed: Sequence[Changed], *, seen: str, user_id: str, by: str, team: str | None
    ) -> None:
        """Keep a new text, and who changed what in Airflow's audit log: both or neither.

        :param seen: what the Variable held when the change was made up.
        :param team: whose it becomes where it is new.
        :raises MappingConflictError: somebody has changed it since.
        """
        with self._alone() as session:
            row = session.query(Variable).filter(Variable.key == self._key).with_for_update().one_or_none()
            if seen_as(None if row is None else row.val) != seen:
                raise MappingConflictError(CHANGED_SINCE)
            if row is None:
                made = Variable(self._key, text, "Laid over the account codes of the route's file", team)  # type: ignore[no-untyped-call]
                session.add(made)
            else:
                row.set_val(text)
            told = {"variable": self._key, "changes": [one.as_json() for one in changed]}
            session.add(
                Log(
                    EVENT,
                    owner=user_id,
                    owner_display_name=by,
                    extra=json.dumps(told, ensure_ascii=False),
                    dag_id=self._dag_id,
                )
            )
        SecretCache.invalidate_variable(self._key)

    @contextmanager
    def _alone(self) -> Iterator[Any]:
        """A session whose changes are kept together; two that make the Variable at once are one too many."""
        try:
            with create_session() as session:
                yield session
        except Exception as error:
            # The database may refuse for other reasons, such as a team that is not there.
            if type(error).__name__ == "IntegrityError" and self.text() is not None:
                raise MappingConflictError("Somebody else has just saved a mapping. Look at it again.") from None
            raise
