"""What a finance system says of itself is read once per run."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from invoice_bridge_core.errors import TransientError
from invoice_bridge_core.ledger.database.tables import reference_data
from invoice_bridge_core.ports import ReferenceData
from tests.ledger.test_contacts import at_once

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import Ledger

CONN = "xero_default"


def snapshot(text: str = "1") -> ReferenceData:
    return ReferenceData(body={"accounts": ["200"], "limit": Decimal("0.10"), "rate": 25}, fingerprint=text)


def age(ledger: Ledger, days: int) -> None:
    with ledger.transaction() as connection:
        connection.execute(sa.update(reference_data).values(read_at=reference_data.c.read_at - dt.timedelta(days=days)))


def test_eight_tasks_of_a_run_read_it_once(ledger: Ledger) -> None:
    reads = []
    got = []
    slow = threading.Event()

    def read() -> ReferenceData:
        reads.append(1)
        slow.wait(0.3)
        return snapshot()

    at_once(8, lambda: got.append(ledger.reference_data(CONN, "run 1", read)))
    assert len(reads) == 1
    assert len(got) == 8
    assert all(one == got[0] for one in got)
    assert got[0].body == {"accounts": ["200"], "limit": "0.10", "rate": 25}


def test_another_run_and_another_system_read_for_themselves(ledger: Ledger) -> None:
    assert ledger.reference_data(CONN, "run 1", lambda: snapshot("1")).fingerprint == "1"
    assert ledger.reference_data(CONN, "run 2", lambda: snapshot("2")).fingerprint == "2"
    assert ledger.reference_data("quiddly_default", "run 1", lambda: snapshot("3")).fingerprint == "3"
    assert ledger.reference_data(CONN, "run 1", lambda: snapshot("4")).fingerprint == "1"


def test_a_read_that_failed_leaves_nothing_behind(ledger: Ledger) -> None:
    def fail() -> ReferenceData:
        raise TransientError("Xero does not answer")

    with pytest.raises(TransientError, match="Xero does not answer"):
        ledger.reference_data(CONN, "run 1", fail)
    assert ledger.reference_data(CONN, "run 1", snapshot) is not None


def test_the_newest_is_found_while_it_is_young_enough(ledger: Ledger) -> None:
    half_an_hour = dt.timedelta(minutes=30)
    assert ledger.recent_reference_data(CONN, half_an_hour) is None
    ledger.reference_data(CONN, "run 1", lambda: snapshot("1"))
    age(ledger, 1)
    assert ledger.recent_reference_data(CONN, half_an_hour) is None
    ledger.reference_data(CONN, "run 2", lambda: snapshot("2"))
    found = ledger.recent_reference_data(CONN, dt.timedelta(days=2))
    assert found is not None
    assert found.fingerprint == "2"


def test_old_snapshots_go(ledger: Ledger) -> None:
    ledger.reference_data(CONN, "run 1", snapshot)
    age(ledger, 8)
    ledger.reference_data(CONN, "run 2", snapshot)
    with ledger.transaction() as connection:
        assert list(connection.scalars(sa.select(reference_data.c.run_key))) == ["run 2"]
