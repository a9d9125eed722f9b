"""What Airflow runs: the task, the callback of a deadline, and the marks that runs leave."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from airflow.sdk.exceptions import AirflowFailException

from invoice_bridge.operators.daily_close.reconcile import NEWS_KEY
from invoice_bridge.operators.daily_close.summary import note_closed
from invoice_bridge.operators.notices.late_runs import late_run, run_is_late
from invoice_bridge.operators.notices.tell import TellOperator
from invoice_bridge_core.ledger.database.tables import documents
from invoice_bridge_core.ledger.notices import CLOSE_MARK, QUEUE_MARK
from tests.builders import route
from tests.notices.conftest import connect_mail
from tests.notices.trouble import CHANNELS
from tests.operators.airflow_run import Run
from tests.world import FERNET_KEY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.notices.receivers import Receiver
    from tests.notices.trouble import Trouble
    from tests.world import World

NOW = dt.datetime.now(dt.UTC)


def airflows(state: str = "running", **changes: Any) -> dict[str, Any]:
    """A run as Airflow's context of a callback has it."""
    values = {
        "dag_id": "invoice_transfer__qondor_xero",
        "dag_run_id": "scheduled__1",
        "run_type": "scheduled",
        "state": state,
        "queued_at": (NOW - dt.timedelta(minutes=30)).isoformat(),
        "run_after": (NOW - dt.timedelta(minutes=30)).isoformat(),
        "end_date": None if state == "running" else (NOW - dt.timedelta(minutes=29)).isoformat(),
    }
    return values | changes


def test_the_task_is_red_when_a_channel_could_not_be_told(
    trouble: Trouble, posts: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect_mail(monkeypatch, 1)
    trouble.held()
    task = TellOperator(task_id="tell", route=trouble.route, notify=trouble.notify)
    with pytest.raises(AirflowFailException, match="mail: not sent, tried again by the next run") as caught:
        task.execute({})
    assert "webhook" not in str(caught.value)
    assert len(posts.taken()) == 1


@pytest.mark.parametrize(
    ("run", "is_ended", "said"),
    [
        (airflows(), False, "is not done, and nothing of its documents was written for 10 minutes"),
        (airflows("success"), False, None),
        (airflows("failed"), False, None),
        (airflows(run_type="backfill"), False, None),
        (airflows("failed"), True, None),
        (airflows("failed", end_date=(NOW - dt.timedelta(minutes=1)).isoformat()), True, "was ended by force"),
        (airflows(), True, "is still not done"),
        (airflows("success"), True, None),
    ],
)
def test_what_is_said_of_a_run_at_its_deadline(
    trouble: Trouble, run: dict[str, Any], is_ended: bool, said: str | None
) -> None:
    text = late_run(run, NOW, trouble.route, trouble.ledger, is_ended=is_ended)
    assert text is None if said is None else said in (text or "")


def test_a_run_that_moves_documents_is_not_late(trouble: Trouble) -> None:
    trouble.held()
    assert late_run(airflows(), NOW, trouble.route, trouble.ledger, is_ended=False) is None


def test_the_callback_of_a_deadline_tells_once(
    trouble: Trouble, posts: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trouble.section = {"channels": CHANNELS[1:], "digest": None}
    content = {"route": "qondor_xero", "source": {"system": "qondor"}, "finance": {"system": "xero"}}
    (tmp_path / "qondor_xero.json").write_text(json.dumps({**content, "notify": trouble.section}))
    monkeypatch.setenv("INVOICE_BRIDGE_ROUTES_DIR", str(tmp_path))
    context = {"dag_run": airflows(), "deadline": {"id": "1", "deadline_time": NOW}}
    for _ in range(2):
        run_is_late(context=context, route="qondor_xero", is_ended=False)
    [(_, _, post)] = posts.taken()
    assert post["counts"] == {"late": 1}
    assert "Run scheduled__1 of invoice_transfer__qondor_xero, queued" in post["sentences"][0]["text"]


def test_what_a_person_has_put_aside_is_no_news(trouble: Trouble, posts: Receiver) -> None:
    trouble.section = {"channels": CHANNELS[1:], "digest": None}
    aside, _ = trouble.held(), trouble.held()
    with trouble.ledger.transaction() as connection:
        rows = sa.update(documents).where(documents.c.id == aside)
        connection.execute(rows.values(aside_at=NOW, aside_by="Kari"))
    TellOperator(task_id="tell", route=trouble.route, notify=trouble.notify).execute({})
    [(_, _, post)] = posts.taken()
    assert post["counts"] == {"held": 1}


@pytest.fixture
def told(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("AIRFLOW_CONN_INVOICE_BRIDGE_LEDGER", world.ledger_url)
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", FERNET_KEY)
    monkeypatch.setenv(f"AIRFLOW_VAR_{world.route.account_codes_variable.upper()}", "{}")
    return world


def marks(world: World) -> set[str]:
    return world.ledger.notices.view(world.route.route, []).marks.keys() - {"watched"}


@pytest.mark.parametrize(
    ("params", "expected"),
    [({}, {QUEUE_MARK}), ({"dry_run": True}, set()), ({"since": "2026-11-01", "until": "2026-11-02"}, set())],
)
def test_a_look_at_the_whole_queue_is_marked(told: World, params: dict[str, Any], expected: set[str]) -> None:
    Run(told.route, params=params).queue()
    assert marks(told) == expected


def test_a_queue_that_could_not_be_asked_was_not_looked_at(told: World) -> None:
    told.ledger.connections.close("qondor_default", "Qondor", "no calls today", dt.timedelta(hours=1))
    Run(told.route).queue()
    assert marks(told) == set()


def test_a_closed_day_is_marked_and_never_an_earlier_one(trouble: Trouble, monkeypatch: pytest.MonkeyPatch) -> None:
    def close(**params: Any) -> dt.date | None:
        run = Run(route(), params=params)
        run.values["reconcile", NEWS_KEY] = [[]]
        note_closed(run.context("summary"), run.route)
        mark = trouble.ledger.notices.view("qondor_xero", []).marks.get(CLOSE_MARK)
        return None if mark is None else mark.day

    assert close(dry_run=True) is None
    assert close(since="2026-11-01", until="2026-11-03") == dt.date(2026, 11, 2)
    assert close(since="2026-10-01", until="2026-10-02") == dt.date(2026, 11, 2)
