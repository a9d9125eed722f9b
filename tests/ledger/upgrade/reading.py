"""What a ledger's public classes say of everything in it, in words that outlive the names of classes and columns.

`expected.json` was written with this, by the code that made the dump.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet

from invoice_bridge_core.ledger.connections.health import records_of

if TYPE_CHECKING:
    from decimal import Decimal

    from invoice_bridge_core.ledger import DocumentRow, Ledger
    from invoice_bridge_core.ledger.documents.steps import StepRecord
    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.ports import Booking, ReferenceData


def documents(ledger: Ledger) -> dict[str, dict[str, Any]]:
    """Every document by its reference, with its booking, payment, steps and history."""
    return {str(row.ref): document(ledger, row) for row in sorted(ledger.outcomes(), key=lambda row: str(row.ref))}


def document(ledger: Ledger, row: DocumentRow) -> dict[str, Any]:
    """One document."""
    payment_status = ledger.payments.status(row.ref)
    changes = ledger.history(row)
    return {
        "number": row.number,
        "kind": text(row.facts.kind),
        "date": text(row.facts.document_date),
        "customer": row.facts.contact_name,
        "currency": row.currency,
        "total": text(row.signed_total),
        "office": row.facts.office_id,
        "project": row.facts.project_id,
        "credits": [row.credited_source_id, row.credited_number],
        "content": [row.facts.payload_hash, row.facts.entry_fingerprint],
        "read_at": text(row.facts_read_at),
        "state": text(row.state),
        "reason": row.reason,
        "route": row.route,
        "waits_for": row.held_fingerprint,
        "announced_at": text(row.announced_at),
        "leased_to": row.lease_owner,
        "leased_until": text(row.leased_until),
        "sent": sent(row),
        "finance_conn": row.finance_conn,
        "booking": None if row.booking is None else booking(row.booking),
        "booked_at": text(row.booked_at),
        "reported_at": text(row.reported_at),
        "created_at": text(row.created_at),
        "updated_at": text(row.updated_at),
        "steps": {one.step: step(one) for one in ledger.steps(row)},
        "payment": None if payment_status is None else payment(payment_status),
        "history": [[text(one.at), one.actor, text(one.from_state), text(one.to_state), one.note] for one in changes],
    }


def sent(row: DocumentRow) -> dict[str, Any] | None:
    """What was sent to finance, or was about to be, whether an answer came or not."""
    if row.intent_token is None:
        return None
    return {
        "key": row.intent_token,
        "number": row.intent_number,
        "content": row.intent_payload_hash,
        "at": text(row.intent_at),
    }


def booking(found: Booking) -> dict[str, Any]:
    """A booking."""
    return {
        "finance_id": found.finance_id,
        "number": found.number,
        "status": found.status,
        "contact_id": found.contact_id,
        "currency": found.currency,
        "total": text(found.total),
        "tax_reduction": text(found.tax_reduction),
        "marker": found.marker,
        "due_date": text(found.due_date),
        "is_draft": found.is_draft,
        "customer_code": found.customer_code,
        "link": found.link,
        "left_undone": list(found.warnings),
    }


def step(record: StepRecord) -> dict[str, Any]:
    """A step that followed a booking or a rejection."""
    return {
        "state": text(record.state),
        "key": record.token,
        "refusals": record.refusals,
        "finance_id": record.finance_id,
        "intended_at": text(record.intended_at),
        "settled_at": text(record.ended_at),
    }


def payment(entry: PaymentStatusRow) -> dict[str, Any]:
    """How a booking stands, and what its source was told of it."""
    booking_status = entry.booking_status
    return {
        "seen_at": text(entry.seen_at),
        "as_seen": None if booking_status is None else booking(booking_status.booking),
        "paid": None if booking_status is None else text(booking_status.paid),
        "credited": None if booking_status is None else text(booking_status.credited),
        "is_settled": None if booking_status is None else booking_status.is_paid_in_full,
        "settled_on": None if booking_status is None else text(booking_status.paid_in_full_on),
        "is_gone": None if booking_status is None else booking_status.is_gone,
        "payment_number": entry.payment_number,
        "telling_on": text(entry.telling_on),
        "told_on": text(entry.told_on),
        "told_at": text(entry.told_at),
        "reason": entry.reason,
        "reason_at": text(entry.reason_at),
        "announced": entry.announced,
    }


def contact(ledger: Ledger, finance_conn: str, key: str) -> dict[str, Any] | None:
    """The contact that was chosen for a customer."""
    known = ledger.contacts.known(finance_conn, key)
    if known is None:
        return None
    return {"contact_id": known.contact_id, "fingerprint": known.fingerprint, "name": known.name}


def cursor(ledger: Ledger, name: str) -> dict[str, Any] | None:
    """How far a look has come."""
    known = ledger.payments.cursor(name)
    if known is None:
        return None
    return {
        "cursor": known.cursor,
        "looked_at": text(known.polled_at),
        "asked_at": text(known.asked_at),
    }


def reference_data(ledger: Ledger, about: str, run: str) -> dict[str, Any]:
    """What was read for a run; nobody is asked for it again."""

    def ask() -> ReferenceData:
        raise AssertionError(f"what was read of {about} in {run} is not known any more")

    known = ledger.reference_data(about, run, ask)
    return {"body": known.model_dump(mode="json")["body"], "fingerprint": known.fingerprint}


def token(ledger: Ledger, name: str, key: str) -> str | None:
    """A token, decrypted."""
    return ledger.token_vault(lambda: Fernet(key)).peek(name)


def connection(ledger: Ledger, conn_id: str) -> dict[str, Any]:
    """What was heard of a connection."""
    with ledger.transaction() as database:
        heard = records_of(database, [conn_id])[conn_id]
    return {
        "system": heard.system,
        "day_left": heard.day_left,
        "day_left_at": text(heard.day_left_at),
        "day_size": heard.day_size,
        "closed_until": text(heard.closed_until),
        "closed_reason": heard.closed_reason,
        "refused_at": text(heard.refused_at),
        "refused_last_at": text(heard.refused_last_at),
        "refused_reason": heard.refused_reason,
        "refused_run": heard.refused_run,
        "refused_credentials": heard.refused_credentials,
    }


def text(value: Decimal | dt.date | str | None) -> str | None:
    """A value as it is written in `expected.json`: instants in UTC, amounts with the places that they were given."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    return None if value is None else str(value)
