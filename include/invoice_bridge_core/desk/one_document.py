"""One document with all that the ledger knows of it, for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoice_bridge_core.desk.entries import amount, instant
from invoice_bridge_core.desk.sides import known_sides
from invoice_bridge_core.desk.words import COLUMN_WORDS, STATE_WORDS, booking_words, payment_words, step_words
from invoice_bridge_core.documents import DocumentKind
from invoice_bridge_core.ledger.desk.finance_changes import CONTACT, ChangedDocument

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from invoice_bridge_core.ledger import DocumentRow, Ledger
    from invoice_bridge_core.ledger.desk.finance_changes import FinanceChange
    from invoice_bridge_core.ledger.documents.history import Change
    from invoice_bridge_core.ledger.documents.steps import StepRecord


def all_of(ledger: Ledger, row: DocumentRow) -> dict[str, Any]:
    """What is beside the line of the list: sides, history, payments, steps; asks the ledger alone."""
    payment = ledger.payments.status(row.ref) if row.booking is not None else None
    return {
        "words": STATE_WORDS[row.state],
        "facts": _told(_facts(row)),
        "sides": [side.as_json() for side in known_sides(row, payment, _contact(ledger, row))],
        "lines": [],
        "booking": _told(booking_words(row)),
        "changed_in_finance": changes_as_json(ledger, [ChangedDocument(row, ledger.desk.changes_of(row))])[0],
        "history": [_change(change) for change in reversed(ledger.history(row))],
        "payments": _told(payment_words(payment)) if payment is not None else [],
        "steps": [_step(step) for step in ledger.steps(row)],
        "aside": {"by": row.aside_by, "reason": row.aside_reason, "at": instant(row.aside_at)}
        if row.aside_at
        else None,
    }


def changes_as_json(ledger: Ledger, changed: Iterable[ChangedDocument]) -> list[list[dict[str, Any]]]:
    """What was changed in finance of each of these, with both values; contacts by name where the ledger knows it."""
    changed = list(changed)
    wanted: dict[str, set[str]] = {}
    for one in changed:
        contacts = {value for each in one.changes if each.field == CONTACT for value in (each.sent, each.held)}
        wanted.setdefault(one.row.finance_conn or "", set()).update(contacts)
    names = {conn_id: ledger.desk.contact_names(conn_id, ids) if ids else {} for conn_id, ids in wanted.items()}
    return [[_changed(each, names[one.row.finance_conn or ""]) for each in one.changes] for one in changed]


def _changed(change: FinanceChange, names: Mapping[str, str]) -> dict[str, Any]:
    named = names if change.field == CONTACT else {}
    return {
        "field": change.field,
        "sent": named.get(change.sent, change.sent),
        "held": named.get(change.held, change.held),
        "seen_at": instant(change.seen_at),
    }


def _contact(ledger: Ledger, row: DocumentRow) -> str | None:
    if row.booking is None or row.finance_conn is None:
        return None
    names = ledger.desk.contact_names(row.finance_conn, [row.booking.contact_id])
    return names.get(row.booking.contact_id)


def _facts(row: DocumentRow) -> dict[str, str | None]:
    facts = row.facts
    return {
        "Reference": str(row.ref),
        "Kind": facts.kind,
        "Office": facts.office_id,
        "Project": facts.project_id,
        "Credits": (facts.credited_number or facts.credited_source_id)
        if facts.kind is DocumentKind.CREDIT_NOTE
        else None,
        "Total": amount(row.signed_total),
        "Sent as": row.intent_number if row.booking is None else None,
    }


def _told(values: Mapping[str, str | None]) -> list[dict[str, str]]:
    return [{"label": label, "value": value} for label, value in values.items() if value]


def _step(step: StepRecord) -> dict[str, Any]:
    return {
        "step": step.step,
        "state": step.state,
        "at": instant(step.intended_at),
        "text": step_words(step),
        "finance_id": step.finance_id,
    }


def _change(change: Change) -> dict[str, Any]:
    shown = change.changes if change.from_state is not None else {}
    return {
        "at": instant(change.at),
        "actor": change.actor,
        "from": change.from_state,
        "to": change.to_state,
        "note": change.note,
        "changes": [
            {"field": COLUMN_WORDS[column], "from": before, "to": after}
            for column, (before, after) in shown.items()
            if column in COLUMN_WORDS and before is not None
        ],
    }
