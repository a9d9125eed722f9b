"""One document to move: invoice, credit note or card payment, with its sign and dates normalised."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict

from invoice_bridge_core.documents.invoice_fields import InvoiceField
from invoice_bridge_core.documents.money import Money, format_amount
from invoice_bridge_core.documents.party import Party

LABEL_NAME = 40
"""Characters of a customer's name in a document's label."""


class DocumentKind(StrEnum):
    """What a document is; the first five are the kinds of seed 002."""

    OFFER_INVOICE = "customer offer invoice"
    FORM_INVOICE = "customer form invoice"
    BOOKING_INVOICE = "booking invoice"
    CARD_PAYMENT = "card payment"
    CREDIT_NOTE = "credit note"
    INSTALMENT = "instalment"


class SourceState(StrEnum):
    """What the source system says of the document now."""

    WAITING = "waiting"
    PROCESSED = "processed"
    FAILED = "failed"
    PAID = "paid"


class DocumentRef(BaseModel):
    """Names a document everywhere: the source system, the connection and the source's own id."""

    model_config = ConfigDict(frozen=True)

    system: str
    conn_id: str
    source_id: str

    def __str__(self) -> str:
        """Written as `qondor:qondor_default:12345`."""
        return f"{self.system}:{self.conn_id}:{self.source_id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str()` wrote.

        :raises ValueError: when the text is not a reference.
        """
        parts = text.split(":", 2)
        if len(parts) != 3 or not all(parts):
            raise ValueError(f"{text!r} is not a document reference: expected system:connection:id")
        return cls(system=parts[0], conn_id=parts[1], source_id=parts[2])


class Product(BaseModel):
    """What a line sells, as a source with a product register tells it.

    `unit_price` is without VAT, in the register's own currency; `ledger_account` is the register's account for it.
    """

    model_config = ConfigDict(frozen=True)

    product_id: str
    code: str
    name: str
    description: str | None = None
    unit_price: Money | None = None
    ledger_account: str | None = None


class Line(BaseModel):
    """One line. Amounts are in the document's currency; what the source left out is `None`.

    A pass-through line may know its total with VAT only (contract qondor.md).
    """

    model_config = ConfigDict(frozen=True)

    description: str | None = None
    article_number: str | None = None
    product: Product | None = None
    quantity: Money | None = None
    unit_price_excl_vat: Money | None = None
    unit_price_incl_vat: Money | None = None
    vat_percentage: Money | None = None
    total_excl_vat: Money | None = None
    vat_amount: Money | None = None
    total_incl_vat: Money

    @property
    def is_text(self) -> bool:
        """Whether the line only says something: it names no article and no money; quantity and rate do not matter."""
        amounts = (
            *(self.unit_price_excl_vat, self.unit_price_incl_vat),
            *(self.total_excl_vat, self.vat_amount, self.total_incl_vat),
        )
        return self.article_number is None and self.product is None and not any(amounts)

    @property
    def ledger_account(self) -> str | None:
        """The product's own account, where the source knows one."""
        return self.product.ledger_account if self.product else None


class Document(BaseModel):
    """A document as its source tells it, complete enough to be checked and booked.

    Credit notes carry positive amounts. `due_date` is the source's own; when it is missing, finance derives it
    from `payment_terms_days` or the route's default terms. `payload_hash` changes when the source's content does.
    `read_as` says what was read otherwise than it is written, in sentences for people; it is no part of the content.
    """

    model_config = ConfigDict(frozen=True)

    ref: DocumentRef
    number: str
    kind: DocumentKind
    state: SourceState = SourceState.WAITING
    paid_by_card: bool = False
    credited_source_id: str | None = None
    credited_number: str | None = None
    invoice_date: dt.date | None = None
    due_date: dt.date | None = None
    payment_terms_days: int | None = None
    currency: str | None = None
    office_id: str | None = None
    office_name: str | None = None
    project_id: str | None = None
    project_number: str | None = None
    project_name: str | None = None
    party: Party | None = None
    purchase_order: str | None = None
    custom_fields: tuple[tuple[str, str], ...] = ()
    invoice_fields: tuple[InvoiceField, ...] = ()
    lines: tuple[Line, ...] = ()
    total_excl_vat: Money | None = None
    vat_amount: Money | None = None
    total_incl_vat: Money
    source_reference: str | None = None
    payload_hash: str
    read_as: tuple[str, ...] = ()

    @property
    def priced_lines(self) -> tuple[Line, ...]:
        """The lines that stand for an article or money; the others only say something."""
        return tuple(line for line in self.lines if not line.is_text)

    @property
    def is_credit_note(self) -> bool:
        """Whether the document gives money back."""
        return self.kind is DocumentKind.CREDIT_NOTE

    @property
    def is_card_payment(self) -> bool:
        """Whether its money has been taken from a card already: never rejected, marked paid at once."""
        return self.kind is DocumentKind.CARD_PAYMENT

    @property
    def is_card_refund(self) -> bool:
        """Whether it is a credit note whose money has gone back to a card already."""
        return self.is_credit_note and self.paid_by_card

    @property
    def is_owed(self) -> bool:
        """Whether somebody has to pay it, so that its due date means something: not of credit notes and card money."""
        return not (self.is_credit_note or self.is_card_payment)

    @property
    def label(self) -> str:
        """The name of its task: `Q-10023 · Acme Events AS · 10 000.00 NOK`."""
        name = shorten(self.party.name if self.party else "no customer", LABEL_NAME)
        sign = "-" if self.is_credit_note else ""
        return f"{self.number} · {name} · {sign}{format_amount(self.total_incl_vat)} {self.currency or '?'}"


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, with an ellipsis where something was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
