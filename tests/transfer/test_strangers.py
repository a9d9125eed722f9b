"""After a lost answer that nothing came of, somebody types a document under our number: it is never taken for ours."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from invoice_bridge_core.documents.marks import short_mark
from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.errors import BridgeError
from invoice_bridge_core.ledger.database.tables import documents
from tests.builders import route
from tests.world import credit_note, payment

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.world import World

LINK = "https://qondor.example/invoice/{id}"
OTHER_LINE = {"Description": "Conference room, half day", "Quantity": 1, "UnitAmount": 8000, "AccountCode": "200"}
PO = [{"heading": "Bestillingsnr", "value": "PO-7781"}]
Row = dict[str, Any]


def lost(world: World, when: str, *, is_credit_note: bool = False) -> Row:
    """A document whose booking was sent and got no answer; before, nothing arrived."""
    invoice = payment(1, customInvoiceFields=PO)
    path = "*CreditNotes" if is_credit_note else "*Invoices"
    if is_credit_note:
        world.sandbox.qondor.add(invoice)
        world.run()
        waiting = world.sandbox.qondor.add(credit_note(2, invoice, customInvoiceFields=PO))
    else:
        waiting = world.sandbox.qondor.add(invoice)
    world.sandbox.fault("close", system="xero", method="PUT", path=path, when=when, nth=1)
    with pytest.raises(BridgeError):
        world.transfer(waiting["id"])
    return dict(waiting)


def typed(world: World, waiting: Row, change: Callable[[Row], None] = lambda body: None) -> Row:
    """The same document as ours but for a change, as somebody else wrote it."""
    source, finance = world.systems()
    document = source.read(str(waiting["id"]))
    contact_id = world.sandbox.xero.contacts.rows()[-1]["ContactID"]
    body = finance.bookings.payload(document, contact_id, finance.reference.read())  # type: ignore[union-attr]
    body.pop("Url", None)
    change(body)
    kept = world.sandbox.xero.accounting
    made = (kept.credit_notes if "CreditNoteNumber" in body else kept.invoices).create(body, 4)
    world.sandbox.xero.store.flush()
    return dict(made)


def is_left_alone(world: World, waiting: Row, said: str) -> None:
    """In doubt, naming the difference; nothing was sent again, and nobody was told."""
    held = (len(world.sandbox.xero.invoices.rows()), len(world.sandbox.xero.credit_notes.rows()))
    result = world.transfer(waiting["id"])
    assert result.outcome is Outcome.IN_DOUBT
    assert said in result.message
    assert world.row(waiting["id"]).booking is None
    assert world.sandbox.qondor.payments[waiting["id"]]["statusText"] == "Unprocessed"
    assert held == (len(world.sandbox.xero.invoices.rows()), len(world.sandbox.xero.credit_notes.rows()))


def is_taken(world: World, waiting: Row, finance_id: str) -> None:
    """Recognised, reported, and not sent again."""
    world.sandbox.traffic.reset()
    assert world.transfer(waiting["id"]).outcome is Outcome.TRANSFERRED
    assert world.sandbox.qondor.payments[waiting["id"]]["externalReference"] == finance_id
    assert [each.path for each in world.calls("xero", "PUT") if each.path.endswith(("/Invoices", "/CreditNotes"))] == []


def lines(*sent: Row) -> Callable[[Row], None]:
    return lambda body: body.update(LineItems=list(sent))


def of_first_line(**changes: Any) -> Callable[[Row], None]:
    return lambda body: body["LineItems"][0].update(changes)


def with_two_lines(body: Row) -> None:
    [own] = body["LineItems"]
    body["LineItems"] = [{**own, "UnitAmount": Decimal(7000)}, {**own, "UnitAmount": Decimal(1000)}]


CHANGES = [
    (
        lines(OTHER_LINE),
        "the description of its line 1 is 'Conference room, half day', not 'Conference room, full day'",
    ),
    (with_two_lines, "it has 2 lines, not 1"),
    (of_first_line(Quantity=2, UnitAmount=4000), "the quantity of its line 1 is '2', not '1'"),
    (of_first_line(AccountCode="205", TaxType="OUTPUT25"), "the account of its line 1 is '205', not '200'"),
    (lambda body: body.pop("Reference"), "its reference is empty, not 'PO-7781'"),
    (lambda body: body.update(Reference="PO-7781 "), "its reference is 'PO-7781 ', not 'PO-7781'"),
    (lambda body: body.update(Reference="po-7781"), "its reference is 'po-7781', not 'PO-7781'"),
    (lambda body: body.update(Date="2026-11-03"), "its date is '2026-11-03', not '2026-11-02'"),
]
IDS = ["text", "two lines", "quantity", "account", "no reference", "a blank", "another case", "date"]


@pytest.mark.parametrize(("change", "said"), CHANGES, ids=IDS)
def test_an_invoice_that_differs_in_one_thing(world: World, change: Callable[[Row], None], said: str) -> None:
    waiting = lost(world, "before")
    typed(world, waiting, change)
    is_left_alone(world, waiting, said)


def test_an_invoice_with_another_due_date(world: World) -> None:
    waiting = lost(world, "before")
    typed(world, waiting, lambda body: body.update(DueDate="2026-12-15"))
    is_left_alone(world, waiting, "its due date is '2026-12-15', not '2026-12-02'")


@pytest.mark.parametrize(("change", "said"), [CHANGES[0], CHANGES[1], CHANGES[4]], ids=[IDS[0], IDS[1], IDS[4]])
def test_a_credit_note_that_differs_in_one_thing(world: World, change: Callable[[Row], None], said: str) -> None:
    waiting = lost(world, "before", is_credit_note=True)
    typed(world, waiting, change)
    is_left_alone(world, waiting, said)


@pytest.mark.parametrize(
    ("is_credit_note", "moved", "said"),
    [
        (True, dt.timedelta(hours=-1), "it was last changed before ours was sent"),
        (False, dt.timedelta(minutes=-4), "it was last changed before ours was sent"),
    ],
)
def test_what_equals_ours_but_was_typed_before_ours_was_sent(
    world: World, is_credit_note: bool, moved: dt.timedelta, said: str
) -> None:
    waiting = lost(world, "before", is_credit_note=is_credit_note)
    typed(world, waiting)
    # As if the intent were so much later.
    with world.ledger.transaction() as connection:
        connection.execute(sa.update(documents).values(intent_at=documents.c.intent_at - moved))
    is_left_alone(world, waiting, said)


def test_what_equals_ours_has_no_mark_where_ours_would_have_one(world: World) -> None:
    world.route = route(source={"document_link": LINK})
    waiting = lost(world, "before")
    typed(world, waiting)
    is_left_alone(
        world,
        waiting,
        "it does not carry our mark 'qondor:qondor_default:50001', and its link is empty, not "
        "'https://qondor.example/invoice/50001'",
    )


OWN, OTHER = "https://qondor.example/invoice/50001", "https://qondor.example/invoice/777"


@pytest.mark.parametrize(
    ("url", "mark"),
    [
        (f"{OWN}#invoice-bridge=qondor:other_conn:50001", "qondor:other_conn:50001"),
        (f"{OWN}#invoice-bridge=qondor:qondor_default:500010", "qondor:qondor_default:500010"),
        (f"{OWN}?invoice-bridge=ixpole:ixpole_default:50001", "ixpole:ixpole_default:50001"),
        (f"{OTHER}#invoice-bridge=qondor:qondor_default:777", "qondor:qondor_default:777"),
    ],
)
def test_a_link_that_imitates_ours_is_another_documents(world: World, url: str, mark: str) -> None:
    world.route = route(source={"document_link": LINK})
    waiting = lost(world, "before")
    typed(world, waiting, lambda body: body.update(Url=url))
    is_left_alone(world, waiting, f"but that of another document, '{mark}'")


@pytest.mark.parametrize(
    "url", [f"{OWN}#invoice-bridge=", f"{OWN}1", f"{OWN}#page", "https://qondor.example/invoice/50001%20"]
)
def test_a_link_without_our_mark_is_taken_only_when_it_is_the_documents_own(world: World, url: str) -> None:
    world.route = route(source={"document_link": LINK})
    waiting = lost(world, "before")
    typed(world, waiting, lambda body: body.update(Url=url))
    if url.endswith("="):
        is_taken(world, waiting, world.sandbox.xero.invoices.rows()[0]["InvoiceID"])
    else:
        is_left_alone(world, waiting, f"its link is '{url}'")


@pytest.mark.parametrize(
    ("link", "is_credit_note", "before"),
    [
        (None, False, ""),
        (None, True, "PO-7781 · "),
        (LINK, False, "Something that an earlier version shortened… · "),
        (LINK, True, ""),
    ],
)
def test_a_mark_that_an_earlier_version_printed_is_recognised(
    world: World, link: str | None, is_credit_note: bool, before: str
) -> None:
    waiting = lost(world, "after", is_credit_note=is_credit_note)
    table = world.sandbox.xero.credit_notes if is_credit_note else world.sandbox.xero.invoices
    [made] = table.find("CreditNoteNumber" if is_credit_note else "InvoiceNumber", waiting["invoiceNumber"])
    table.change(made[table.key], Reference=f"{before}{world.ref(waiting['id'])}")
    world.route = route(source={"document_link": link})
    is_taken(world, waiting, made[table.key])


@pytest.mark.parametrize("is_credit_note", [False, True])
def test_the_mark_of_another_document_is_never_taken(world: World, is_credit_note: bool) -> None:
    other = world.ref(50001 if is_credit_note else 77)
    for mark in (str(other), short_mark(other)):
        assert mark not in (str(world.ref(50002)), short_mark(world.ref(50002)))
    waiting = lost(world, "before", is_credit_note=is_credit_note)
    typed(world, waiting, lambda body: body.update(Reference=f"PO-7781 · {short_mark(other)}"))
    is_left_alone(world, waiting, f"but that of another document, '{short_mark(other)}'")


@pytest.mark.parametrize(
    ("link", "later"),
    [
        (None, LINK),
        (LINK, None),
        (LINK, "https://q.example/#/{id}"),
        ("https://q.example/#/{id}", "https://other.example/{number}?tab=1"),
        ("https://other.example/{number}?tab=1", LINK),
    ],
)
def test_ours_is_recognised_whatever_becomes_of_the_route_s_link(
    world: World, link: str | None, later: str | None
) -> None:
    world.route = route(source={"document_link": link})
    waiting = lost(world, "after")
    [made] = world.sandbox.xero.invoices.rows()
    world.route = route(source={"document_link": later})
    if link is None and later is not None:
        # What was sent carried no mark, and today it would.
        is_left_alone(world, waiting, "its link is empty")
    else:
        is_taken(world, waiting, made["InvoiceID"])
