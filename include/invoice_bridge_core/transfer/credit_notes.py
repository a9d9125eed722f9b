"""A credit note and the invoice that it refers to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.documents import DocumentKind, DocumentRef
from invoice_bridge_core.documents.marks import SHORT_MARK, short_mark
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import HeldError, WakesOn

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ledger import DocumentRow, Ledger
    from invoice_bridge_core.ports import Booking, FinanceSystem

_ON_ITS_WAY = frozenset({DocumentState.SEEN, DocumentState.WORKING})

_ENDED_BY = frozenset({WakesOn.INVOICE, WakesOn.ENTRY, WakesOn.NUMBER})
"""The invoice goes, or the credit note names another one, or somebody books the invoice by hand."""


def credited_booking(
    document: Document, booking: Booking | None, finance: FinanceSystem, ledger: Ledger
) -> Booking | None:
    """The booking of the invoice that a credit note names; `None` when it names none, or needs none in finance.

    :param booking: the credit note's own, once it has one: then it no longer waits for anything.
    :raises HeldError: the invoice is not there yet, so the credit note waits for it; or what it names is none.
    """
    credited = finance.credited_invoices
    if not document.is_credit_note or credited is None or not credited.refers_to_credited(document):
        return None
    if document.credited_source_id is None and document.credited_number is None:
        return None
    row = ledger.credited_row(document)
    if booking is None and row is not None and row.facts.kind is DocumentKind.CREDIT_NOTE:
        raise HeldError(
            f"Credit note {document.number} names {row.number or row.ref.source_id} as the invoice that it credits, "
            "but that is a credit note too. It has to name the invoice",
            wakes_on={WakesOn.INVOICE, WakesOn.ENTRY},
        )
    if row is not None and row.booking is not None:
        return _here(row, row.booking, finance)
    # Somebody may have booked it by hand, listed in the queue or not; what may be on its way from here is waited for.
    found = credited.find_credited(document) if row is None or row.intent_token is None else None
    if found is not None and _is_anothers(found, document, finance, ledger):
        found = None
    if found is not None or booking is not None:
        return found
    name = document.credited_number or document.credited_source_id
    if row is None:
        reason = f"Waits for its invoice {name}, which has not been transferred and is not in finance"
        raise HeldError(reason, wakes_on=_ENDED_BY)
    state = "not booked yet" if row.state in _ON_ITS_WAY else str(row.state)
    reason = f"Waits for its invoice {name}, which is {state}{f': {row.reason}' if row.reason else ''}"
    raise HeldError(reason, wakes_on=_ENDED_BY)


def why_not_credited(invoice: Booking, credit_note: Document) -> str | None:
    """Why an invoice that has the number in finance is not the one that the credit note names; `None` when it may be.

    One that was made by hand carries no mark.
    """
    if credit_note.currency not in (None, invoice.currency):
        return f"it is in {invoice.currency}, not {credit_note.currency}"
    if invoice.marker is not None and not _is_mark_of_credited(invoice.marker, credit_note):
        return f"it carries the mark of another document, {invoice.marker}"
    return None


def _is_anothers(invoice: Booking, credit_note: Document, finance: FinanceSystem, ledger: Ledger) -> bool:
    """Whether the ledger knows the invoice as the booking of a document that the credit note does not name.

    One that got this number by hand is what a person made it.
    """
    known = ledger.payments.booked_as(finance.conn_id, [invoice.finance_id]).get(invoice.finance_id)
    if known is None or known.booking.number != invoice.number:
        return False
    return not _is_mark_of_credited(str(known.row.ref), credit_note)


def _is_mark_of_credited(marker: str, credit_note: Document) -> bool:
    if SHORT_MARK.fullmatch(marker):
        # It does not say whose number it is about; where the source names the invoice by its id, it can be compared.
        source_id = credit_note.credited_source_id
        return source_id is None or marker == short_mark(credit_note.ref.model_copy(update={"source_id": source_id}))
    ref = DocumentRef.parse(marker)
    if (ref.system, ref.conn_id) != (credit_note.ref.system, credit_note.ref.conn_id):
        return False
    # A source that names the invoice by number alone leaves only its own numbering to go by.
    return credit_note.credited_source_id in (None, ref.source_id)


def _here(row: DocumentRow, booking: Booking, finance: FinanceSystem) -> Booking:
    if row.finance_conn != finance.conn_id:
        raise HeldError(
            f"Its invoice {row.number} is booked as {booking.number} through connection {row.finance_conn}, but this "
            f"route books through {finance.conn_id}. Credit it by hand",
            wakes_on={WakesOn.ROUTE, WakesOn.PERSON},
        )
    return booking
