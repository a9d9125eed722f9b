"""The fields that an author fills in on an invoice beside its lines, and which of them is the buyer's reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Iterable

PURCHASE_ORDER = (
    "po", "pono", "ponumber", "ponummer", "purchaseorder", "purchaseordernumber", "purchaseorderno", "ordernumber",
    "orderno", "ordrenummer", "ordrenr", "ordernummer", "ordernr", "bestillingsnummer", "bestillingsnr",
    "innkjøpsordre", "innkjøpsordrenummer", "innkjøpsordrenr", "rekvisisjonsnummer", "rekvisition",
    "rekvisitionsnummer", "rekvisitionsnr", "inköpsorder", "inköpsordernummer", "inköpsordernr", "beställningsnummer",
    "beställningsnr", "indkøbsordre", "indkøbsordrenummer", "indkøbsordrenr", "bestellingsnummer", "ordrereferens",
    "ordrereference", "ordrereferanse", "orderreferens", "orderreference", "tilausnumero", "ostotilausnumero",
)  # fmt: skip
"""Headings in Norwegian, Swedish, Danish, Finnish and English, as `plain` makes them."""
BUYER_REFERENCE = (
    "buyerreference", "buyersreference", "yourreference", "yourref", "customerreference", "deresref",
    "deresreferanse", "deresreference", "referanse", "reference", "referens", "ref", "erref", "erreferens", "märkning",
    "fakturamärkning", "fakturamerking", "merking", "kundereferanse", "kundreferens", "kundereference",
    "bestillerreferanse", "beställarreferens", "köparensreferens", "viitteenne", "costcentre", "costcenter",
    "kostnadssted", "kostnadsställe",
)  # fmt: skip


class InvoiceField(BaseModel):
    """One field, its value as it was written but for outer blanks; the rules are the customer's."""

    model_config = ConfigDict(frozen=True)

    heading: str | None = None
    external_reference: str | None = None
    value: str | None = None
    is_required: bool = False
    allowed_values: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What people know the field by."""
        return self.heading or self.external_reference or "(no heading)"

    @property
    def keys(self) -> set[str]:
        """Heading and external reference, as `plain` makes them."""
        return {plain(name) for name in (self.heading, self.external_reference) if name}


def plain(name: str) -> str:
    """A heading without case, blanks and punctuation."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def first_of(fields: Iterable[InvoiceField], headings: Iterable[str]) -> InvoiceField | None:
    """The first field with a value that has one of the headings, those named first before others."""
    filled = [field for field in fields if field.value]
    return next((field for heading in headings for field in filled if heading in field.keys), None)
