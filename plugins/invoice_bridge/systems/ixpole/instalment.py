"""From one instalment as iXpole writes it to a `Document` (contract ixpole.md, instalment).

Nothing is guessed: an instalment whose total, currency or customer cannot be told is an `UnreadableError`, which holds
it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from invoice_bridge.hooks.http.json_object import JsonObject
from invoice_bridge.systems.amounts import completed, turned, turned_line
from invoice_bridge.systems.ixpole.party import custom_fields, customer_fields, invoice_fields, read_party
from invoice_bridge.systems.payload import hashed
from invoice_bridge.systems.source_object import SourceObject
from invoice_bridge_core.documents import Document, DocumentKind, DocumentRef, Line, Product, SourceState
from invoice_bridge_core.documents.currencies import currency_letters
from invoice_bridge_core.documents.invoice_fields import InvoiceField
from invoice_bridge_core.documents.reading.record import ReadingRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SYSTEM = "ixpole"
LONGEST_CODE = 100

STATES = {
    "pending": SourceState.PROCESSED,
    "open": SourceState.PROCESSED,
    "overdue": SourceState.PROCESSED,
    "received": SourceState.PAID,
}
"""What `Status` says of an instalment that needs no invoice; every other word means that it does (seed 004, step 1)."""

AMOUNTS = ("AmountExclVat", "VatAmount", "AmountInclVat")
_NOTHING = Decimal(0)
_CUSTOM = ("SaleNumber", "EventName")
"""What an invoice may show, too; handed on under these names."""


class Registers(Protocol):
    """iXpole's customers and products, each read once per run."""

    def customer(self, customer_id: str) -> Mapping[str, Any]:
        """The customer.

        :raises UnreadableError: iXpole does not know it.
        """

    def product(self, product_id: str) -> Mapping[str, Any]:
        """The product.

        :raises UnreadableError: iXpole does not know it.
        """


def code_of(instalment: object) -> str | None:
    """The code by which iXpole knows an entry of its list; `None` when it has none that could be used."""
    if not hasattr(instalment, "items"):
        return None
    # As it is written: iXpole is told of the invoice under it.
    code = JsonObject.of(instalment, where="instalment").word("InstalmentCode")
    return code if code and len(code) <= LONGEST_CODE else None


def state_of(instalment: Mapping[str, Any]) -> SourceState:
    """Whether the instalment waits for an invoice."""
    status = SourceObject.of(instalment, where="instalment").code("Status") or ""
    return STATES.get(status.replace(" ", "").casefold(), SourceState.WAITING)


def read_instalment(
    instalment: Mapping[str, Any],
    registers: Registers,
    *,
    conn_id: str,
    code: str,
    with_customer_code: bool,
    timezone: str = "Europe/Oslo",
) -> Document:
    """The document that the instalment is; a negative one is a credit note with positive amounts.

    :param with_customer_code: whether iXpole gives out the customer codes.
    :param timezone: the route's, in which an instant is a day.
    :raises UnreadableError: names the field that is missing or mistyped.
    """
    record = ReadingRecord(ZoneInfo(timezone))
    fields = SourceObject.of(instalment, where=f"iXpole instalment {code}", record=record)
    record.currency = _currency(fields)
    excl, vat, total = completed(*(fields.amount(name) for name in AMOUNTS))
    if total is None:
        raise fields.missing("AmountInclVat")
    is_credit = total < 0
    customer_id = fields.code("CustomerId")
    customer = registers.customer(customer_id) if customer_id else {}
    document = Document(
        ref=DocumentRef(system=SYSTEM, conn_id=conn_id, source_id=code),
        number=fields.code("InstalmentCode") or code,
        kind=DocumentKind.CREDIT_NOTE if is_credit else DocumentKind.INSTALMENT,
        state=state_of(instalment),
        invoice_date=fields.date("InvoiceDate"),
        due_date=fields.date("DueDate"),
        currency=record.currency,
        project_id=fields.code("EventId"),
        project_name=fields.word("EventName"),
        party=read_party(customer, customer_id, record, with_code=with_customer_code) if customer_id else None,
        purchase_order=fields.line("InvoiceReference"),
        invoice_fields=(
            InvoiceField(heading="Purchase order", value=fields.exact("InvoiceReference")),
            *(each for value in _stated_fields(instalment) for each in invoice_fields(value)),
        ),
        custom_fields=tuple(dict(_custom_fields(instalment, customer, fields)).items()),
        lines=_lines(fields, registers, is_credit=is_credit),
        total_excl_vat=turned(excl, is_credit),
        vat_amount=turned(vat, is_credit),
        total_incl_vat=total.copy_negate() if is_credit else total,
        payload_hash="",
    )
    return hashed(document.model_copy(update={"read_as": record.changes}))


def _lines(fields: SourceObject, registers: Registers, *, is_credit: bool) -> tuple[Line, ...]:
    lines = fields.children("Lines")
    if lines is None:
        raise fields.missing("Lines")
    return tuple(turned_line(line) if is_credit else line for line in (_line(each, registers) for each in lines))


def _line(fields: SourceObject, registers: Registers) -> Line:
    excl, vat, total = completed(*(fields.amount(name) for name in AMOUNTS))
    product = _product(fields, registers)
    line = Line(
        description=fields.text("Description") or (product.description or product.name if product else None),
        article_number=fields.code("ProductCode") or (product.code if product else None),
        product=product,
        quantity=fields.quantity("Quantity"),
        unit_price_excl_vat=fields.amount("UnitPrice"),
        vat_percentage=fields.rate("VatRate"),
        total_excl_vat=excl,
        vat_amount=vat,
        total_incl_vat=_NOTHING if total is None else total,
    )
    if total is None and not (line.is_text and line.description):
        raise fields.missing("AmountInclVat")
    return line


def _product(line: SourceObject, registers: Registers) -> Product | None:
    product_id = line.code("ProductId")
    if product_id is None:
        return None
    where = f"iXpole product {product_id}"
    record = line.record
    fields = SourceObject.of(
        registers.product(product_id), where=where, record=record, noted_as=f"product {product_id}: "
    )
    code = fields.code("ProductCode") or line.code("ProductCode") or product_id
    return Product(
        product_id=product_id,
        code=code,
        name=fields.word("Name") or code,
        description=fields.text("Description"),
        unit_price=fields.amount("UnitPrice"),
        ledger_account=fields.code("LedgerAccount"),
    )


def _currency(fields: SourceObject) -> str | None:
    code = fields.code("Currency")
    letters = currency_letters(code) if code else None
    if code and letters is None:
        raise fields.unreadable("Currency", "is not a currency", code)
    return letters


def _custom_fields(
    instalment: Mapping[str, Any], customer: Mapping[str, Any], fields: SourceObject
) -> Iterator[tuple[str, str]]:
    yield from customer_fields(customer)
    for name in _CUSTOM:
        if (value := fields.line(name)) is not None:
            yield name, value
    for stated in _stated_fields(instalment):
        yield from custom_fields(stated)


def _stated_fields(instalment: Mapping[str, Any]) -> Iterator[object]:
    return (value for name, value in instalment.items() if name.casefold() == "customfields")
