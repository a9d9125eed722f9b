"""Which waiting documents become tasks, and what finding that out costs."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
import requests
import sqlalchemy as sa

from invoice_bridge.hooks.qondor.hook import QondorHook
from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.documents.window import Window
from invoice_bridge_core.errors import (
    ConfigurationError,
    GarbledAnswerError,
    RefusedError,
    TransientError,
    UnreadableError,
)
from invoice_bridge_core.ledger.database.tables import documents
from tests.world import credit_note, line, payment

if TYPE_CHECKING:
    from tests.world import World


def test_one_document_that_is_kept_from_us_keeps_no_other_one(world: World) -> None:
    for number in (1, 2):
        world.sandbox.qondor.add(payment(number))
    world.sandbox.fault("forbidden", system="qondor", path="*Invoice/50001")
    ended = world.run()
    assert ended["50002"].outcome is Outcome.TRANSFERRED
    assert ended["50001"].outcome is Outcome.HELD
    assert "403 to reading payment 50001" in ended["50001"].message
    world.sandbox.faults.clear()
    assert world.run()["50001"].outcome is Outcome.TRANSFERRED


def test_the_oldest_go_first_and_the_rest_follow(world: World) -> None:
    for number in range(12):
        world.sandbox.qondor.add(payment(number, invoiceDate=f"2026-10-{28 - number}", dueDate="2026-12-02"))
    first = world.select(limit=5)
    assert [facts.number for facts in first.invoices] == ["T-11", "T-10", "T-9", "T-8", "T-7"]
    assert first.left == {"waiting for the next run: documents_per_run reached": 7}
    for facts in first.invoices:
        world.transfer(facts.ref.source_id)
    assert [facts.number for facts in world.select(limit=5).invoices] == ["T-6", "T-5", "T-4", "T-3", "T-2"]


def test_a_known_queue_costs_one_list_call(world: World) -> None:
    for number in range(20):
        world.sandbox.qondor.add(payment(number))
    world.select()
    world.sandbox.traffic.reset()
    world.select()
    assert [entry.path.rsplit("/", 1)[-1] for entry in world.calls("qondor")] == ["GetAllUnprocessedInvoices"]


def test_credit_notes_come_in_a_list_of_their_own(world: World) -> None:
    invoice = payment(2)
    world.sandbox.qondor.add(credit_note(1, invoice))
    world.sandbox.qondor.add(invoice)
    selection = world.select()
    assert [facts.number for facts in selection.invoices] == ["T-2"]
    assert [facts.label for facts in selection.credit_notes] == ["T-1 · Nordlys Møter 901 AS · -10 000.00 NOK"]


def test_a_window_takes_its_dates_and_leaves_the_rest(world: World) -> None:
    for day in (1, 15, 30):
        world.sandbox.qondor.add(payment(day, invoiceDate=f"2026-11-{day:02}", dueDate="2026-12-30"))
    selection = world.select(window=Window(dt.date(2026, 11, 1), dt.date(2026, 11, 30)))
    assert [facts.number for facts in selection.invoices] == ["T-1", "T-15"]
    assert selection.left == {"outside the run's window": 1}


def test_documents_are_asked_for_by_number_or_id_even_when_done(world: World) -> None:
    first, second = (world.sandbox.qondor.add(payment(number)) for number in (1, 2))
    world.run()
    selection = world.select(only=["T-1", str(second["id"])])
    assert sorted(str(facts.number) for facts in selection.invoices) == ["T-1", "T-2"]
    assert world.transfer(first["id"]).outcome == "already transferred"


def test_documents_that_nobody_knows_are_named_where_there_is_no_other(world: World) -> None:
    world.sandbox.qondor.add(payment(1))
    with pytest.raises(
        ConfigurationError, match="NO-SUCH, 99 do not wait in Qondor, and the ledger does not know them"
    ):
        world.select(only=["NO-SUCH", "99"])


def test_a_document_that_nobody_knows_keeps_none_of_the_others(world: World) -> None:
    for number in range(1, 6):
        world.sandbox.qondor.add(payment(number))
    selection = world.select(only=["T-1", "t-2", "NO-SUCH", "50003", str(world.ref(50004)), "T-5"])
    assert sorted(str(facts.number) for facts in selection.invoices) == ["T-1", "T-2", "T-3", "T-4", "T-5"]
    [sentence] = selection.unknown
    assert sentence.startswith("Documents: NO-SUCH does not wait in Qondor, and the ledger does not know it")


def test_a_document_that_could_not_be_read_keeps_none_of_the_others_that_were_asked_for(world: World) -> None:
    unlucky = world.sandbox.qondor.add(payment(1))
    world.sandbox.qondor.add(payment(2))
    world.sandbox.fault("error", system="qondor", method="GET", path=f"*Invoice/{unlucky['id']}")
    selection = world.select(only=["T-1", "T-2"])
    assert [facts.number for facts in selection.invoices] == ["T-2"]
    [sentence] = selection.unknown
    assert "It may be among 1 document that could not be read this time" in sentence


@pytest.mark.parametrize("entries", ["ids", "texts"])
def test_a_queue_of_bare_ids_is_a_queue(world: World, entries: str) -> None:
    added = [world.sandbox.qondor.add(payment(number)) for number in (1, 2)]
    requests.post(f"{world.sandbox.url}/sandbox/qondor/queue?entries={entries}", timeout=5).raise_for_status()
    assert {source_id: end.outcome for source_id, end in world.run().items()} == {
        str(each["id"]): Outcome.TRANSFERRED for each in added
    }
    assert world.sandbox.qondor.waiting() == []


def test_entries_without_an_id_are_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.sandbox.qondor.rules, "queue_items", lambda: [50001, None, {"number": "T-2"}])
    world.sandbox.qondor.add(payment(1))
    selection = world.select()
    assert [facts.number for facts in selection.invoices] == ["T-1"]
    assert selection.left == {"listed without an id that can be used": 2}
    monkeypatch.setattr(world.sandbox.qondor.rules, "queue_items", lambda: [None, {"number": "T-2"}])
    with pytest.raises(UnreadableError, match="lists 2 payments, but none with an id"):
        world.select()


def test_one_document_that_cannot_be_read_does_not_keep_the_others(world: World) -> None:
    unlucky = world.sandbox.qondor.add(payment(1))
    world.sandbox.qondor.add(payment(2))
    world.sandbox.fault("error", system="qondor", method="GET", path=f"*Invoice/{unlucky['id']}")
    selection = world.select()
    assert [facts.number for facts in selection.invoices] == ["T-2"]
    assert selection.left == {"could not be read this time": 1}
    world.sandbox.faults.clear()
    assert len(world.select().invoices) == 2


def test_one_document_that_its_source_refuses_to_show_does_not_keep_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, refused = world.sandbox.qondor.add(payment(1)), world.sandbox.qondor.add(payment(2))
    show = QondorHook.invoice

    def only_the_first(hook: QondorHook, invoice_id: str) -> object:
        if str(invoice_id) == str(refused["id"]):
            raise RefusedError(f"Qondor answered 400 to reading payment {invoice_id}")
        return show(hook, invoice_id)

    monkeypatch.setattr(QondorHook, "invoice", only_the_first)
    ended = world.run()
    assert {key: str(result.outcome) for key, result in ended.items() if result.error is None} == {
        str(shown["id"]): "transferred",
        str(refused["id"]): "held",
    }
    assert world.row(refused["id"]).reason == f"Qondor answered 400 to reading payment {refused['id']}"


def test_what_an_author_moved_to_another_office_is_noticed_within_a_day(world: World) -> None:
    world.route = world.route.model_copy(update={"source": world.route.source.model_copy(update={"offices": ("7",)})})
    waiting = world.sandbox.qondor.add(payment(3, officeId=8))
    assert world.select().left == {"other offices or projects": 1}
    world.sandbox.qondor.payments.change(waiting["id"], officeId=7)
    with world.ledger.transaction() as connection:
        connection.execute(sa.update(documents).values(facts_read_at=dt.datetime.now(dt.UTC) - dt.timedelta(hours=25)))
    assert [facts.number for facts in world.select().invoices] == ["T-3"]


def test_a_document_that_was_moved_to_another_office_is_not_booked_by_this_route(world: World) -> None:
    world.route = world.route.model_copy(update={"source": world.route.source.model_copy(update={"offices": ("7",)})})
    waiting = world.sandbox.qondor.add(payment(1, officeId=7))
    assert [facts.number for facts in world.select().invoices] == ["T-1"]
    world.sandbox.qondor.payments.change(waiting["id"], officeId=9)
    result = world.transfer(waiting["id"])
    assert (str(result.outcome), "office 9" in result.message) == ("held", True)
    assert world.sandbox.xero.invoices.rows() == []
    assert world.select().left == {"other offices or projects": 1}
    world.route = world.route.model_copy(update={"source": world.route.source.model_copy(update={"offices": ("9",)})})
    assert [str(result.outcome) for result in world.run().values() if result.error is None] == ["transferred"]


def test_a_named_document_that_could_not_be_read_is_not_called_unknown(world: World) -> None:
    world.sandbox.qondor.add(payment(1))
    world.sandbox.fault("error", system="qondor", method="GET", path="/Invoicing/v1/Invoice/*", count=9)
    with pytest.raises(TransientError):
        world.select(only=["T-1"])


def test_a_kind_that_nobody_knows_is_held_with_its_name(world: World) -> None:
    strange = world.sandbox.qondor.add(payment(1, type=9, typeText="GiftVoucher"))
    [result] = world.run().values()
    assert result.outcome == "held"
    assert "'GiftVoucher'" in result.message
    assert world.sandbox.qondor.payments[strange["id"]]["statusText"] == "Unprocessed"
    assert world.run() == {}


def test_an_unreadable_document_is_held_by_the_route_of_its_office_alone(world: World) -> None:
    world.sandbox.qondor.add(payment(1, type=9, typeText="GiftVoucher", officeId=8))
    source = world.route.source
    world.route = world.route.model_copy(update={"source": source.model_copy(update={"offices": ("7",)})})
    assert world.select().left == {"other offices or projects": 1}
    world.route = world.route.model_copy(update={"source": source.model_copy(update={"offices": ("8",)})})
    assert [result.outcome for result in world.run().values()] == ["held"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("html", GarbledAnswerError),
        ("half_json", GarbledAnswerError),
        ("empty", GarbledAnswerError),
        ("error", TransientError),
    ],
)
def test_a_queue_that_cannot_be_read_is_not_an_empty_queue(world: World, fault: str, error: type[Exception]) -> None:
    world.sandbox.qondor.add(payment(1))
    world.sandbox.fault(fault, system="qondor", path="*GetAllUnprocessedInvoices")
    with pytest.raises(error, match="Qondor"):
        world.select()


def test_a_held_document_is_looked_at_again_when_an_account_opens(world: World) -> None:
    world.sandbox.qondor.add(payment(1, lines=[line("OLD")]))
    assert [result.outcome for result in world.run().values()] == ["held"]
    assert world.run() == {}
    account = next(row for row in world.sandbox.xero.books.accounts.rows() if row.get("Code") == "299")
    world.sandbox.xero.books.accounts.change(account["AccountID"], Status="ACTIVE")
    assert [result.outcome for result in world.run().values()] == ["transferred"]


def test_a_document_whose_report_got_lost_is_told_again_though_it_waits_no_more(world: World) -> None:
    waiting = world.sandbox.qondor.add(payment(1))
    world.sandbox.fault("close", when="after", system="qondor", method="PUT", path="*SetAsProcessed", nth=1)
    [first] = world.run().values()
    assert isinstance(first.error, TransientError)
    assert world.sandbox.qondor.waiting() == []
    [second] = world.run().values()
    assert second.outcome == "transferred"
    assert world.row(waiting["id"]).state == "transferred"
    reports = [entry for entry in world.calls("qondor", "PUT") if "SetAsProcessed" in entry.path]
    assert len(reports) == 1
