"""The judges of a round are silent when all is right, and speak when it is not; no Airflow is needed for that."""

from __future__ import annotations

from collections import Counter
from random import Random
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.database.tables import history
from sandbox.sandbox import Sandbox
from tests.chaos.airflow.papers import journeys_of
from tests.chaos.airflow.payments import pay_some, to_tell, told
from tests.chaos.airflow.stage import Stage
from tests.chaos.airflow.truth import unfinished_payments, wrong_state, wrong_summary
from tests.world import World, connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from invoice_bridge_core.ledger import Ledger
    from tests.chaos.journeys import Journey

SEED = 5


class Played:
    """A round without Airflow: everything is transferred, and payments are told."""

    def __init__(self, sandbox: Sandbox, ledger_url: str) -> None:
        self.sandbox = sandbox
        self.stage = Stage(sandbox, SimpleNamespace(ledger_url=ledger_url))  # type: ignore[arg-type]
        self.rng = Random(SEED)
        self.journeys: list[Journey] = journeys_of(self.rng, 30)
        self.stage.begin(self.journeys)
        sandbox.faults.clear()
        self.worlds = [World(sandbox, ledger_url, journey.route) for journey in self.journeys]
        for world in self.worlds:
            world.run_until_quiet()
        self.transferred = self.violations()
        self.journeys = pay_some(self.rng, sandbox, self.journeys)

    def tell(self) -> None:
        for world in self.worlds:
            world.run_payments()

    def close(self) -> None:
        for world in self.worlds:
            world.close()

    def violations(self) -> list[str]:
        return [*wrong_state(self.stage, self.journeys)]


@pytest.fixture
def played(ledger_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Played]:
    with Sandbox(documents=0, data="plain") as sandbox:
        connect(sandbox, monkeypatch)
        played = Played(sandbox, ledger_url)
        yield played
        played.close()


def test_nothing_is_said_of_what_is_right(played: Played) -> None:
    with played.stage.ledger() as ledger:
        assert unfinished_payments(ledger, played.journeys) == []
    assert played.transferred == []
    played.tell()
    assert to_tell(played.journeys)
    assert told(played.sandbox) == to_tell(played.journeys)
    assert played.violations() == []


def test_a_summary_is_judged_by_its_last_table() -> None:
    table = "Route r: 3 documents\n transferred  {} 10.00 NOK\n rejected  1 5.00 NOK\n"
    states = Counter({DocumentState.TRANSFERRED: 2, DocumentState.REJECTED: 1})
    ids = ["1", "2", "3"]
    assert [*wrong_summary(table.format(2), ids, states)] == []
    assert [*wrong_summary(table.format(2) * 2, ids, states)] == []
    assert [*wrong_summary(table.format(2) + table.format(1), ids, states)] == [
        "the summary counts 1 transferred, the ledger 2"
    ]
    assert [*wrong_summary("", ids, states)]


def test_a_source_may_be_told_as_often_as_attempts_on_a_document_stopped(played: Played) -> None:
    entries = played.sandbox.traffic._entries
    report = next(each for each in entries if each.system == "ixpole" and each.method == "PUT" and each.status == 204)
    entries.extend([report] * 3)
    played.tell()
    [sentence] = played.violations()
    assert "told 4 times" in sentence
    with played.stage.ledger() as ledger:
        [row] = ledger.rows("ixpole", "ixpole_default", [report.body["InstalmentCode"]]).values()
        stop(ledger, row.id, times=2)
        assert played.violations() == [sentence]
        stop(ledger, row.id, times=1)
        assert played.violations() == []


def stop(ledger: Ledger, document_id: int, times: int) -> None:
    """As if so many attempts on the document had been killed, each of them found by the next."""
    line = {"document_id": document_id, "actor": "task", "to_state": "booked", "changes": {}}
    note = "taken up again: the last try stopped without a note"
    with ledger.transaction() as connection:
        connection.execute(sa.insert(history), [{**line, "note": note}] * times)


def booked_twice(sandbox: Sandbox) -> None:
    row = sandbox.xero.invoices.rows()[0]
    sandbox.xero.invoices.put({**row, "InvoiceID": "another"})


def lost(sandbox: Sandbox) -> None:
    row = sandbox.quiddly.invoices.rows()[0]
    sandbox.quiddly.invoices.remove(row["id"])


def paid_twice(sandbox: Sandbox) -> None:
    row = next(row for row in sandbox.xero.payments.rows() if "CreditNoteID" in row or row["Amount"] == 10_000)
    sandbox.xero.payments.put({**row, "PaymentID": "another"})


def allocated_twice(sandbox: Sandbox) -> None:
    row = sandbox.xero.allocations.rows()[0]
    sandbox.xero.allocations.put({**row, sandbox.xero.allocations.key: "another"})


def contact_twice(sandbox: Sandbox) -> None:
    row = sandbox.xero.contacts.rows()[0]
    sandbox.xero.contacts.put({**row, "ContactID": "another"})


def item_twice(sandbox: Sandbox) -> None:
    row = sandbox.xero.items.rows()[0]
    sandbox.xero.items.put({**row, sandbox.xero.items.key: "another"})


def told_untruth(sandbox: Sandbox) -> None:
    row = next(row for row in sandbox.qondor.payments.rows() if row["statusText"] == "Processed")
    sandbox.qondor.payments.change(row["id"], statusText="Failed")


def told_of_a_payment_that_was_not(sandbox: Sandbox) -> None:
    row = next(row for row in sandbox.ixpole.instalments.rows() if row["Status"] in ("Open", "Overdue"))
    sandbox.ixpole.instalments.change(row["key"], Status="Received")


def not_told_of_a_payment(sandbox: Sandbox) -> None:
    row = next(row for row in sandbox.qondor.payments.rows() if row["statusText"] == "Paid")
    sandbox.qondor.payments.change(row["id"], statusText="Processed")


@pytest.mark.parametrize(
    "wrong",
    [
        booked_twice,
        lost,
        paid_twice,
        allocated_twice,
        contact_twice,
        item_twice,
        told_untruth,
        told_of_a_payment_that_was_not,
        not_told_of_a_payment,
    ],
)
def test_what_is_wrong_is_said(played: Played, wrong: Callable[[Sandbox], Any]) -> None:
    played.tell()
    wrong(played.sandbox)
    assert played.violations()
