"""Single payments and our own credit notes, added up in the ledger."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from invoice_bridge_core.commands.describe import describe
from invoice_bridge_core.documents import DocumentKind
from invoice_bridge_core.documents.facts import DocumentFacts
from invoice_bridge_core.ledger.payments.polls import Poll
from invoice_bridge_core.ports.booking_status import BookingStatus, PaymentChanges, ReceivedPayment
from tests.builders import document
from tests.ledger.rows import booking, claimed, other_ref, row_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from invoice_bridge_core.ledger import Ledger

CONN = "quiddly_default"
ON = dt.date(2026, 11, 20)


def booked(ledger: Ledger, source_id: str, conn: str = CONN, **changes: Any) -> None:
    """A document numbered like its id; its facts and its booking differ from the ordinary ones by the changes."""
    names = ("kind", "credited_source_id", "credited_number", "number")
    facts = {"number": source_id} | {name: changes.pop(name) for name in names if name in changes}
    ref = other_ref(source_id)
    ledger.upsert_facts([DocumentFacts.from_document(document(ref=ref, **facts), "entry")])
    claim = claimed(ledger, ref=ref, finance_conn=conn)
    claim.intend(source_id, "hash")
    claim.booked(booking(source_id, f"f-{source_id}", **changes))
    claim.transferred()


def credit(ledger: Ledger, source_id: str, **changes: Any) -> None:
    booked(ledger, source_id, **{"kind": DocumentKind.CREDIT_NOTE, **changes})


def poll(ledger: Ledger, *payments: tuple[str, str, int]) -> None:
    """A poll that is handed these payments: id, number, amount."""
    received = tuple(ReceivedPayment(key, number, Decimal(amount), "NOK", ON) for key, number, amount in payments)
    news = PaymentChanges(payments=received)
    ledger.payments.keep_poll(Poll("payments", CONN, news, asked={}, payment_numbers={}, asked_all=False, adds_up=True))


def known(ledger: Ledger, source_id: str) -> BookingStatus | None:
    found = ledger.payments.status(other_ref(source_id))
    assert found is not None
    return found.booking_status


def is_credited(ledger: Ledger, source_id: str) -> bool:
    booking_status = known(ledger, source_id)
    return booking_status is not None and booking_status.credited == 10000 and booking_status.is_cleared_by_credit


@pytest.mark.parametrize(
    ("names", "credited"),
    [
        ({"credited_source_id": "1"}, "1"),
        ({"credited_number": "1"}, "1"),
        ({"credited_source_id": "unknown", "credited_number": "2"}, "2"),
        ({"credited_source_id": "1", "credited_number": "2"}, "1"),
        ({"credited_source_id": "unknown"}, None),
        ({}, None),
    ],
)
def test_a_credit_note_counts_for_the_document_that_it_names(
    ledger: Ledger, names: dict[str, str], credited: str | None
) -> None:
    booked(ledger, "1")
    booked(ledger, "2")
    credit(ledger, "9", **names)
    poll(ledger)
    assert {source_id: is_credited(ledger, source_id) for source_id in "12"} == {
        source_id: source_id == credited for source_id in "12"
    }


def test_a_number_names_no_credit_note_and_a_booked_document_before_others(ledger: Ledger) -> None:
    booked(ledger, "1", number="T-1")
    credit(ledger, "2", number="T-1")
    ledger.upsert_facts([DocumentFacts.from_document(document(ref=other_ref("3"), number="T-1"), "entry")])
    credit(ledger, "9", credited_number="T-1")
    poll(ledger)
    assert (is_credited(ledger, "1"), known(ledger, "2")) == (True, None)


def test_what_was_booked_elsewhere_is_not_credited_here(ledger: Ledger) -> None:
    booked(ledger, "1", conn="another")
    credit(ledger, "9", credited_number="1")
    poll(ledger)
    assert known(ledger, "1") is None


def test_payments_are_compared_with_what_is_to_be_paid(ledger: Ledger) -> None:
    booked(ledger, "1", tax_reduction=Decimal(1500))
    poll(ledger, ("p-1", "1", 8500))
    booking_status = known(ledger, "1")
    assert booking_status is not None
    assert (booking_status.booking.total, booking_status.booking.to_pay, booking_status.left) == (10000, 8500, 0)
    assert (booking_status.is_paid_in_full, booking_status.overpaid) == (True, 0)
    told = describe(row_of(ledger, other_ref("1")), [], [], ledger.payments.status(other_ref("1")))
    assert "8 500.00 NOK" in told.replace("\N{NO-BREAK SPACE}", " ")


def test_a_refund_counts_towards_the_credit_note(ledger: Ledger) -> None:
    credit(ledger, "9")
    poll(ledger, ("p-1", "9", -4000))
    part = known(ledger, "9")
    assert part is not None
    assert (part.paid, part.is_paid_in_full) == (4000, False)
    poll(ledger, ("p-2", "9", -6000))
    whole = ledger.payments.status(other_ref("9"))
    assert whole is not None
    assert whole.booking_status is not None
    assert (whole.booking_status.paid, whole.booking_status.paid_in_full_on, whole.payment_number) == (10000, ON, "p-2")


@pytest.fixture
def selects(ledger: Ledger) -> Iterator[list[str]]:
    """The questions that the ledger's database was asked."""
    asked: list[str] = []

    def note(*about: Any) -> None:
        if about[2].startswith("SELECT"):
            asked.append(about[2])

    with ledger.transaction() as connection:
        engine = connection.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    yield asked
    sa.event.remove(engine, "before_cursor_execute", note)


def test_a_poll_asks_as_often_for_many_documents_as_for_one(ledger: Ledger, selects: list[str]) -> None:
    for source_id in "123456":
        booked(ledger, source_id)
    counts = []
    for source_ids in ("1", "23456"):
        selects.clear()
        poll(ledger, *((f"p-{source_id}", source_id, 5) for source_id in source_ids))
        counts.append(len(selects))
    assert counts[0] == counts[1] > 0
