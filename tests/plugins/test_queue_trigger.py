"""The watcher in Airflow's triggerer: one look for all routes of a connection, and on after trouble."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk import DAG, AssetOrTimeSchedule, CronDataIntervalTimetable
from airflow.serialization.serialized_objects import DagSerialization

from invoice_bridge import dag_settings
from invoice_bridge.triggers import look, queue
from invoice_bridge.triggers.queue import QueueTrigger
from invoice_bridge_core.transfer.queue_watch import NotLookedError
from tests.builders import route
from tests.world import payment

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.sandbox import Sandbox

PREFIX = "invoice_transfer__"


@pytest.fixture
def watched(sandbox: Sandbox, ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """Two routes of one connection, and the ledger's connection; looks follow each other without waiting."""
    monkeypatch.setenv("AIRFLOW_CONN_INVOICE_BRIDGE_LEDGER", ledger_url)
    monkeypatch.setenv("INVOICE_BRIDGE_ROUTES_DIR", str(tmp_path))
    for name, office in (("oslo", 7), ("bergen", 8)):
        (tmp_path / f"{name}.json").write_text(
            json.dumps(
                {
                    "route": name,
                    "trigger": "watch",
                    "source": {"system": "qondor", "offices": [office]},
                    "finance": {"system": "xero", "account_codes": {"VAT25": "200"}},
                }
            )
        )
    monkeypatch.setattr(queue, "EVERY", 0.0)
    monkeypatch.setattr(queue, "AFTER_TROUBLE", 0.0)
    return sandbox


async def looks(count: int, *between: Any) -> list[Any]:
    """So many looks of the shared stream; what stands at a place of `between` is called after that look."""
    stream = QueueTrigger.open_shared_stream({"route": "oslo", "conn_id": "qondor_default"})
    seen = []
    for step in range(count):
        seen.append(await anext(stream))
        if step < len(between):
            between[step]()
    await stream.aclose()  # type: ignore[attr-defined]
    return seen


def test_each_look_is_one_call_and_shows_what_waits(watched: Sandbox) -> None:
    added: list[str] = []
    seen = asyncio.run(looks(2, lambda: added.append(str(watched.qondor.add(payment(1))["id"]))))
    assert [list(one) for one in seen] == [[], added]
    assert [(entry.system, entry.method) for entry in watched.traffic.log()] == [("qondor", "GET")] * 2


def test_looks_go_on_after_trouble(watched: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    watched.qondor.add(payment(1))
    fault = watched.fault("error", system="qondor", count=8)
    caplog.set_level("INFO", logger=queue.__name__)
    assert [len(one) for one in asyncio.run(looks(1))] == [1]
    assert fault is not None
    assert [record.message.split(":")[0] for record in caplog.records] == [
        "The queue of connection qondor_default is not watched now",
        "The queue of connection qondor_default is watched again",
    ]


def test_the_route_may_go_while_another_one_stays(watched: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "oslo.json").unlink()
    watched.qondor.add(payment(1))
    assert len(look.look_at_connection("qondor_default", "oslo")) == 1
    (tmp_path / "bergen.json").unlink()
    with pytest.raises(NotLookedError, match="no enabled route takes documents from connection qondor_default"):
        look.look_at_connection("qondor_default", "oslo")


def test_an_event_for_each_look_that_shows_something_new() -> None:
    async def shown() -> Any:
        for entries in ({"1": "a"}, {"1": "a"}, {"1": "a", "2": "b"}, {}, {"2": "b"}):
            yield entries

    async def events() -> list[Any]:
        trigger = QueueTrigger("oslo", "qondor_default")
        return [event.payload async for event in trigger.filter_shared_stream(shown())]

    assert asyncio.run(events()) == [{"new": 1, "waiting": 1}, {"new": 1, "waiting": 2}, {"new": 1, "waiting": 1}]


def test_routes_of_one_connection_share_their_looks() -> None:
    keys = [QueueTrigger(name, conn).shared_stream_key() for name, conn in (("a", "q"), ("b", "q"), ("c", "other"))]
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize(
    ("trigger", "expected"), [("schedule", CronDataIntervalTimetable), ("watch", AssetOrTimeSchedule)]
)
def test_a_watched_route_keeps_its_schedule(trigger: str, expected: type) -> None:
    watched_route = route(trigger=trigger)
    settings = dag_settings.run_settings(watched_route, PREFIX, "*/5 * * * *", is_watched=trigger == "watch")
    dag = DAG(**{**settings, "default_args": {}})
    assert isinstance(dag.timetable, expected)
    by_time = dag.timetable.timetable if isinstance(dag.timetable, AssetOrTimeSchedule) else dag.timetable
    assert by_time == CronDataIntervalTimetable("*/5 * * * *", timezone="Europe/Oslo")
    kept = json.dumps(DagSerialization.to_dict(dag), default=str)
    assert ("invoice_bridge.triggers.queue.QueueTrigger" in kept) is (trigger == "watch")


def test_what_starts_a_run_does_not_change_what_becomes_of_a_document() -> None:
    assert route(trigger="watch").fingerprint == route().fingerprint
