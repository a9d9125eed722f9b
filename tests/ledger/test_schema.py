"""The tables come into being by themselves, once, and are what the code thinks they are."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from invoice_bridge_core.errors import LedgerError
from invoice_bridge_core.ledger import Ledger
from invoice_bridge_core.ledger.database.schema import HEAD, migration_config
from invoice_bridge_core.ledger.database.tables import SCHEMA, metadata
from tests.ledger.rows import REF, claimed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.queues import Queue

    from tests.postgres import PostgresServer


@pytest.fixture
def empty_url(postgres: PostgresServer) -> Iterator[str]:
    url = postgres.create_database()
    yield url
    postgres.drop_database(url)


def test_an_empty_database_becomes_a_ledger_and_keeps_what_it_has(empty_url: str) -> None:
    ledger = Ledger.connect(empty_url)
    claimed(ledger).release()
    ledger.close()
    again = Ledger.connect(empty_url)
    assert len(again.find(REF.source_id)) == 1
    again.close()


def connect(url: str, ended: Queue[str]) -> None:
    try:
        Ledger.connect(url).close()
    except Exception as error:  # noqa: BLE001 - whatever it is, the test has to show it
        ended.put(repr(error))
    else:
        ended.put("connected")


def test_two_processes_that_meet_an_empty_database_both_get_a_ledger(empty_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    ended: Queue[str] = context.Queue()
    processes = [context.Process(target=connect, args=(empty_url, ended)) for _ in range(2)]
    for process in processes:
        process.start()
    assert [ended.get(timeout=60) for _ in processes] == ["connected", "connected"]
    for process in processes:
        process.join(60)


def test_threads_that_meet_an_empty_database_all_get_a_ledger(empty_url: str) -> None:
    connected = []

    def work() -> None:
        ledger = Ledger.connect(empty_url)
        connected.append(ledger.find("nothing"))
        ledger.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert connected == [[], [], []]


def test_the_constant_is_the_newest_migration() -> None:
    from alembic.script import ScriptDirectory

    assert ScriptDirectory.from_config(migration_config()).get_current_head() == HEAD


def test_the_migrations_make_the_tables_of_the_code(ledger: Ledger) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    options = {
        "include_schemas": True,
        "include_name": lambda name, kind, _parents: kind != "schema" or name == SCHEMA,
        "compare_server_default": True,
        "version_table_schema": SCHEMA,
    }
    with ledger.transaction() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_the_migrations_make_the_checks_of_the_code(ledger: Ledger) -> None:
    declared = {
        constraint.name
        for table in metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, sa.CheckConstraint)
    }
    with ledger.transaction() as connection:
        inspector = sa.inspect(connection)
        made = [
            check["name"]
            for table in metadata.tables.values()
            for check in inspector.get_check_constraints(table.name, schema=SCHEMA)
        ]
    assert set(made) == declared


def test_a_ledger_that_is_up_to_date_costs_no_alembic(ledger_url: str) -> None:
    program = (
        "import sys; from invoice_bridge_core.ledger import Ledger; Ledger.connect(sys.argv[1]).close();"
        "print('alembic' in sys.modules, 'pandas' in sys.modules, 'sqlalchemy.orm' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, ledger_url], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "False"]


def test_a_ledger_of_a_newer_release_is_left_alone(ledger_url: str) -> None:
    ledger = Ledger.connect(ledger_url)
    with ledger.transaction() as connection:
        connection.execute(sa.text(f"UPDATE {SCHEMA}.alembic_version SET version_num = '9999'"))
    ledger.close()
    with pytest.raises(LedgerError, match="made by another release"):
        Ledger.connect(ledger_url)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE {0}.alembic_version SET version_num = '9999'",
        "UPDATE {0}.alembic_version SET version_num = '9999'; ALTER TABLE {0}.reference_data DROP COLUMN body",
    ],
)
def test_a_task_leaves_a_ledger_of_a_newer_release_alone_too(ledger_url: str, change: str) -> None:
    ledger = Ledger.connect(ledger_url)
    with ledger.transaction() as connection:
        connection.execute(sa.text(change.format(SCHEMA)))
    ledger.close()
    with pytest.raises(LedgerError, match="made by another release"):
        Ledger.connect_for(ledger_url, "run 1", ["xero_default"])


def test_a_task_that_meets_an_empty_database_gets_a_ledger(empty_url: str) -> None:
    for _ in range(2):
        ledger = Ledger.connect_for(empty_url, "run 1", ["xero_default"])
        assert ledger.kept_reference_data("xero_default", "run 1") is None
        ledger.close()


def test_it_lives_beside_another_program_that_uses_alembic(empty_url: str) -> None:
    engine = sa.create_engine(empty_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE alembic_version (version_num text)"))
        connection.execute(sa.text("INSERT INTO alembic_version VALUES ('of airflow')"))
    Ledger.connect(empty_url).close()
    with engine.begin() as connection:
        assert connection.scalar(sa.text("SELECT version_num FROM public.alembic_version")) == "of airflow"
