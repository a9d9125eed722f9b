"""What is known of a booking from all that know it: finance's answer, the ledger's document, the sale of before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from invoice_bridge_core.ledger.sales.row import Gone, SaleFacts
from invoice_bridge_core.payments.what_counts import as_it_counts
from invoice_bridge_core.ports.booking_status import BookingStatus
from invoice_bridge_core.sales.wanted import sale_kind

if TYPE_CHECKING:
    from decimal import Decimal

    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.ledger.sales.row import SaleKey, SaleRow
    from invoice_bridge_core.ports.finance.issued_documents import IssuedDocument
    from invoice_bridge_core.routes.model import Route


def facts_of_ours(
    route: Route,
    key: SaleKey,
    entry: PaymentStatusRow,
    document: IssuedDocument | None,
    sale: SaleRow | None,
    gone: Gone | None,
) -> SaleFacts | None:
    """What is known of a document that we booked; `None` while it is a draft, or finance has not been asked for it.

    Whether it is paid is what a payment run takes for paid.

    :param document: what finance says now; `None` where it was not asked.
    :param gone: found to be gone in another way than by its status.
    """
    status = _status(entry, document)
    counted = as_it_counts(replace(entry, booking_status=status), route).booking_status or status
    is_draft = counted.booking.is_draft
    if is_draft and sale is None:
        return None
    gone = gone or _gone(counted)
    is_paid = counted.is_paid_in_full and gone is None and not is_draft
    paid_on = counted.paid_in_full_on if is_paid else None
    project_id, document_id = entry.row.facts.project_id, entry.row.id
    if document is None and sale is not None and sale.is_whole:
        # What finance said of it later than the ledger's booking stands; of payments the ledger knows more.
        known = replace(sale.facts, project_id=project_id, document_id=document_id)
        return replace(known, gone=gone or sale.facts.gone, is_paid=is_paid, paid_on=paid_on)
    booking = counted.booking
    return SaleFacts(
        key=key,
        source_system=entry.row.ref.system,
        kind=sale_kind(entry.row.facts.kind),
        number=booking.number,
        currency=booking.currency,
        amount_incl_vat=booking.total,
        amount_excl_vat=_excl(document, sale, booking.total),
        issued_on=(document.on if document is not None else None) or entry.row.facts.document_date,
        due_date=booking.due_date,
        gone=gone,
        document_id=document_id,
        project_id=project_id,
        is_paid=is_paid,
        paid_on=paid_on,
    )


def facts_of_others(
    source_system: str,
    key: SaleKey,
    document: IssuedDocument,
    sale: SaleRow | None,
    number: str | None,
    project_id: str | None,
) -> SaleFacts | None:
    """What is known of a document that others made; `None` where it is none of the source's.

    :param number: the project's number that it names; `project_id` is the source's id of it, where that is known.
    """
    gone, booking = _gone(document.status), document.status.booking
    if sale is None and (number is None or gone is not None or booking.is_draft):
        return None
    if sale is not None and sale.facts.project_id is not None and project_id is None:
        # It names another project now, or none: where it was shown, it is shown no longer.
        gone, project_id = gone or Gone.ELSEWHERE, sale.facts.project_id
    is_paid = document.status.is_paid_in_full and gone is None
    return SaleFacts(
        key=key,
        source_system=source_system,
        kind="credit_note" if document.is_credit_note else "invoice",
        number=booking.number,
        currency=booking.currency,
        amount_incl_vat=booking.total,
        amount_excl_vat=_excl(document, sale, booking.total),
        project_id=project_id,
        project_number=number,
        issued_on=document.on,
        due_date=booking.due_date,
        is_paid=is_paid,
        paid_on=document.status.paid_in_full_on if is_paid else None,
        gone=gone,
    )


def facts_of_former(sale: SaleRow, document: IssuedDocument | None) -> SaleFacts:
    """What is known of a booking that was our document's, and is not any longer: it was booked anew.

    It stays in its project, as finance has it now.

    :param document: `None` where finance has it no longer.
    """
    if document is None:
        return replace(sale.facts, gone=Gone.DELETED, is_paid=False, paid_on=None)
    gone, booking = _gone(document.status), document.status.booking
    is_paid = gone is None and (document.status.is_paid_in_full if document.tells_payments else sale.facts.is_paid)
    paid_on = document.status.paid_in_full_on if document.tells_payments else sale.facts.paid_on
    return replace(
        sale.facts,
        number=booking.number,
        currency=booking.currency,
        amount_incl_vat=booking.total,
        amount_excl_vat=_excl(document, sale, booking.total),
        issued_on=document.on or sale.facts.issued_on,
        due_date=booking.due_date,
        is_paid=is_paid,
        paid_on=paid_on if is_paid else None,
        gone=gone,
    )


def _status(entry: PaymentStatusRow, document: IssuedDocument | None) -> BookingStatus:
    """How it stands: as finance says now, with the payments that the ledger knows where finance tells none."""
    if document is None:
        known = entry.booking_status
        # A transfer may have seen later than the last poll that a draft became real.
        is_older = known is not None and known.booking.is_draft and not entry.booking.is_draft
        return BookingStatus(booking=entry.booking) if known is None or is_older else known
    if document.tells_payments or entry.booking_status is None:
        return document.status
    return entry.booking_status.model_copy(
        update={"booking": document.status.booking, "is_gone": document.status.is_gone}
    )


def _gone(status: BookingStatus) -> Gone | None:
    if not status.is_gone:
        return None
    return Gone.VOIDED if status.booking.status == "VOIDED" else Gone.DELETED


def _excl(document: IssuedDocument | None, sale: SaleRow | None, total: Decimal) -> Decimal | None:
    if document is not None and document.total_excl_vat is not None:
        return document.total_excl_vat
    if sale is not None and sale.facts.amount_incl_vat == total:
        return sale.facts.amount_excl_vat
    return None
