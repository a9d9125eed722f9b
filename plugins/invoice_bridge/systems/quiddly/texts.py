"""What people read on an invoice: references, remark, terms, and whether reverse charge applies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoice_bridge.systems.marks import with_printed_mark
from invoice_bridge.systems.quiddly.debtor import debtor_type, vat_number
from invoice_bridge.systems.quiddly.settings import QuiddlySettings, custom_field, is_paid_by_card
from invoice_bridge_core.documents.reference_text import reference_text
from invoice_bridge_core.routes.due_date import due_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge.systems.quiddly.vat import VatSplit
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.routes.model import Route

ORDER_NUMBER_LIMIT = 255
_SEPARATOR = " · "


def texts(document: Document, route: Route, splits: Sequence[VatSplit]) -> dict[str, Any]:
    """The fields beside `debtor` that people read; `None` for what there is nothing to say of."""
    settings = route.finance_as(QuiddlySettings)
    return {
        # Our own order, which the debtor may quote to us.
        "ourOrderNumber": with_printed_mark(document.project_number, document, route),
        "ourReference": custom_field(document, settings, "our_reference") or settings.our_reference,
        "yourReference": custom_field(document, settings, "your_reference")
        or reference_text(document, settings.reference),
        "yourContactPerson": custom_field(document, settings, "your_contact_person"),
        "remark": _remark(document, settings),
        "terms": _terms(document, route),
        "reverseCharge": _is_reverse_charge(document, settings, splits),
    }


def _remark(document: Document, settings: QuiddlySettings) -> str | None:
    by_card = None
    if is_paid_by_card(document):
        by_card = settings.card_refund_remark if document.is_credit_note else settings.card_payment_remark
    parts = [by_card, settings.remark, custom_field(document, settings, "remark")]
    return _SEPARATOR.join(part for part in parts if part) or None


def _terms(document: Document, route: Route) -> dict[str, str] | None:
    settings = route.finance_as(QuiddlySettings)
    payment = settings.terms_of_payment
    due = due_date(document, route)
    if document.is_card_payment:
        payment = settings.card_payment_remark
    elif payment is not None and due is not None and document.invoice_date is not None:
        payment = payment.replace("{days}", str((due - document.invoice_date).days))
    terms = {"delivery": settings.terms_of_delivery, "payment": payment}
    return {field: text for field, text in terms.items() if text} or None


def _is_reverse_charge(document: Document, settings: QuiddlySettings, splits: Sequence[VatSplit]) -> bool:
    party = document.party
    if not settings.reverse_charge or party is None or debtor_type(party) != "COMPANY":
        return False
    return vat_number(party) is not None and all(split.percentage == 0 for split in splits)
