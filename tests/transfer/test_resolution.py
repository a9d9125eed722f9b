"""A document in doubt, resolved by a person: what is believed, what is not, and that the next run ends it once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import BridgeError, NotResolvedError
from invoice_bridge_core.transfer.resolution import Resolution
from tests.builders import route
from tests.world import credit_note, payment

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import DocumentRow
    from tests.world import World


def resolution(world: World, by: str = "anna") -> Resolution:
    _, finance = world.systems()
    return Resolution(route=world.route, finance=finance, ledger=world.ledger, by=by)


def made_by_hand(world: World, **changes: Any) -> dict[str, Any]:
    """An invoice T-1 over 10 000.00 NOK that a bookkeeper wrote in Xero."""
    contact = world.sandbox.xero.add_contact(Name=f"Nordlys {len(world.sandbox.xero.contacts.rows())}")
    values: dict[str, Any] = {
        "Type": "ACCREC",
        "InvoiceNumber": "T-1",
        "Contact": {"ContactID": contact["ContactID"]},
        "Status": "AUTHORISED",
        "Date": "2026-11-02",
        "DueDate": "2026-12-02",
        "CurrencyCode": "NOK",
        "LineItems": [{"Description": "Room", "Quantity": 1, "UnitAmount": 8000, "AccountCode": "200"}],
    }
    made: dict[str, Any] = world.sandbox.xero.add_invoice(**values | changes)
    return made


def lost(world: World, path: str = "*Invoices") -> None:
    """The next booking is made, and its answer lost."""
    world.sandbox.fault("close", when="after", system="xero", method="PUT", path=path, nth=1)


def in_doubt(world: World, **body: Any) -> DocumentRow:
    """Payment 1, in doubt because something else has its number in Xero."""
    waiting = world.sandbox.qondor.add(payment(1, **body))
    world.run()
    row = world.row(waiting["id"])
    assert row.state is DocumentState.IN_DOUBT
    world.sandbox.traffic.reset()
    return row


def ends_once(world: World, row: DocumentRow, number: str = "T-1") -> dict[str, Any]:
    """The next run transfers the document; returns the one booking of the number that Xero has."""
    [result] = [ended for source_id, ended in world.run().items() if source_id == row.ref.source_id]
    assert result.outcome is Outcome.TRANSFERRED
    [booked] = world.sandbox.xero.invoices.find("InvoiceNumber", number)
    told = world.sandbox.qondor.payments[int(row.ref.source_id)]
    assert (told["statusText"], told["externalReference"]) == ("Processed", booked["InvoiceID"])
    assert world.row(row.ref.source_id).state is DocumentState.TRANSFERRED
    return dict(booked)


def unchanged(world: World, row: DocumentRow) -> None:
    """Nothing was written to either side, and the ledger's row is as it was, without a lease."""
    now = world.row(row.ref.source_id)
    assert (now.state, now.reason, now.intent_token, now.booking) == (row.state, row.reason, row.intent_token, None)
    assert now.lease_owner is None
    assert world.calls("xero", "PUT", "POST") == world.calls("qondor") == []


@pytest.mark.parametrize("by_id", [False, True])
def test_what_was_booked_by_hand_is_taken_when_a_person_insists_and_fits(world: World, by_id: bool) -> None:
    made = made_by_hand(world)
    row = in_doubt(world)
    name = made["InvoiceID"] if by_id else "T-1"
    with pytest.raises(NotResolvedError, match=r"but not our mark 'qondor:.*--despite-missing-mark"):
        resolution(world).booked_as(row, name)
    unchanged(world, row)

    said = resolution(world).booked_as(row, name, despite_missing_mark=True)
    assert f"is booked as T-1 ({made['InvoiceID']})" in said
    assert "The next run of invoice_transfer__qondor_xero finishes it and reports it to its source" in said
    assert world.sandbox.qondor.payments[int(row.ref.source_id)]["statusText"] == "Unprocessed"
    assert ends_once(world, row)["InvoiceID"] == made["InvoiceID"]
    assert world.calls("xero", "PUT") == []


@pytest.mark.parametrize("reference", ["12:30:00", "PO: 77: urgent", "po:77:urgent"])
def test_a_reference_that_a_person_typed_is_no_mark_of_another_document(world: World, reference: str) -> None:
    made = made_by_hand(world, Reference=reference)
    row = in_doubt(world)
    with pytest.raises(NotResolvedError, match="--despite-missing-mark"):
        resolution(world).booked_as(row, "T-1")
    unchanged(world, row)
    resolution(world).booked_as(row, "T-1", despite_missing_mark=True)
    assert ends_once(world, row)["InvoiceID"] == made["InvoiceID"]
    assert world.calls("xero", "PUT") == []


def test_our_own_booking_is_taken_whatever_contact_it_was_moved_to(world: World) -> None:
    world.route = route(source={"document_link": "https://qondor.example/invoice/{id}"})
    first = world.sandbox.qondor.add(payment(2))
    world.transfer(first["id"])
    lost(world)
    waiting = world.sandbox.qondor.add(payment(1))
    with pytest.raises(BridgeError):
        world.transfer(waiting["id"])
    [made] = world.sandbox.xero.invoices.find("InvoiceNumber", "T-1")
    other = world.sandbox.xero.add_contact(Name="Somebody else")
    world.sandbox.xero.invoices.change(made["InvoiceID"], ContactID=other["ContactID"])
    assert world.transfer(waiting["id"]).outcome is Outcome.IN_DOUBT
    row = world.row(waiting["id"])
    assert "another contact" in str(row.reason)
    assert "with our mark, currency and total" in resolution(world).booked_as(row, "T-1")
    ends_once(world, row)


def test_a_booking_under_another_number_is_taken_and_reported(world: World) -> None:
    row = in_doubt_with_a_stranger(world)
    made = made_by_hand(world, InvoiceNumber="H-77")
    said = resolution(world).booked_as(row, "H-77", despite_missing_mark=True)
    assert "is booked as H-77" in said
    assert ends_once(world, row, "H-77")["InvoiceID"] == made["InvoiceID"]


def in_doubt_with_a_stranger(world: World) -> DocumentRow:
    made_by_hand(world, LineItems=[{"Description": "x", "Quantity": 1, "UnitAmount": 5, "AccountCode": "200"}])
    return in_doubt(world)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"CurrencyCode": "EUR"}, r"its currency is EUR, not NOK"),
    (
        {"LineItems": [{"Description": "x", "Quantity": 1, "UnitAmount": 8001, "AccountCode": "200"}]},
        r"its total is 10 001.25, not 10 000.00",
    ),
    ({"Reference": "PO 7 · qondor:qondor_default:999"}, r"the mark of another document, 'qondor:qondor_default:999'"),
]


@pytest.mark.parametrize(("changes", "message"), REFUSED, ids=["currency", "total", "mark"])
def test_what_differs_is_told_and_never_taken(world: World, changes: dict[str, Any], message: str) -> None:
    made_by_hand(world, **changes)
    row = in_doubt(world)
    for name in ("T-1", "t-1"):
        with pytest.raises(NotResolvedError, match=message):
            resolution(world).booked_as(row, name, despite_missing_mark=True, i_looked=True)
    unchanged(world, row)
    assert world.run() == {}


@pytest.mark.parametrize(
    "name", ["T-99", "3f6a2a06-0000-4000-8000-000000000000", 'T"1', "T-1) OR (1==1", "../Contacts"]
)
def test_what_is_not_there_is_refused(world: World, name: str) -> None:
    row = in_doubt_with_a_stranger(world)
    with pytest.raises(NotResolvedError, match="Xero shows no invoice with the number or id"):
        resolution(world).booked_as(row, name, despite_missing_mark=True, i_looked=True)
    unchanged(world, row)


def test_what_is_voided_is_refused(world: World) -> None:
    row = in_doubt_with_a_stranger(world)
    voided = made_by_hand(world, InvoiceNumber="H-77")
    world.sandbox.xero.invoices.change(voided["InvoiceID"], Status="VOIDED")
    for name in ("H-77", voided["InvoiceID"]):
        with pytest.raises(NotResolvedError, match="is voided or deleted in Xero"):
            resolution(world).booked_as(row, name, despite_missing_mark=True)
    unchanged(world, row)


def test_another_documents_booking_is_refused_and_its_document_named(world: World) -> None:
    other = world.sandbox.qondor.add(payment(2))
    world.transfer(other["id"])
    row = in_doubt_with_a_stranger(world)
    with pytest.raises(NotResolvedError, match=rf"T-2 .* is the booking of T-2 · .*qondor_default:{other['id']}"):
        resolution(world).booked_as(row, "T-2", despite_missing_mark=True)
    unchanged(world, row)


def test_a_credit_note_is_looked_for_among_credit_notes(world: World) -> None:
    invoice = world.sandbox.qondor.add(payment(2))
    world.transfer(invoice["id"])
    lost(world, "*CreditNotes")
    note = world.sandbox.qondor.add(credit_note(1, invoice))
    with pytest.raises(BridgeError):
        world.transfer(note["id"])
    [made] = world.sandbox.xero.credit_notes.rows()
    world.sandbox.xero.credit_notes.change(made["CreditNoteID"], Reference="cut by hand")
    assert world.transfer(note["id"]).outcome is Outcome.IN_DOUBT
    row = world.row(note["id"])
    [booked] = world.sandbox.xero.invoices.rows()
    with pytest.raises(NotResolvedError, match="Xero shows no credit note with the number or id"):
        resolution(world).booked_as(row, booked["InvoiceID"], despite_missing_mark=True)
    resolution(world).booked_as(row, made["CreditNoteID"], despite_missing_mark=True)
    assert [result.outcome for result in world.run().values()] == [Outcome.TRANSFERRED]
    [credited] = world.sandbox.xero.credit_notes.rows()
    assert credited["RemainingCredit"] == 0


def test_not_booked_is_refused_while_something_has_the_number(world: World) -> None:
    row = in_doubt_with_a_stranger(world)
    [stranger] = world.sandbox.xero.invoices.rows()
    with pytest.raises(NotResolvedError, match=rf"Give that document another .*--booked-as {stranger['InvoiceID']}"):
        resolution(world).not_booked(row, i_looked=True)
    unchanged(world, row)

    world.sandbox.xero.invoices.change(stranger["InvoiceID"], InvoiceNumber="H-1")
    world.let_arrive()
    said = resolution(world).not_booked(row)
    assert "Xero has no invoice T-1" in said
    assert "The next run of invoice_transfer__qondor_xero books it again" in said
    ends_once(world, row)
    assert len(world.calls("xero", "PUT")) == 1


def test_not_booked_is_refused_while_our_own_booking_is_there(world: World) -> None:
    world.route = route(source={"document_link": "https://qondor.example/invoice/{id}"})
    lost(world)
    waiting = world.sandbox.qondor.add(payment(1))
    with pytest.raises(BridgeError):
        world.transfer(waiting["id"])
    row = world.row(waiting["id"])
    [made] = world.sandbox.xero.invoices.rows()
    world.sandbox.traffic.reset()
    with pytest.raises(NotResolvedError, match=rf"own mark: void or delete it .*--booked-as {made['InvoiceID']}"):
        resolution(world).not_booked(row)
    unchanged(world, row)
    ends_once(world, row)


def test_a_voided_booking_of_ours_is_never_taken_for_the_booking(world: World) -> None:
    lost(world)
    waiting = world.sandbox.qondor.add(payment(1))
    with pytest.raises(BridgeError):
        world.transfer(waiting["id"])
    [made] = world.sandbox.xero.invoices.rows()
    world.sandbox.xero.invoices.change(made["InvoiceID"], Status="VOIDED")
    result = world.transfer(waiting["id"])
    assert result.outcome is Outcome.IN_DOUBT
    assert "T-1 is voided in Xero and keeps its number, so this document cannot be booked" in result.message
    assert world.sandbox.qondor.payments[waiting["id"]]["statusText"] == "Unprocessed"

    row = world.row(waiting["id"])
    assert "Change the route's number_prefix before the next run" in resolution(world).not_booked(row)
    finance = world.route.finance.model_copy(update={"number_prefix": "N"})
    world.route = world.route.model_copy(update={"finance": finance})
    assert ends_once(world, row, "NT-1")["Status"] == "AUTHORISED"


@pytest.mark.parametrize("kind", ["close", "error", "html", "half_json", "unavailable"])
def test_when_finance_cannot_be_asked_nothing_is_believed(world: World, kind: str) -> None:
    row = in_doubt_with_a_stranger(world)
    [stranger] = world.sandbox.xero.invoices.rows()
    world.sandbox.fault(kind, system="xero", method="GET", path="*Invoices*", count=20)
    for name in ("T-1", stranger["InvoiceID"]):
        with pytest.raises(NotResolvedError, match="Xero could not be asked, so nothing was changed"):
            resolution(world).booked_as(row, name, despite_missing_mark=True, i_looked=True)
    with pytest.raises(NotResolvedError, match="Xero could not be asked, so nothing was changed"):
        resolution(world).not_booked(row, i_looked=True)
    unchanged(world, row)


def test_a_document_that_a_task_works_on_is_left_to_it(world: World) -> None:
    row = in_doubt_with_a_stranger(world)
    claim = world.ledger.claim(row.ref, route="qondor_xero", claimant="run 7/task 3")
    assert claim is not None
    for by in ("anna", "run 7/task 3"):
        with pytest.raises(NotResolvedError, match=r"is being worked on until \d\d:\d\d:\d\d UTC by run 7/task 3"):
            resolution(world, by).booked_as(row, "T-1")
    claim.renew()
    assert world.calls("xero") == []


def test_only_what_is_open_can_be_resolved(world: World) -> None:
    done, fresh = world.sandbox.qondor.add(payment(1)), world.sandbox.qondor.add(payment(2))
    world.transfer(done["id"])
    world.select()
    world.sandbox.traffic.reset()
    before = len(world.ledger.history(world.row(done["id"])))
    for source_id, message in ((done["id"], "is booked as T-1"), (fresh["id"], "was not sent, or is certainly not")):
        with pytest.raises(NotResolvedError, match=message):
            resolution(world).not_booked(world.row(source_id))
        with pytest.raises(NotResolvedError, match=message):
            resolution(world).booked_as(world.row(source_id), "T-1")
    assert world.calls("xero") == []
    assert len(world.ledger.history(world.row(done["id"]))) == before


def test_what_was_sent_elsewhere_is_asked_for_there(world: World) -> None:
    row = in_doubt_with_a_stranger(world)
    finance = world.route.finance.model_copy(update={"conn_id": "xero_other"})
    world.route = world.route.model_copy(update={"finance": finance})
    with pytest.raises(NotResolvedError, match=r"Set finance\.conn_id back to xero_default until it is resolved"):
        resolution(world).not_booked(row, i_looked=True)
    unchanged(world, row)


def test_the_history_tells_who_said_what_and_what_was_refused(world: World) -> None:
    made = made_by_hand(world)
    row = in_doubt(world)
    with pytest.raises(NotResolvedError):
        resolution(world, "anna").booked_as(row, "T-1")
    resolution(world, "bjørn").booked_as(row, "T-1", despite_missing_mark=True)
    *_, refused, taken = world.ledger.history(row)
    assert (refused.actor, refused.from_state, refused.to_state) == ("anna, by hand", "in doubt", "in doubt")
    assert refused.note.startswith("said that it is booked as T-1; refused: ")
    assert (taken.actor, taken.from_state, taken.to_state) == ("bjørn, by hand", "in doubt", "booked")
    assert taken.note == (
        f"said to be booked as T-1 ({made['InvoiceID']}): it is in Xero, with our currency and total; "
        "bjørn accepts it without our mark"
    )
    assert taken.changes["finance_id"] == [None, made["InvoiceID"]]
    assert world.row(row.ref.source_id).reason is None
