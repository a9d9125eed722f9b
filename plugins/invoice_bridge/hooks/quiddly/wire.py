"""What Quiddly's answers hold, as far as it is read here. Missing fields are tolerated."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from invoice_bridge.hooks.http.json_object import JsonObject
from invoice_bridge_core.documents.reading.numbers import read_number
from invoice_bridge_core.errors import GarbledAnswerError, UnreadableError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from decimal import Decimal

    from invoice_bridge.hooks.http.answers import Answer


@dataclass(frozen=True)
class QuiddlyRow:
    """An article row; a credit's prices and totals are negative, and a total is without VAT."""

    description: str | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    total: Decimal | None = None


@dataclass(frozen=True)
class QuiddlyInvoice:
    """An invoice or credit as Quiddly shows it; a credit's amounts are negative.

    :param kind: `INVOICE` or `CREDIT_INVOICE`.
    :param status: in capitals, `CREATED` or `ACTIVATED` as far as is published.
    :param total: including VAT and round-off, before any tax reduction, in `currency`.
    :param rows: `None` where the answer shows none; likewise every other field.
    :param tax_reduction: what of the total the state pays instead of the debtor.
    """

    invoice_id: str
    number: str | None = None
    status: str | None = None
    currency: str | None = None
    total: Decimal | None = None
    tax_reduction: Decimal | None = None
    customer_number: str | None = None
    customer_name: str | None = None
    our_order_number: str | None = None
    due_date: dt.date | None = None
    invoice_date: dt.date | None = None
    our_reference: str | None = None
    your_reference: str | None = None
    your_contact_person: str | None = None
    remark: str | None = None
    rows: tuple[QuiddlyRow, ...] | None = None
    kind: str | None = None
    total_excl_vat: Decimal | None = None

    @classmethod
    def of(cls, value: object, *, where: str) -> Self:
        """The invoice that a JSON value is.

        :param where: what was asked, for messages.
        :raises UnreadableError: no object, no id, or a field of a wrong type.
        """
        fields = JsonObject.of(value, where=where)
        invoice_id = fields.word("id")
        if invoice_id is None:
            raise fields.missing("id")
        currency, debtor, dates, totals = (fields.child(name) for name in ("currency", "debtor", "dates", "totals"))
        status = fields.word("status")
        return cls(
            invoice_id=invoice_id,
            number=fields.word("invoiceNumber"),
            status=status.upper() if status else None,
            currency=currency.word("invoiceCurrency") if currency else None,
            total=_total(totals),
            tax_reduction=totals.amount("taxReduction") if totals else None,
            customer_number=debtor.word("customerNumber") if debtor else None,
            customer_name=debtor.word("name") if debtor else None,
            our_order_number=fields.word("ourOrderNumber"),
            due_date=dates.date("expireDate") if dates else None,
            invoice_date=dates.date("invoiceDate") if dates else None,
            our_reference=fields.text("ourReference"),
            your_reference=fields.text("yourReference"),
            your_contact_person=fields.text("yourContactPerson"),
            remark=fields.text("remark"),
            rows=_rows(fields),
            kind=fields.word("type"),
            total_excl_vat=totals.amount("totalExclVat") if totals else None,
        )


@dataclass(frozen=True)
class QuiddlyPayment:
    """A payment that waits to be exported, ours or not; `amount` is in the invoice's currency.

    Quiddly gives no id of the invoice and does not say whether it is paid in full (contract quiddly.md, "Payments
    out").

    :param is_readable: `False`: only the id is known, and maybe not even that.
    """

    payment_id: str | None = None
    invoice_number: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    paid_on: dt.date | None = None
    is_readable: bool = True

    @classmethod
    def of(cls, value: object, *, where: str) -> Self:
        """The payment that a JSON value is.

        :raises UnreadableError: no object, or a field of a wrong type.
        """
        fields = JsonObject.of(value, where=where)
        return cls(
            payment_id=fields.word("id"),
            invoice_number=fields.word("invoiceNumber"),
            amount=fields.amount("amount"),
            currency=fields.word("invoiceCurrency"),
            paid_on=fields.date("paymentDate", "date"),
        )

    @classmethod
    def unreadable(cls, value: object, *, where: str) -> Self:
        """Stands for a JSON value that cannot be read as a payment."""
        try:
            return cls(payment_id=JsonObject.of(value, where=where).word("id"), is_readable=False)
        except UnreadableError:
            return cls(is_readable=False)


def read_invoice(answer: Answer) -> QuiddlyInvoice:
    """The one invoice of an answer.

    :raises GarbledAnswerError: the answer is not an invoice; to a write, that leaves open what was done.
    """
    with _garbled_where_unreadable(answer):
        return QuiddlyInvoice.of(answer.json(), where=_where(answer))


def read_invoices(answer: Answer) -> tuple[QuiddlyInvoice, ...]:
    """The invoices of a list.

    :raises GarbledAnswerError: the answer is not a list of invoices.
    """
    with _garbled_where_unreadable(answer):
        return tuple(QuiddlyInvoice.of(each, where=_where(answer)) for each in answer.json_list())


def read_payments(answer: Answer) -> tuple[QuiddlyPayment, ...]:
    """The payments of one page, those that cannot be read among them, since the page's length counts.

    :raises GarbledAnswerError: the answer is not a list.
    """
    with _garbled_where_unreadable(answer):
        listed = answer.json_list()
    return tuple(_payment(each, _where(answer)) for each in listed)


@contextmanager
def _garbled_where_unreadable(answer: Answer) -> Iterator[None]:
    """What is not as published counts as no answer, since the next try may get a proper one."""
    try:
        yield
    except UnreadableError as error:
        raise answer.error(GarbledAnswerError, error.text) from error


def _payment(value: object, where: str) -> QuiddlyPayment:
    # It would be odd at every poll, and the other payments must not wait for it.
    try:
        return QuiddlyPayment.of(value, where=where)
    except UnreadableError:
        return QuiddlyPayment.unreadable(value, where=where)


def _where(answer: Answer) -> str:
    return f"Quiddly's answer to {answer.what}"


def _rows(fields: JsonObject) -> tuple[QuiddlyRow, ...] | None:
    rows = fields.children("articleRows")
    if rows is None:
        return None
    return tuple(
        QuiddlyRow(
            description=row.word("description"),
            quantity=_quantity(row),
            price=row.amount("price"),
            total=row.amount("total"),
        )
        for row in rows
    )


def _quantity(row: JsonObject) -> Decimal | None:
    """A quantity is a text such as `2.00` or `2,00` (contract quiddly.md), never with thousands apart."""
    text = row.word("quantity")
    quantity = read_number(text, is_rate=True) if text is not None else None
    if text is not None and quantity is None:
        raise row.unreadable("quantity", "is not a quantity", text)
    return quantity


def _total(totals: JsonObject | None) -> Decimal | None:
    if totals is None:
        return None
    to_pay, reduction = totals.amount("totalToPay"), totals.amount("taxReduction")
    if to_pay is not None:
        return to_pay + (reduction or 0)
    total, round_off = totals.amount("total"), totals.amount("totalRoundOff")
    return None if total is None else total + (round_off or 0)
