"""What the ledger knows of a document, in the words of a bookkeeper."""

from __future__ import annotations

import datetime as dt
import shlex
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.documents import format_amount
from invoice_bridge_core.documents.states import DocumentState, StepState
from invoice_bridge_core.transfer.recheck import when_looked_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from invoice_bridge_core.ledger.documents.history import Change
    from invoice_bridge_core.ledger.documents.row import DocumentRow
    from invoice_bridge_core.ledger.documents.steps import StepRecord
    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.ports import Booking
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


def describe(
    row: DocumentRow,
    steps: Sequence[StepRecord],
    changes: Sequence[Change],
    payment_status: PaymentStatusRow | None = None,
    source_link: str | None = None,
) -> str:
    """All that is known of one document: what it is, how far it came, its booking, payment, steps, and history.

    :param source_link: where people see it in its source.
    """
    parts = [row.label, *_told({**_facts(row), "In its source": source_link}), *_told(_progress(row)), *_to_do(row)]
    if row.booking is not None:
        parts += ["Booking", *_told(_booking(row))]
    if payment_status is not None:
        parts += ["Payment", *_told(_payment(payment_status))]
    if steps:
        parts += ["Steps", *(f"  {_instant(step.intended_at)}  {_step(step)}" for step in steps)]
    parts.append("History")
    for change in changes:
        parts += _change(change)
    return "\n".join(parts)


def line(row: DocumentRow, source_link: str | None = None) -> str:
    """One document in one line of a list."""
    named = f"{row.ref}, {source_link}" if source_link else str(row.ref)
    parts = [f"{row.state:<11}", row.label, f"({named})"]
    text = " ".join(parts)
    return f"{text}: {row.reason}" if row.reason else text


def as_json(
    row: DocumentRow, payment_status: PaymentStatusRow | None = None, source_link: str | None = None
) -> dict[str, Any]:
    """One document for a program; amounts are texts, instants ISO 8601 in UTC."""
    facts = row.facts
    return {
        "reference": str(row.ref),
        "source_link": source_link,
        "number": facts.number,
        "kind": facts.kind,
        "date": facts.document_date.isoformat() if facts.document_date else None,
        "customer": facts.contact_name,
        "currency": facts.currency,
        "total": _amount(row.signed_total),
        "state": row.state,
        "reason": row.reason,
        "route": row.route,
        "booking": row.booking.model_dump(mode="json") if row.booking else None,
        "booked_at": _iso(row.booked_at),
        "reported_at": _iso(row.reported_at),
        "updated_at": _iso(row.updated_at),
    } | ({"payment": _payment_as_json(payment_status)} if payment_status is not None else {})


def _payment_as_json(entry: PaymentStatusRow) -> dict[str, Any]:
    booking_status = entry.booking_status
    return {
        "booking_status": booking_status.model_dump(mode="json", exclude={"booking"}) if booking_status else None,
        "number": entry.payment_number,
        "seen_at": _iso(entry.seen_at),
        "telling_on": entry.telling_on.isoformat() if entry.telling_on else None,
        "told_on": entry.told_on.isoformat() if entry.told_on else None,
        "told_at": _iso(entry.told_at),
        "reason": entry.reason,
    }


def _facts(row: DocumentRow) -> dict[str, str | None]:
    facts = row.facts
    return {
        "Reference": str(row.ref),
        "Kind": facts.kind,
        "Date": facts.document_date.isoformat() if facts.document_date else None,
        "Customer": facts.contact_name,
        "Total": f"{format_amount(row.signed_total)} {row.currency or '?'}" if row.signed_total is not None else None,
        "Office": facts.office_id,
        "Project": facts.project_id,
        "Credits": facts.credited_number or facts.credited_source_id,
    }


def _progress(row: DocumentRow) -> dict[str, str | None]:
    leased_until = row.leased_until
    worked_on = leased_until is not None and leased_until > dt.datetime.now(dt.UTC)
    return {
        "State": STATE_WORDS[row.state],
        "Reason": row.reason,
        "Looked at": _looked_at(row),
        "Route": row.route,
        "Worked on by": row.lease_owner if worked_on else None,
        "Told to people": _instant(row.announced_at) if row.announced_at else None,
        "Sent as": _sent(row) if row.booking is None else None,
    }


def _looked_at(row: DocumentRow) -> str | None:
    if row.state not in (DocumentState.HELD, DocumentState.IN_DOUBT):
        return None
    return f"again {when_looked_at(row, dt.datetime.now(dt.UTC))}"


def _sent(row: DocumentRow) -> str | None:
    if row.intent_number is None or row.intent_at is None:
        return None
    return f"{row.intent_number} to {row.finance_conn}, last at {_instant(row.intent_at)}"


def _to_do(row: DocumentRow) -> list[str]:
    """What a person does about a document that may be booked, with the commands word for word."""
    if row.booking is not None and row.state is DocumentState.HELD:
        return _to_do_booked(row, row.booking)
    waits = row.state in (DocumentState.IN_DOUBT, DocumentState.HELD)
    if row.booking is not None or row.intent_token is None or not waits:
        return []
    number = row.intent_number or ""
    command = f"airflow invoice-bridge resolve {shlex.quote(str(row.ref))}"
    return [
        "What to do",
        f"  Look for {number} in the finance system ({row.finance_conn}), then say what is so; it is checked there.",
        f"  It is there:      {command} --booked-as {shlex.quote(number)}   (or its number or id, if another)",
        "                    Where it carries no mark of ours, add --despite-missing-mark: then it is your word that",
        "                    it is this document, and nobody made it for something else.",
        f"  It is not there:  {command} --not-booked",
    ]


def _total_of(row: DocumentRow) -> str:
    if row.facts.total is None:
        return ""
    return f", {format_amount(row.facts.total)} {row.currency or ''}".rstrip()


def _to_do_booked(row: DocumentRow, booking: Booking) -> list[str]:
    command = f"airflow invoice-bridge resolve {shlex.quote(str(row.ref))}"
    return [
        "What to do",
        "  Do what the reason says. Or say what is so; it is checked in both systems.",
        f"  Its source was told of {booking.number}:   {command} --told",
        f"  {booking.number} is gone, book it anew:    {command} --not-booked",
        f"  It stands for the document: {command} --booked-as {shlex.quote(booking.finance_id)}   (or another number)",
        "                            Where that carries no mark of ours, add --despite-missing-mark.",
        f"                            Its currency and total have to be the document's{_total_of(row)}. Others are put",
        "                            right in finance; or report it by hand as it is, and say --told.",
    ]


def _booking(row: DocumentRow) -> dict[str, str | None]:
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
        "Booked": _instant(row.booked_at) if row.booked_at else None,
        "Reported": _instant(row.reported_at) if row.reported_at else None,
    }


def _payment(entry: PaymentStatusRow) -> dict[str, str | None]:
    booking_status = entry.booking_status
    if booking_status is None:
        return {"Paid": "finance has said nothing about it yet"}
    told = f"paid on {entry.told_on}; its source was told {_instant(entry.told_at)}" if entry.told_at else None
    if entry.telling_on is not None:
        told = f"perhaps that it was paid on {entry.telling_on}; the answer of its source was lost"
    return {
        "Paid": _paid(booking_status, entry.row.currency or "?"),
        "Payment number": entry.payment_number,
        "Told": told,
        "Not told": entry.reason,
        "Seen": _instant(entry.seen_at) if entry.seen_at else None,
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


def _told(values: Mapping[str, str | None]) -> list[str]:
    return [f"  {name + ':':<15} {value}" for name, value in values.items() if value]


def _step(step: StepRecord) -> str:
    made = f" ({step.finance_id})" if step.finance_id else ""
    return f"{step.step}: {STEP_WORDS[step.state]}{made}"


def _change(change: Change) -> list[str]:
    moved = "" if change.from_state in (None, change.to_state) else f" [{change.from_state} → {change.to_state}]"
    lines = [f"  {_instant(change.at)}  {change.note}{moved}  by {change.actor}"]
    if change.from_state is None:
        return lines
    for column, (before, after) in change.changes.items():
        if column in COLUMN_WORDS and before is not None:
            lines.append(f"{'':<25}  {COLUMN_WORDS[column]}: {before} → {after or 'nothing'}")
    return lines


def _instant(instant: dt.datetime) -> str:
    return instant.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _iso(instant: dt.datetime | None) -> str | None:
    return instant.astimezone(dt.UTC).isoformat() if instant else None


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
