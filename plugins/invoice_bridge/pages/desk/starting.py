"""Runs that a person starts from the desk, by Airflow's own function, with its audit log."""

from __future__ import annotations

import datetime as dt
import json
import logging
import uuid
from typing import TYPE_CHECKING, Any

from airflow.api.common.trigger_dag import trigger_dag
from airflow.models.dag import DagModel
from airflow.models.log import Log
from airflow.utils.session import create_session
from airflow.utils.types import DagRunTriggeredByType

from invoice_bridge_core.documents.document import shorten
from invoice_bridge_core.errors import NotResolvedError

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)

LONGEST_NOTE = 1000
"""Characters of a run's note that Airflow's database takes."""
AUDIT_EVENT = "trigger_dag_run"
"""As Airflow names it when a run is started on its own pages."""


class RunStarter:
    """Starts runs in the name of one user of Airflow. Whether they may is asked before, for each document.

    :param user_name: as Airflow names the user where it keeps who started a run.
    """

    def __init__(self, user_name: str) -> None:
        self._user_name = user_name

    def __call__(self, dag_id: str, source_ids: Sequence[str], note: str) -> str:
        """The run id.

        :param source_ids: the documents that it takes; empty for all.
        :raises NotResolvedError: the DAG is not there, is paused or broken, or Airflow's database cannot be used.
        """
        run_id = f"desk__{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%S}__{uuid.uuid4().hex[:8]}"
        conf: dict[str, Any] = {"documents": list(source_ids)} if source_ids else {}
        try:
            self._refuse_unless_running(dag_id)
            trigger_dag(
                dag_id,
                triggered_by=DagRunTriggeredByType.UI,
                triggering_user_name=self._user_name,
                run_id=run_id,
                conf=conf,
                note=shorten(note, LONGEST_NOTE),
            )
            self._audit(dag_id, run_id, conf)
        except NotResolvedError:
            raise
        except Exception as error:
            log.exception("No run of %s could be started", dag_id)
            raise NotResolvedError(
                f"Airflow could not start a run of {dag_id}: its API server's log says why"
            ) from error
        return run_id

    def _refuse_unless_running(self, dag_id: str) -> None:
        with create_session() as session:
            dag = session.get(DagModel, dag_id)
            if dag is None or dag.is_stale:
                raise NotResolvedError(f"Airflow has no DAG {dag_id}: its route is gone, or its file cannot be read")
            if dag.has_import_errors:
                raise NotResolvedError(f"The file of {dag_id} cannot be read now: Airflow's home shows the error")
            if dag.is_paused:
                raise NotResolvedError(f"{dag_id} is paused: unpause it in Airflow, and try again")

    def _audit(self, dag_id: str, run_id: str, conf: dict[str, Any]) -> None:
        entry = Log(
            event=AUDIT_EVENT,
            owner=self._user_name,
            owner_display_name=self._user_name,
            extra=json.dumps({"conf": conf, "by": "the desk of Invoice Bridge"}),
            dag_id=dag_id,
            run_id=run_id,
        )
        with create_session() as session:
            session.add(entry)
