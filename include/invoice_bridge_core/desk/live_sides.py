"""Both sides of a document as the two systems hold them now: reads only, at most two calls of each."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.desk.sides import Held, Sent, held_lines_of, lines_of, sides_of
from invoice_bridge_core.documents import DocumentKind
from invoice_bridge_core.errors import BridgeError, NotFoundError
from invoice_bridge_core.transfer.set_back import look_up

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ledger import DocumentRow, Ledger
    from invoice_bridge_core.ports import FinanceSystem, SourceSystem
    from invoice_bridge_core.ports.booking_status import BookingStatus
    from invoice_bridge_core.transfer.route_session import RouteSession


def live_sides(ledger: Ledger, row: DocumentRow, session: RouteSession) -> dict[str, Any]:
    """What both systems say, each in its own words where it cannot be asked; nothing is written.

    `problems` has a sentence for each system that did not answer, or may not be called now: what it holds is then not
    known, which is not the same as nothing.

    :param session: of the document's route; it only reads.
    """
    source, finance = session.source, session.finance
    problems: list[str] = []
    may_ask = [_may_be_asked(session, system, problems) for system in (source, finance)]
    document = _read(row, source, problems) if may_ask[0] else None
    held = _held(ledger, row, finance, problems) if may_ask[1] else Held()
    return {
        "sides": [side.as_json() for side in sides_of(_sent(row, document, source, finance), held)],
        "lines": lines_of(document) if document is not None else [],
        "held_lines": held_lines_of(held.status) if held.status is not None else [],
        "asked_at": dt.datetime.now(dt.UTC).isoformat(),
        "problems": problems,
    }


def _may_be_asked(session: RouteSession, system: SourceSystem | FinanceSystem, problems: list[str]) -> bool:
    pause = session.guard.pause(system.conn_id)
    if pause is not None:
        problems.append(f"{system.name} is not asked now: the document {pause.of_one}.")
    return pause is None


def _read(row: DocumentRow, source: SourceSystem, problems: list[str]) -> Document | None:
    try:
        return source.read(row.ref.source_id)
    except NotFoundError:
        known = "" if source.shows_reported else ", or shows it no more because it was told of the booking"
        problems.append(f"{source.name} does not know {row.number or row.ref.source_id}{known}.")
    except BridgeError as error:
        problems.append(f"{source.name} could not be asked: {error}")
    return None


def _held(ledger: Ledger, row: DocumentRow, finance: FinanceSystem, problems: list[str]) -> Held:
    number = row.intent_number or row.number
    try:
        status = _find(row, finance, number)
    except BridgeError as error:
        problems.append(f"{finance.name} could not be asked: {error}")
        return Held()
    if status is None:
        name = row.booking.number if row.booking is not None else number
        if name is not None:
            problems.append(f"{finance.name} has no {name}.")
        return Held()
    contact_id = status.booking.contact_id
    name = status.contact_name or ledger.desk.contact_names(finance.conn_id, [contact_id]).get(contact_id)
    is_same = row.booking is None or row.booking.contact_id == contact_id
    return Held(status, name or contact_id, is_same_contact=is_same)


def _find(row: DocumentRow, finance: FinanceSystem, number: str | None) -> BookingStatus | None:
    is_credit_note = row.facts.kind is DocumentKind.CREDIT_NOTE
    if row.booking is not None:
        return look_up(finance, row.booking, is_credit_note=is_credit_note)
    if number is None:
        return None
    found = finance.bookings.find_by_number(number, is_credit_note=is_credit_note)
    if found is None or found.lines is not None:
        return found
    try:
        # Lists may leave out lines and names.
        return finance.bookings.find_by_id(found.booking.finance_id, is_credit_note=is_credit_note) or found
    except BridgeError:
        return found


def _sent(row: DocumentRow, document: Document | None, source: SourceSystem, finance: FinanceSystem) -> Sent:
    facts = row.facts
    if document is None:
        return Sent(facts.contact_name, facts.number, facts.currency, facts.total, facts.document_date)
    said = f"{source.name} says {document.state}"
    if document.source_reference:
        said = f"{said}, as {document.source_reference}"
    return Sent(
        contact=document.party.name if document.party is not None else None,
        number=row.intent_number or finance.bookings.booking_number(document),
        currency=document.currency,
        total=document.total_incl_vat,
        date=document.invoice_date,
        due_date=document.due_date,
        reference=document.purchase_order,
        mark=finance.bookings.marker(document),
        state=said,
    )
