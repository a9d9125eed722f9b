"""What the ledger knows of a document, in the words of a bookkeeper: for the desk and for the commands alike."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import format_amount
from invoice_bridge_core.documents.states import DocumentState, StepState

if TYPE_CHECKING:
    from invoice_bridge_core.ledger.documents.row import DocumentRow
    from invoice_bridge_core.ledger.documents.steps import StepRecord
    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.ports.booking_status import BookingStatus

STATE_WORDS = {
    DocumentState.SEEN: "seen: not sent to the finance system yet, or sent and certainly not booked there",
    DocumentState.WORKING: "sent to the finance system, or about to be; not known yet whether it was booked",
    DocumentState.BOOKED: "booked; not yet finished or reported to its source",
    DocumentState.TRANSFERRED: "transferred: booked and reported to its source",
    DocumentState.REJECTED: "rejected: its author has to correct it",
    DocumentState.HELD: "held: waits until something is mended or decided on our side",
    DocumentState.IN_DOUBT: "in doubt: it may be booked; a person has to look",
}
STEP_WORDS = {
    StepState.INTENDED: "sent, or about to be sent; the answer is not known",
    StepState.DONE: "done",
    StepState.REFUSED: "refused",
}
COLUMN_WORDS = {
    "number": "number",
    "kind": "kind",
    "document_date": "date",
    "currency": "currency",
    "total": "total",
    "contact_name": "customer",
    "office_id": "office",
    "project_id": "project",
    "credited_number": "credited invoice",
    "route": "route",
    "finance_conn": "finance connection",
    "finance_number": "number in finance",
    "finance_status": "status in finance",
    "finance_total": "total in finance",
    "finance_tax_reduction": "tax reduction in finance",
    "finance_due_date": "due date in finance",
    "finance_link": "link",
    "finance_warnings": "left undone",
}
"""Columns whose change means something to people; the others hold keys and fingerprints."""


def booking_words(row: DocumentRow) -> dict[str, str | None]:
    """Its booking, by what each thing is called; empty while there is none."""
    booking = row.booking
    if booking is None:
        return {}
    return {
        "Number": booking.number,
        "Id": booking.finance_id,
        "Connection": row.finance_conn,
        "Status": booking.status,
        "Total": f"{format_amount(booking.total)} {booking.currency}",
        "To pay": f"{format_amount(booking.to_pay)} {booking.currency}" if booking.tax_reduction else None,
        "Contact": booking.contact_id,
        "Due": booking.due_date.isoformat() if booking.due_date else None,
        "Link": booking.link,
        "Left undone": "; ".join(booking.warnings) or None,
        "Booked": instant_words(row.booked_at) if row.booked_at else None,
        "Reported": instant_words(row.reported_at) if row.reported_at else None,
    }


def payment_words(entry: PaymentStatusRow) -> dict[str, str | None]:
    """What is known of its payment, by what each thing is called."""
    booking_status = entry.booking_status
    if booking_status is None:
        return {"Paid": "finance has said nothing about it yet"}
    told = f"paid on {entry.told_on}; its source was told {instant_words(entry.told_at)}" if entry.told_at else None
    if entry.telling_on is not None:
        told = f"perhaps that it was paid on {entry.telling_on}; the answer of its source was lost"
    return {
        "Paid": _paid(booking_status, entry.row.currency or "?"),
        "Payment number": entry.payment_number,
        "Told": told,
        "Not told": entry.reason,
        "Seen": instant_words(entry.seen_at) if entry.seen_at else None,
    }


def _paid(booking_status: BookingStatus, currency: str) -> str:
    if booking_status.is_gone:
        return "voided or deleted in finance"
    if booking_status.booking.is_draft:
        return "not yet: it is a draft in finance"
    parts = [
        f"{format_amount(amount)} {currency} {how}"
        for amount, how in ((booking_status.paid, "in money"), (booking_status.credited, "by credit note"))
        if amount
    ]
    if booking_status.is_paid_in_full:
        parts.insert(0, f"in full on {booking_status.paid_in_full_on}")
    elif parts:
        parts.insert(0, f"in part of {format_amount(booking_status.booking.to_pay)} {currency}")
    if booking_status.overpaid:
        parts.append(f"overpaid by {format_amount(booking_status.overpaid)} {currency}")
    return ", ".join(parts) or "nothing"


def step_words(step: StepRecord) -> str:
    """How far one step has come."""
    made = f" ({step.finance_id})" if step.finance_id else ""
    return f"{step.step}: {STEP_WORDS[step.state]}{made}"


def instant_words(instant: dt.datetime) -> str:
    """An instant in UTC, to the second."""
    return instant.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
