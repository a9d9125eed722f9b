"""Claims, bookings and rows for tests of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from invoice_bridge_core.ledger.database.tables import documents
from invoice_bridge_core.ledger.documents.in_flight import IN_FLIGHT
from invoice_bridge_core.ports import Booking
from tests.builders import document

if TYPE_CHECKING:
    from invoice_bridge_core.documents import DocumentRef
    from invoice_bridge_core.ledger import Claim, DocumentRow, Ledger

REF = document().ref


def claimed(ledger: Ledger, claimant: str = "run 1/task 7", ref: DocumentRef = REF, **kwargs: Any) -> Claim:
    claim = ledger.claim(ref, route="qondor_xero", claimant=claimant, **kwargs)
    assert claim is not None
    return claim


def booking(number: str = "Q-10023", finance_id: str = "f-1", **changes: Any) -> Booking:
    return Booking.model_validate(
        {
            "finance_id": finance_id,
            "number": number,
            "status": "AUTHORISED",
            "contact_id": "c-1",
            "currency": "NOK",
            "total": "10000.00",
            "marker": "qondor:12345",
            "due_date": "2026-12-02",
            "link": "https://finance.example/f-1",
            "warnings": ("no PDF",),
        }
        | changes
    )


def expire(ledger: Ledger) -> None:
    """As if all leases had run out a moment ago."""
    leased = documents.c.lease_token.is_not(None)
    with ledger.transaction() as connection:
        connection.execute(
            sa.update(documents).where(leased).values(lease_until=sa.text("now() - interval '1 second'"))
        )


def all_arrived(ledger: Ledger) -> None:
    """As if every intended booking had been sent long enough ago to have arrived."""
    with ledger.transaction() as connection:
        connection.execute(sa.update(documents).values(intent_at=documents.c.intent_at - IN_FLIGHT))


def row_of(ledger: Ledger, ref: DocumentRef = REF) -> DocumentRow:
    row = ledger.row(ref)
    assert row is not None
    return row


def other_ref(source_id: str) -> DocumentRef:
    return REF.model_copy(update={"source_id": source_id})
