"""What the ledger knows of a document, in the words of a bookkeeper."""

from __future__ import annotations

import datetime as dt
import shlex
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.desk.words import (
    COLUMN_WORDS,
    STATE_WORDS,
    booking_words,
    instant_words,
    payment_words,
    step_words,
)
from invoice_bridge_core.documents import format_amount
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.transfer.recheck import when_looked_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from invoice_bridge_core.ledger.documents.history import Change
    from invoice_bridge_core.ledger.documents.row import DocumentRow
    from invoice_bridge_core.ledger.documents.steps import StepRecord
    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.ports import Booking


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
        parts += ["Booking", *_told(booking_words(row))]
    if payment_status is not None:
        parts += ["Payment", *_told(payment_words(payment_status))]
    if steps:
        parts += ["Steps", *(f"  {instant_words(step.intended_at)}  {step_words(step)}" for step in steps)]
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
        "booking_status": booking_status.model_dump(mode="json", exclude={"booking", "dated", "contact_name", "lines"})
        if booking_status
        else None,
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
        "Told to people": instant_words(row.announced_at) if row.announced_at else None,
        "Sent as": _sent(row) if row.booking is None else None,
    }


def _looked_at(row: DocumentRow) -> str | None:
    if row.state not in (DocumentState.HELD, DocumentState.IN_DOUBT):
        return None
    return f"again {when_looked_at(row, dt.datetime.now(dt.UTC))}"


def _sent(row: DocumentRow) -> str | None:
    if row.intent_number is None or row.intent_at is None:
        return None
    return f"{row.intent_number} to {row.finance_conn}, last at {instant_words(row.intent_at)}"


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


def _told(values: Mapping[str, str | None]) -> list[str]:
    return [f"  {name + ':':<15} {value}" for name, value in values.items() if value]


def _change(change: Change) -> list[str]:
    moved = "" if change.from_state in (None, change.to_state) else f" [{change.from_state} → {change.to_state}]"
    lines = [f"  {instant_words(change.at)}  {change.note}{moved}  by {change.actor}"]
    if change.from_state is None:
        return lines
    for column, (before, after) in change.changes.items():
        if column in COLUMN_WORDS and before is not None:
            lines.append(f"{'':<25}  {COLUMN_WORDS[column]}: {before} → {after or 'nothing'}")
    return lines


def _iso(instant: dt.datetime | None) -> str | None:
    return instant.astimezone(dt.UTC).isoformat() if instant else None


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
