"""Statements are compiled once for all ledgers of a process, and before tasks are forked."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from invoice_bridge_core.errors import LedgerError
from invoice_bridge_core.ledger import Ledger, warming
from invoice_bridge_core.ledger.database import compiled
from invoice_bridge_core.ledger.database.database import Database
from invoice_bridge_core.ledger.database.read_only import ReadOnlyDatabase
from invoice_bridge_core.ledger.database.tables import documents
from invoice_bridge_core.transfer.transfer import Attempt, Transfer
from tests.world import payment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.world import World


@pytest.fixture
def missed() -> Iterator[list[str]]:
    """What is compiled from here on, beginning with nothing."""
    with pytest.MonkeyPatch.context() as patch:
        fresh = compiled.CompiledStatements()
        patch.setattr(compiled.COMPILED, "_kept", fresh._kept)
        texts: list[str] = []
        keep = compiled.CompiledStatements.__setitem__

        def note(self: compiled.CompiledStatements, key: tuple[object, ...], statement: sa.Compiled) -> None:
            texts.append(str(statement))
            keep(self, key, statement)

        patch.setattr(compiled.CompiledStatements, "__setitem__", note)
        yield texts


def test_a_documents_task_compiles_next_to_nothing_anew(world: World, missed: list[str]) -> None:
    world.sandbox.qondor.add(payment(1))
    [chosen] = world.select().invoices
    warming.warm_up()
    missed.clear()
    attempt = Attempt(claimant="test/run/invoices/0", run_key=world.run_key)
    assert Transfer(world.session(), attempt).transfer(chosen.ref).outcome == "transferred"
    # A few may be added to the transfer before they are added to what is warmed up.
    assert len(missed) <= 3, missed


def test_warming_up_asks_nobody(missed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("warming up opened a connection")

    monkeypatch.setattr("psycopg2.connect", refuse)
    monkeypatch.setattr(socket, "socket", refuse)
    warming.warm_up()
    assert len(missed) > 20
    warmed = len(missed)
    warming.warm_up()
    assert len(missed) == warmed


def test_two_ledgers_share_what_is_compiled(ledger_url: str, missed: list[str]) -> None:
    for _ in range(2):
        ledger = Ledger.connect(ledger_url)
        assert ledger.find("nothing") == []
        ledger.close()
    assert len(missed) == len(set(missed))


def test_a_look_sees_and_leaves_no_transaction_behind(ledger_url: str) -> None:
    Ledger.connect(ledger_url).close()
    database = Database(ledger_url)
    with database.look() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(documents)) == 0
        # Each statement has a transaction of its own.
        first, second = (connection.scalar(sa.select(sa.func.now())) for _ in range(2))
        assert first != second
    with database.transaction() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        assert raw.autocommit is False
    with pytest.raises(LedgerError), database.look() as connection:
        connection.execute(sa.text("SELECT nothing"))
    with database.transaction() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        assert raw.autocommit is False
    database.close()


def test_a_look_of_those_who_only_look_cannot_write(ledger_url: str) -> None:
    Ledger.connect(ledger_url).close()
    database = Database(ledger_url)
    with pytest.raises(LedgerError), ReadOnlyDatabase(database).look() as connection:
        connection.execute(sa.delete(documents))
    database.close()
