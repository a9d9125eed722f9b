"""Xero's answers as bookings."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from invoice_bridge.hooks.xero.wire import XeroInvoice
from invoice_bridge.systems.marks import marker_in, marker_in_link
from invoice_bridge_core.documents.reading.emails import usable_email
from invoice_bridge_core.errors import ContactUnusableError, GarbledAnswerError, NumberTakenError, RefusedError
from invoice_bridge_core.ports import Booking

if TYPE_CHECKING:
    from invoice_bridge.hooks.xero.wire import XeroCreditNote
    from invoice_bridge_core.documents import Document

DRAFT_STATUSES = frozenset({"DRAFT", "SUBMITTED"})
_APP = "https://go.xero.com"


def booking_of(found: XeroInvoice | XeroCreditNote, short_code: str | None) -> Booking:
    """What Xero has, as the core knows it.

    :raises GarbledAnswerError: the answer lacks what tells one booking from another.
    """
    finance_id = found.invoice_id if isinstance(found, XeroInvoice) else found.credit_note_id
    contact_id = found.contact.contact_id if found.contact else None
    if finance_id is None or contact_id is None or found.currency is None or found.total is None:
        raise GarbledAnswerError(f"Xero answered {found.number} without its id, contact, currency or total")
    return Booking(
        finance_id=finance_id,
        number=found.number,
        status=(found.status or "").upper(),
        contact_id=contact_id,
        currency=found.currency,
        total=found.total,
        marker=marker_in_link(found.url) or marker_in(found.reference),
        due_date=found.due_date,
        is_draft=(found.status or "").upper() in DRAFT_STATUSES,
        # Xero gives out no customer codes besides the contact's id.
        customer_code=contact_id,
        link=_link(found, finance_id, short_code),
        warnings=found.warning_texts,
    )


def create_warnings(document: Document) -> tuple[str, ...]:
    """What people should know of a document that was booked all the same."""
    warnings = []
    party = document.party
    if party is not None and party.email and usable_email(party.email) is None:
        warnings.append(f"E-mail address '{party.email}' of '{party.name}' is not valid and was left out in Xero")
    return tuple(warnings)


def sorted_refusal(error: RefusedError) -> RefusedError:
    """The refusal of a new document by what can be done about it: another number, another contact, our set-up."""
    for reason in error.reasons:
        text = reason.casefold()
        if "must be unique" in text:
            return NumberTakenError.out_of(error)
        if "contact" in text and "account code" not in text and ("archived" in text or "merged" in text):
            return ContactUnusableError(str(error), reasons=error.reasons)
    return error


def _link(found: XeroInvoice | XeroCreditNote, finance_id: str, short_code: str | None) -> str | None:
    """Where people see it, in the organisation that has it, whichever they used last."""
    shown_id = quote(finance_id, safe="")
    organisation = quote(short_code, safe="!") if short_code else None
    if isinstance(found, XeroInvoice):
        return f"{_APP}/app/{organisation}/invoicing/view/{shown_id}" if organisation else None
    page = f"/AccountsReceivable/ViewCreditNote.aspx?creditNoteID={shown_id}"
    if organisation is None:
        return f"{_APP}{page}"
    return f"{_APP}/organisationlogin/default.aspx?shortcode={organisation}&redirecturl={page}"
