"""A large ledger in use gets its new indexes before the migration locks anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from invoice_bridge_core.ledger import Ledger
from invoice_bridge_core.ledger.database import prepared_indexes
from invoice_bridge_core.ledger.database.database import Database
from invoice_bridge_core.ledger.database.open_work_indexes import ALL_INDEXES, INDEXES, OPEN_INDEXES
from invoice_bridge_core.ledger.database.schema import migration_config
from tests.growth.grown import grow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgres import PostgresServer


@pytest.fixture
def older(postgres: PostgresServer) -> Iterator[str]:
    """A ledger with some documents, of the release before."""
    from alembic import command

    url = postgres.create_database()
    database = Database(url)
    config = migration_config()
    with database.transaction() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, prepared_indexes.FROM_VERSION)
    grow_older(database)
    database.close()
    yield url
    postgres.drop_database(url)


def grow_older(database: Database) -> None:
    grow(Ledger(database), 60)


def made(url: str) -> list[str]:
    """The statements that make indexes on tables of documents while the ledger is opened."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("CREATE INDEX"):
            statements.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        Ledger.connect(url).close()
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    return statements


def valid(url: str) -> dict[str, bool]:
    database = Database(url)
    with database.transaction() as connection:
        query = sa.text("SELECT relname, indisvalid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid")
        found = {name: is_valid for name, is_valid in connection.execute(query) if name in ALL_INDEXES}
    database.close()
    return found


def test_a_large_ledger_keeps_taking_writes_while_its_indexes_are_made(
    older: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared_indexes, "WORTH_IT", 50)
    statements = made(older)
    assert [one for one in statements if "CONCURRENTLY" in one] == [
        f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {made_of}" for name, made_of in ALL_INDEXES.items()
    ]
    assert valid(older) == dict.fromkeys(ALL_INDEXES, True)
    ledger = Ledger.connect(older)
    assert ledger.payments.unfinished("qondor", "qondor_default", "xero_default") != []
    ledger.close()


def test_a_ledger_of_a_later_release_gets_the_later_indexes_beside_its_writers(
    older: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic import command

    config = migration_config()
    database = Database(older)
    with database.transaction() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0017")
    database.close()
    assert valid(older).keys() == INDEXES.keys()
    monkeypatch.setattr(prepared_indexes, "WORTH_IT", 50)
    statements = made(older)
    assert all(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} " in " ".join(statements) for name in OPEN_INDEXES)
    assert valid(older) == dict.fromkeys(ALL_INDEXES, True)


def test_what_a_dead_attempt_left_is_made_again(older: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared_indexes, "WORTH_IT", 50)
    name = "ix_documents_dated"
    database = Database(older)
    with database.transaction() as connection:
        connection.execute(sa.text(f"CREATE INDEX {name} ON {INDEXES[name]}"))
        connection.execute(
            sa.text(f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'invoice_bridge.{name}'::regclass")
        )
    database.close()
    made(older)
    assert valid(older)[name]


def test_a_small_ledger_is_migrated_in_one_transaction(older: str) -> None:
    assert [one for one in made(older) if "CONCURRENTLY" in one] == []
    assert valid(older) == dict.fromkeys(ALL_INDEXES, True)
