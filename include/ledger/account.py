"""What the ledger knows of a document, in the words of a bookkeeper."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from include.documents import format_amount
from include.ledger.states import DocumentState, StepState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from include.ledger.facts import DocumentRow
    from include.ledger.history import Change
    from include.ledger.steps import StepRecord

STATE_WORDS = {
    DocumentState.SEEN: "seen; not sent to the finance system, or certainly not booked there",
    DocumentState.WORKING: "sent to the finance system, or about to be; not known yet whether it was booked",
    DocumentState.BOOKED: "booked; not yet finished or reported to its source",
    DocumentState.TRANSFERRED: "transferred: booked and reported to its source",
    DocumentState.REJECTED: "rejected: its author has to correct it",
    DocumentState.HELD: "held: waits until something is mended or decided on our side",
    DocumentState.IN_DOUBT: "in doubt: it may be booked; a person has to look",
}
STEP_WORDS = {
    StepState.INTENDED: "sent, or about to be; its end was not noted",
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
    "finance_due_date": "due date in finance",
    "finance_link": "link",
    "finance_warnings": "left undone",
}
"""Columns whose change means something to people; the others hold keys and fingerprints."""


def account(row: DocumentRow, steps: Sequence[StepRecord], changes: Sequence[Change]) -> str:
    """All that is known of one document: what it is, how far it came, its booking, its steps, its history."""
    parts = [row.label, *_told(_facts(row)), *_told(_progress(row))]
    if row.booking is not None:
        parts += ["Booking", *_told(_booking(row))]
    if steps:
        parts += ["Steps", *(f"  {_instant(step.intended_at)}  {_step(step)}" for step in steps)]
    parts.append("History")
    for change in changes:
        parts += _change(change)
    return "\n".join(parts)


def line(row: DocumentRow) -> str:
    """One document in one line of a list."""
    parts = [f"{row.state:<11}", row.label, f"({row.ref})"]
    text = " ".join(parts)
    return f"{text}: {row.reason}" if row.reason else text


def as_json(row: DocumentRow) -> dict[str, Any]:
    """One document for a program; amounts are texts, instants ISO 8601 in UTC."""
    facts = row.facts
    return {
        "reference": str(row.ref),
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
        "Route": row.route,
        "Worked on by": row.lease_owner if worked_on else None,
        "Told to people": _instant(row.announced_at) if row.announced_at else None,
        "Sent as": row.intent_number if row.booking is None else None,
    }


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
        "Contact": booking.contact_id,
        "Due": booking.due_date.isoformat() if booking.due_date else None,
        "Link": booking.link,
        "Left undone": "; ".join(booking.warnings) or None,
        "Booked": _instant(row.booked_at) if row.booked_at else None,
        "Reported": _instant(row.reported_at) if row.reported_at else None,
    }


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
