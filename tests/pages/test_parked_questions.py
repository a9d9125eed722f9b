"""A question parked in Airflow's "Required actions" is answered by the act of the desk that decides it."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from airflow.utils.session import create_session

from invoice_bridge_core.decisions.all_kinds import open_questions
from invoice_bridge_core.decisions.doubt import DoubtDecisions
from invoice_bridge_core.decisions.kind import Answer, Question
from invoice_bridge_core.desk.acts.seen import seen_mark
from invoice_bridge_core.documents.states import DocumentState
from tests.pages.airflow_tables import play_airflows_database
from tests.transfer.test_resolution import in_doubt, made_by_hand
from tests.world import FERNET_KEY

if TYPE_CHECKING:
    from pathlib import Path

    from invoice_bridge_core.ledger import DocumentRow
    from tests.pages.desk_world import Desk
    from tests.world import World

# Airflow's own imports.
pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with", "ignore::DeprecationWarning")

DAG, RUN = "decisions__qondor_xero", "scheduled__2026-11-30T07:00:00+00:00"
BOXES = {"booking": None, "despite_missing_mark": False, "i_looked": False, "reason": None}


@pytest.fixture
def asking(world: World, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The desk beside an Airflow whose tasks may wait for people."""
    import airflow.models.hitl
    import airflow.models.renderedtifields  # noqa: F401 - both for their tables
    from airflow.models.base import Base

    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", FERNET_KEY)
    play_airflows_database(tmp_path, monkeypatch)
    with create_session() as session:
        Base.metadata.create_all(session.get_bind())
    monkeypatch.setattr("invoice_bridge.pages.access.teams_of", lambda ids: {one: "oslo" for one in ids})
    return desk


def park(question: Question, options: tuple[str, ...], map_index: int = 0) -> uuid.UUID:
    """The task waits, as `AskOperator` leaves it."""
    from airflow.models.base import Base

    tables, ti_id = Base.metadata.tables, uuid.uuid4()
    now = dt.datetime.now(dt.UTC)
    boxes: dict[str, Any] = {name: {"value": value, "description": None, "schema": {}} for name, value in BOXES.items()}
    keys = {"dag_id": DAG, "run_id": RUN, "task_id": "ask", "map_index": map_index}
    with create_session() as session:
        if session.execute(sa.select(sa.func.count()).select_from(tables["dag_run"])).scalar_one() == 0:
            run = {"dag_id": DAG, "run_id": RUN, "run_type": "scheduled", "run_after": now, "state": "running"}
            session.execute(sa.insert(tables["dag_run"]).values(**run, clear_number=0))
        task = {
            **keys,
            "id": ti_id,
            "state": "awaiting_input",
            "pool": "default_pool",
            "pool_slots": 1,
            "try_number": 1,
        }
        more = {"priority_weight": 1, "queue": "default", "operator": "AskOperator", "max_tries": 0, "updated_at": now}
        session.execute(sa.insert(tables["task_instance"]).values(**task, **more, next_method="execute_complete"))
        asked = {"ti_id": ti_id, "options": list(options), "subject": "?", "params": boxes, "multiple": False}
        session.execute(sa.insert(tables["hitl_detail"]).values(**asked, created_at=now, params_input={}))
        fields = {"rendered_fields": {"question": asdict(question)}}
        session.execute(sa.insert(tables["rendered_task_instance_fields"]).values(**keys, **fields))
    return ti_id


def parked(ti_id: uuid.UUID) -> tuple[str, list[str] | None, str | None, dict[str, Any]]:
    """The task's state, and how its question was answered, by whom, with what entered."""
    from airflow.models.hitl import HITLDetail

    with create_session() as session:
        asked = session.scalars(sa.select(HITLDetail).where(HITLDetail.ti_id == ti_id)).one()
        by = asked.responded_by_user
        return str(asked.task_instance.state), asked.chosen_options, by and by["name"], dict(asked.params_input)


def resumed_with(ti_id: uuid.UUID) -> str:
    """What Airflow hands to the task that goes on."""
    from airflow.models.taskinstance import TaskInstance

    with create_session() as session:
        task = session.scalars(sa.select(TaskInstance).where(TaskInstance.id == ti_id)).one()
        return json.dumps(task.next_kwargs, default=str)


def body(row: DocumentRow, **inputs: Any) -> dict[str, Any]:
    return {"documents": [row.id], "inputs": inputs, "seen": {str(row.id): seen_mark(row)}}


@pytest.fixture
def doubtful(world: World, asking: Desk) -> DocumentRow:
    made_by_hand(world)
    return in_doubt(world)


@pytest.fixture
def question(world: World, doubtful: DocumentRow) -> Question:
    world.new_run()
    [question] = [one for one in open_questions(world.session()) if one.kind == "doubt"]
    return question


def test_what_the_desk_decides_is_answered_there_by_the_same_person(
    asking: Desk, world: World, doubtful: DocumentRow, question: Question
) -> None:
    waiting = park(question, DoubtDecisions.options)
    another = park(Question("doubt", "50077", "T-77", "x"), DoubtDecisions.options, map_index=1)
    said: dict[str, str | bool | None] = {"booking": "T-1", "despite_missing_mark": True}
    [result] = asking.post("api/acts/booked_as", body(doubtful, **said), "user").json["results"]
    assert result["done"] is True, result
    assert parked(waiting) == ("scheduled", ["It is booked"], "user", {**BOXES, **said})
    assert "It is booked" in resumed_with(waiting)
    assert parked(another) == ("awaiting_input", None, None, {})
    # The task that goes on finds nothing left to do, and says who decided.
    lines = len(world.ledger.history(world.row(50001)))
    told = DoubtDecisions().carry_out(
        world.session(), question, Answer(True, "user", None, "decisions/1", "It is booked", said)
    )
    assert told.startswith("Nothing was left to do.")
    assert "user: said to be booked as T-1" in told
    assert len(world.ledger.history(world.row(50001))) == lines


def test_what_the_desk_refuses_to_do_is_still_asked(
    asking: Desk, world: World, doubtful: DocumentRow, question: Question
) -> None:
    waiting = park(question, DoubtDecisions.options)
    [result] = asking.post("api/acts/booked_as", body(doubtful, booking="T-99"), "user").json["results"]
    assert result["done"] is False
    asking.post("api/acts/put_aside", body(doubtful, reason="she asks the customer"), "user")
    assert parked(waiting) == ("awaiting_input", None, None, {})


def test_where_airflow_does_not_let_the_person_answer_the_act_is_done_all_the_same(
    asking: Desk, world: World, doubtful: DocumentRow, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = park(question, DoubtDecisions.options)
    monkeypatch.setattr("invoice_bridge.pages.desk.parked.may_answer", lambda *_: False)
    said = body(doubtful, booking="T-1", despite_missing_mark=True)
    [result] = asking.post("api/acts/booked_as", said, "user").json["results"]
    assert (result["done"], world.row(50001).state) == (True, DocumentState.BOOKED)
    assert parked(waiting) == ("awaiting_input", None, None, {})


def test_trouble_in_airflow_does_not_undo_what_was_decided(
    asking: Desk, world: World, doubtful: DocumentRow, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    park(question, DoubtDecisions.options)
    monkeypatch.setattr("invoice_bridge.pages.desk.parked.update_hitl_detail", lambda **_: 1 / 0)
    said = body(doubtful, booking="T-1", despite_missing_mark=True)
    [result] = asking.post("api/acts/booked_as", said, "user").json["results"]
    assert result["done"] is True
