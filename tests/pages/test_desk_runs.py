"""When the transfers of a route ran well and run next, as the preflight page tells it from Airflow's own database."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from airflow.utils.session import create_session

from tests.pages.airflow_tables import play_airflows_database
from tests.world import FERNET_KEY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pages.desk_world import Desk
    from tests.world import World

# Airflow's own imports.
pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with", "ignore::DeprecationWarning")

DAG, OTHER = "invoice_transfer__qondor_xero", "invoice_transfer__other"
NEXT = dt.datetime(2026, 11, 30, 9, tzinfo=dt.UTC)


@pytest.fixture
def shown(world: World, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", FERNET_KEY)
    play_airflows_database(tmp_path, monkeypatch)
    return desk


def insert(table: str, **values: Any) -> None:
    from airflow.models.base import Base

    with create_session() as session:
        session.execute(sa.insert(Base.metadata.tables[table]).values(**values))


def has_dag(*, is_paused: bool) -> None:
    limits = {"max_active_tasks": 16, "max_active_runs": 1, "max_consecutive_failed_dag_runs": 0}
    facts = {"bundle_name": "dags-folder", "has_task_concurrency_limits": False, **limits}
    insert("dag", dag_id=DAG, is_paused=is_paused, next_dagrun_create_after=NEXT, **facts)


def ran(day: int, state: str, dag_id: str = DAG) -> None:
    begun = dt.datetime(2026, 11, day, 8, tzinfo=dt.UTC)
    ended = None if state == "running" else begun + dt.timedelta(minutes=5)
    run = {
        "dag_id": dag_id,
        "run_id": f"r{day}",
        "run_type": "scheduled",
        "run_after": begun,
        "clear_number": 0,
    }
    insert("dag_run", **run, log_template_id=None, state=state, start_date=begun, end_date=ended)


def told(shown: Desk) -> tuple[str | None, str | None, list[str]]:
    answer = shown.get("api/preflight/qondor_xero").json
    stops = [one["text"] for one in answer["findings"] if one["severity"] == "stops"]
    return answer["last_good_run"], answer["next_run"], stops


def test_the_last_run_that_went_well_and_the_next_one_are_told(shown: Desk) -> None:
    has_dag(is_paused=False)
    ran(26, "success")
    ran(27, "success")
    ran(28, "failed")
    ran(29, "running")
    ran(30, "success", OTHER)
    assert told(shown) == ("2026-11-27T08:05:00+00:00", NEXT.isoformat(), [])


def test_a_paused_dag_stops_the_route_and_has_no_next_run(shown: Desk) -> None:
    has_dag(is_paused=True)
    ran(27, "success")
    last, following, stops = told(shown)
    assert (last, following) == ("2026-11-27T08:05:00+00:00", None)
    assert stops == [f"DAG {DAG} is paused, so that no run begins by its schedule"]


def test_where_no_run_went_well_nothing_is_claimed(shown: Desk) -> None:
    has_dag(is_paused=False)
    ran(28, "failed")
    assert told(shown) == (None, NEXT.isoformat(), [])
