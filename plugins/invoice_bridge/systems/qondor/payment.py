"""From one payment as Qondor writes it to a `Document` (contract qondor.md, one payment in full).

Nothing is guessed: a payment whose kind, sign or total cannot be told is an `UnreadableError`, which holds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from invoice_bridge.systems.amounts import turned
from invoice_bridge.systems.payload import hashed
from invoice_bridge.systems.qondor.invoice_fields import read_invoice_fields
from invoice_bridge.systems.qondor.lines import read_lines
from invoice_bridge.systems.qondor.party import read_id, read_party
from invoice_bridge.systems.source_object import SourceObject
from invoice_bridge_core.documents import Document, DocumentKind, DocumentRef, SourceState
from invoice_bridge_core.documents.currencies import currency_letters
from invoice_bridge_core.documents.reading.record import ReadingRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

SYSTEM = "qondor"

KINDS = {
    "CustomerOfferInvoice": DocumentKind.OFFER_INVOICE,
    "CustomerFormInvoice": DocumentKind.FORM_INVOICE,
    "BookingInvoice": DocumentKind.BOOKING_INVOICE,
    "CreditCardPayment": DocumentKind.CARD_PAYMENT,
    "CreditNote": DocumentKind.CREDIT_NOTE,
}
"""`typeText`; `type` counts them from 1."""
STATES = {
    "Unprocessed": SourceState.WAITING,
    "Processed": SourceState.PROCESSED,
    "Failed": SourceState.FAILED,
    "Paid": SourceState.PAID,
}
"""`statusText`; `status` counts them from 1."""
PAID_BY_CARD = {"Invoice": False, "CreditCard": True}
"""`formOfPaymentText`; `formOfPayment` counts them from 1."""
LONGEST_TERMS_DAYS = 3650

Meaning = TypeVar("Meaning")

_PURCHASE_ORDER_HEADINGS = ("purchase order", "po number")


def read_payment(
    payment: Mapping[str, Any], *, conn_id: str, source_id: str, timezone: str = "Europe/Oslo"
) -> Document:
    """The document that the payment is; a credit note's amounts are positive in it.

    :param payment: parsed with `Decimal` for numbers.
    :param timezone: the route's, in which an instant is a day.
    :raises UnreadableError: names the field that is missing, mistyped or contradicted by another one.
    """
    record = ReadingRecord(ZoneInfo(timezone))
    fields = SourceObject.of(payment, where=f"Qondor payment {source_id}", record=record)
    stated_id = fields.code("id")
    if stated_id not in (None, source_id):
        raise fields.unreadable("id", f"is not {source_id}, which was asked for", stated_id)
    number = fields.code("invoiceNumber")
    if number is None:
        raise fields.missing("invoiceNumber")
    record.currency = _currency(fields)
    total = fields.amount("totalInclVat")
    if total is None:
        raise fields.missing("totalInclVat")
    kind = _kind(fields)
    # Qondor writes credit notes with either sign; a line of the other sign than the total keeps the other sign.
    is_turned = kind is DocumentKind.CREDIT_NOTE and total < 0
    document = Document(
        ref=DocumentRef(system=SYSTEM, conn_id=conn_id, source_id=source_id),
        number=number,
        kind=kind,
        state=_state(fields),
        paid_by_card=_is_paid_by_card(fields, kind),
        credited_source_id=read_id(fields, "creditedInvoiceId"),
        credited_number=fields.code("creditedInvoiceNumber"),
        invoice_date=fields.date("invoiceDate"),
        due_date=fields.date("dueDate"),
        payment_terms_days=_payment_terms(fields),
        currency=record.currency,
        office_id=fields.code("officeId"),
        office_name=fields.word("officeName"),
        project_id=fields.code("projectId"),
        project_number=fields.code("projectNo"),
        project_name=fields.word("projectName"),
        party=read_party(fields),
        purchase_order=_purchase_order(fields),
        custom_fields=_custom_fields(fields),
        invoice_fields=read_invoice_fields(fields),
        lines=read_lines(fields, is_turned=is_turned),
        total_excl_vat=turned(fields.amount("totalExclVat"), is_turned),
        vat_amount=turned(fields.amount("vatAmount"), is_turned),
        total_incl_vat=total.copy_negate() if is_turned else total,
        source_reference=fields.code("externalReference"),
        payload_hash="",
    )
    return hashed(document.model_copy(update={"read_as": record.changes}))


def _kind(fields: SourceObject) -> DocumentKind:
    kind = _agreed(fields, "type", KINDS)
    if kind is None:
        raise fields.missing("typeText (the kind of the payment)")
    is_credit_note = fields.flag("isCreditNote")
    if is_credit_note is not None and is_credit_note != (kind is DocumentKind.CREDIT_NOTE):
        raise fields.contradiction(f"isCreditNote is {str(is_credit_note).lower()}, but its type is {kind}")
    return kind


def _is_paid_by_card(fields: SourceObject, kind: DocumentKind) -> bool:
    by_card = _agreed(fields, "formOfPayment", PAID_BY_CARD)
    if kind is DocumentKind.CREDIT_NOTE:
        return by_card is True
    is_card_payment = kind is DocumentKind.CARD_PAYMENT
    if by_card is not None and by_card != is_card_payment:
        raise fields.contradiction(
            f"formOfPayment is {'CreditCard' if by_card else 'Invoice'}, but its type is {kind}: "
            "it is not clear whether money was taken"
        )
    return is_card_payment


def _state(fields: SourceObject) -> SourceState:
    if (text := fields.code("statusText")) is not None:
        return _meaning(fields, "statusText", text, STATES)
    return _agreed(fields, "status", STATES) or SourceState.WAITING


def _agreed(fields: SourceObject, name: str, meanings: Mapping[str, Meaning]) -> Meaning | None:
    """What an enum and its `…Text` twin say; `None` when both are missing."""
    stated = {}
    for key in (f"{name}Text", name):
        word = fields.code(key)
        if word is not None:
            stated[key] = _meaning(fields, key, word, meanings)
    if len(set(stated.values())) > 1:
        raise fields.contradiction(f"{name}Text is {fields.code(f'{name}Text')}, but {name} is {fields.code(name)}")
    return next(iter(stated.values()), None)


def _meaning(fields: SourceObject, key: str, word: str, meanings: Mapping[str, Meaning]) -> Meaning:
    names = list(meanings)
    if word.isascii() and word.isdigit() and 1 <= int(word) <= len(names):
        return meanings[names[int(word) - 1]]
    for name in names:
        if name.casefold() == word.replace(" ", "").casefold():
            return meanings[name]
    raise fields.unreadable(key, "is unknown", word)


def _payment_terms(fields: SourceObject) -> int | None:
    days = fields.integer("paymentTermsDays")
    if days is not None and not 0 <= days <= LONGEST_TERMS_DAYS:
        raise fields.unreadable("paymentTermsDays", "is not a payment term", days)
    return days


def _currency(fields: SourceObject) -> str | None:
    found: dict[str, str] = {}
    for name in ("currency", "currencyCode"):
        code = fields.code(name)
        if code is None:
            continue
        letters = currency_letters(code)
        if letters is None:
            raise fields.unreadable(name, "is not a currency", code)
        found[name] = letters
    if len(set(found.values())) > 1:
        raise fields.contradiction(f"currency is {found['currency']}, but currencyCode is {found['currencyCode']}")
    return next(iter(found.values()), None)


def _custom_fields(fields: SourceObject) -> tuple[tuple[str, str], ...]:
    pairs = []
    for field in fields.children("customInvoiceFields") or []:
        heading, value = field.word("heading", "externalReference"), field.line("value")
        if heading and value:
            pairs.append((heading, value))
    return tuple(pairs)


def _purchase_order(fields: SourceObject) -> str | None:
    for field in fields.children("customInvoiceFields") or []:
        heading = (field.word("heading") or "").casefold()
        is_meant = (field.code("externalReference") or "").casefold() == "po" or any(
            words in heading for words in _PURCHASE_ORDER_HEADINGS
        )
        if is_meant and (value := field.line("value")):
            return value
    return None
