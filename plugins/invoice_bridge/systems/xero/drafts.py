"""What became of bookings: many at a time, by their ids (contract xero.md, payment status)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge.systems.xero.bookings import booking_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from include.ports import Booking
    from invoice_bridge.hooks.xero import XeroHook

IDS_PER_CALL = 40
CREDIT_NOTES_PER_CALL = 20
"""A filter names each of them, and a query string takes about 2,048 characters."""
_KEPT = "DRAFT,SUBMITTED,AUTHORISED,PAID"


def held_now(hook: XeroHook, finance_ids: Sequence[str], short_code: str | None) -> dict[str, Booking]:
    """The invoices and credit notes of these ids that are neither deleted nor voided, by id."""
    found: dict[str, Booking] = {}
    for ids in _portions(finance_ids, IDS_PER_CALL):
        question = {"IDs": ",".join(ids), "Statuses": _KEPT, "summaryOnly": "true"}
        for invoice in hook.invoices(question, what=f"looking at {len(ids)} invoices"):
            booking = booking_of(invoice, short_code)
            found[booking.finance_id] = booking
    rest = [finance_id for finance_id in finance_ids if finance_id not in found]
    for ids in _portions(rest, CREDIT_NOTES_PER_CALL):
        where = " OR ".join(f'CreditNoteID==guid("{finance_id}")' for finance_id in ids)
        for note in hook.credit_notes(where, what=f"looking at {len(ids)} credit notes"):
            if (note.status or "").upper() in _KEPT.split(","):
                booking = booking_of(note, short_code)
                found[booking.finance_id] = booking
    return found


def _portions(finance_ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (finance_ids[start : start + size] for start in range(0, len(finance_ids), size))
