"""Two people who save a mapping at once, on PostgreSQL as a real Airflow has it; and a run that reads what is saved."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from invoice_bridge.pages.desk import variables
from invoice_bridge.pages.desk.variables import AccountCodesVariable
from invoice_bridge_core.preflight.mapping import Changed, MappingConflictError, seen_as
from invoice_bridge_core.routes.loader import load_route
from invoice_bridge_core.transfer.run_memory import LedgerRunMemory
from tests.pages.airflow_tables import play_airflows_database
from tests.world import FERNET_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.pages.desk_world import Desk
    from tests.postgres import PostgresServer
    from tests.world import World

# Airflow's own imports.
pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with", "ignore::DeprecationWarning")

KEY, DAG = "invoice_bridge_account_codes__qondor_xero", "invoice_transfer__qondor_xero"
URL = "api/mapping/qondor_xero"


@pytest.fixture
def airflow_url(postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Airflow's own database, on PostgreSQL."""
    from tests.pages.desk_world import OWN_TEAM

    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", FERNET_KEY)
    url = postgres.create_database()
    play_airflows_database(tmp_path, monkeypatch, url)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO team (name) VALUES (:name)"), {"name": OWN_TEAM})
    yield url
    postgres.drop_database(url)


@pytest.fixture
def variable() -> AccountCodesVariable:
    return AccountCodesVariable(KEY, DAG)


def save(variable: AccountCodesVariable, article: str, seen: str) -> str:
    """Save that one article is mapped; how it went."""
    text = json.dumps({article: "200"})
    try:
        variable.save(
            text, [Changed(article, None, "200", None, "200")], seen=seen, user_id=article, by=article, team=None
        )
    except MappingConflictError:
        return "changed meanwhile"
    return "saved"


def both(*tasks: Callable[[], str]) -> list[str]:
    with ThreadPoolExecutor(len(tasks)) as pool:
        return [one.result(timeout=60) for one in [pool.submit(task) for task in tasks]]


def logged() -> list[str]:
    """Who changed the mapping, by Airflow's audit log."""
    from airflow.models.log import Log
    from airflow.utils.session import create_session

    with create_session() as session:
        return [str(entry.owner) for entry in session.query(Log).all()]


def test_of_two_first_saves_at_once_one_is_told_that_it_changed(
    airflow_url: str, variable: AccountCodesVariable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have looked, and seen that there is none, before either writes."""
    looked = threading.Barrier(2, timeout=30)

    def seen_by_both(text: str | None) -> str:
        looked.wait()
        return seen_as(text)

    monkeypatch.setattr(variables, "seen_as", seen_by_both)
    nothing = seen_as(None)
    ends = both(lambda: save(variable, "A", nothing), lambda: save(variable, "B", nothing))
    assert sorted(ends) == ["changed meanwhile", "saved"]
    first = ("A", "B")[ends.index("saved")]
    assert (variable.text(), logged()) == (json.dumps({first: "200"}), [first])


def test_of_two_changes_at_once_the_second_waits_and_is_told_that_it_changed(
    airflow_url: str, variable: AccountCodesVariable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one comes while the first has the row; it sees what the first has written, and not what was before."""
    assert save(variable, "A", seen_as(None)) == "saved"
    seen = seen_as(variable.text())
    has_row = threading.Event()

    def slowly(text: str | None) -> str:
        if not has_row.is_set():
            has_row.set()
            until(lambda: waiting(airflow_url) == 1)
        return seen_as(text)

    monkeypatch.setattr(variables, "seen_as", slowly)

    def second() -> str:
        assert has_row.wait(timeout=30)
        return save(variable, "C", seen)

    assert both(lambda: save(variable, "B", seen), second) == ["saved", "changed meanwhile"]
    assert (variable.text(), logged()) == (json.dumps({"B": "200"}), ["A", "B"])


def waiting(url: str) -> int:
    """How many sessions wait for a lock."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return int(connection.exec_driver_sql(query).scalar_one())


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def shown(world: World, airflow_url: str, desk: Desk) -> Desk:
    route = load_route("qondor_xero")
    assert route is not None
    world.route = route
    return desk


def test_of_many_who_save_on_the_page_at_once_one_is_first(world: World, shown: Desk, variable: Any) -> None:
    for articles in (("A", "B", "C", "D"), ("E", "F", "G")):
        seen, before = shown.get(URL).json["seen"], json.loads(variable.text() or "{}")

        def post(article: str, seen: str = seen) -> str:
            answer = shown.post(URL, {"mapping": {article: "200"}, "seen": seen})
            return f"{answer.status} {'' if answer.status == 200 else answer.error}"

        ends = both(*(lambda article=article: post(article) for article in articles))
        saved = [article for article, end in zip(articles, ends, strict=True) if end.startswith("200")]
        assert len(saved) == 1, ends
        assert all(end.startswith(("200", "409 Somebody else has")) for end in ends)
        assert json.loads(variable.text() or "") == {**before, saved[0]: "200"}


def test_what_is_saved_on_the_page_is_what_a_task_of_a_run_reads(
    world: World, shown: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task's own code asks Airflow's own execution API, which reads the same database."""
    import airflow.sdk.execution_time.task_runner as task_runner
    from airflow.sdk.execution_time.comms import GetVariable, VariableResult
    from airflow.sdk.execution_time.supervisor import InProcessTestSupervisor

    from invoice_bridge.account_codes import with_account_codes

    client: Any = InProcessTestSupervisor._api_client()  # type: ignore[no-untyped-call]

    class Supervisor:
        """What a task's process talks to, without a process between."""

        def send(self, message: GetVariable) -> Any:
            # In a real Airflow the API is another process, which has no supervisor.
            with monkeypatch.context() as apart:
                apart.delattr(task_runner, "SUPERVISOR_COMMS")
                answer = client.variables.get(message.key)
            if hasattr(answer, "value"):
                return VariableResult.from_variable_response(answer)
            return answer

    monkeypatch.setattr(task_runner, "SUPERVISOR_COMMS", Supervisor(), raising=False)

    def as_a_run() -> dict[str, str]:
        memory = LedgerRunMemory(world.ledger, world.new_run())
        return dict(with_account_codes(world.route, world.ledger, memory).finance.account_codes)

    assert as_a_run() == {"VAT25": "200"}
    answer = shown.post(URL, {"mapping": {"CONF": "205", "VAT25": "205"}, "seen": shown.get(URL).json["seen"]})
    assert answer.status == 200, answer.text
    assert as_a_run() == {"VAT25": "205", "CONF": "205"}
    shown.post(URL, {"restore": True, "seen": answer.json["seen"]})
    assert as_a_run() == {"VAT25": "200"}
