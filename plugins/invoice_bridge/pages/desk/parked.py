"""Answers the questions that wait in Airflow's "Required actions" for what was decided on the desk.

It is done by Airflow's own code, as if the person had answered there: the waiting task goes on at once, finds nothing
left to do, and says who decided. The one place that touches this part of Airflow; none of it promises stability, so
whatever goes wrong here leaves the question waiting, and the act done.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from airflow.api_fastapi.core_api.datamodels.hitl import UpdateHITLDetailPayload
from airflow.api_fastapi.core_api.routes.public.hitl import update_hitl_detail
from airflow.models.hitl import HITLDetail
from airflow.models.renderedtifields import RenderedTaskInstanceFields
from airflow.models.taskinstance import TaskInstance
from airflow.utils.session import create_session
from airflow.utils.state import TaskInstanceState

from invoice_bridge.pages.access import may_answer
from invoice_bridge_core.desk.parked import answer_of, question_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from airflow.api_fastapi.auth.managers.models.base_user import BaseUser

    from invoice_bridge_core.ledger import DocumentRow

log = logging.getLogger(__name__)

DECISIONS_OF_ROUTE = "decisions__"
"""Before a route's name: the DAG whose tasks ask people."""
MOST_PARKED = 1000
_WAITING = (TaskInstanceState.AWAITING_INPUT, TaskInstanceState.DEFERRED)


def answer_parked(act: str, inputs: Mapping[str, object], rows: Sequence[DocumentRow], user: BaseUser) -> None:
    """Answer what waits for one of these documents, where the act says it and the user may answer.

    :param rows: with what the act was done, as they were before.
    """
    for route in {row.route for row in rows if row.route is not None}:
        dag_id = f"{DECISIONS_OF_ROUTE}{route}"
        try:
            if may_answer(user, dag_id):
                _answer(dag_id, act, inputs, [row for row in rows if row.route == route], user)
        except Exception:
            log.warning("What waits in %s could not be answered for %s", dag_id, act, exc_info=True)


def _answer(dag_id: str, act: str, inputs: Mapping[str, object], rows: Sequence[DocumentRow], user: BaseUser) -> None:
    for task, asked, field in _parked(dag_id):
        question = question_of(field)
        if question is None:
            continue
        options = list(asked.options or [])
        given = (answer_of(act, inputs, row, question, options) for row in rows)
        option = next((one for one in given if one is not None), None)
        if option is None:
            continue
        boxes = {name: _entered(name, param, inputs) for name, param in (asked.params or {}).items()}
        with create_session() as session:
            update_hitl_detail(
                dag_id=dag_id,
                dag_run_id=task.run_id,
                task_id=task.task_id,
                map_index=task.map_index,
                update_hitl_detail_payload=UpdateHITLDetailPayload(chosen_options=[option], params_input=boxes),
                user=user,
                session=session,
            )


def _parked(dag_id: str) -> Iterator[tuple[TaskInstance, HITLDetail, Any]]:
    """The tasks that wait for an answer, with what they ask and what they were given to ask."""
    fields = RenderedTaskInstanceFields
    with create_session() as session:
        waiting = (
            session.query(TaskInstance, HITLDetail, fields)
            .join(HITLDetail, HITLDetail.ti_id == TaskInstance.id)
            .join(
                fields,
                (fields.dag_id == TaskInstance.dag_id)
                & (fields.run_id == TaskInstance.run_id)
                & (fields.task_id == TaskInstance.task_id)
                & (fields.map_index == TaskInstance.map_index),
            )
            .filter(
                TaskInstance.dag_id == dag_id,
                TaskInstance.state.in_(_WAITING),
                HITLDetail.responded_at.is_(None),
            )
            .limit(MOST_PARKED)
        )
        for task, asked, kept in waiting:
            yield task, asked, (kept.rendered_fields or {}).get("question")


def _entered(name: str, param: Any, inputs: Mapping[str, object]) -> Any:
    """What the person entered on the desk in a box of the same name, else what the box holds."""
    if (given := inputs.get(name)) is not None:
        return given
    return param.get("value") if isinstance(param, dict) else param
