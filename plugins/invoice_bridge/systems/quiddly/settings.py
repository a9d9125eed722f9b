"""The settings of a route that books in Quiddly: what its invoices have room for and no document tells (seed 003)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, field_validator

from invoice_bridge_core.documents.countries import is_country_code
from invoice_bridge_core.routes.fields import ConnId, Currency, Flag, InvoicePath, ListPath, Number, SearchPath, Text
from invoice_bridge_core.routes.settings import FinanceSettings

if TYPE_CHECKING:
    from pydantic import ValidationInfo

    from invoice_bridge_core.documents import Document

Distribution = Literal["EMAIL", "LETTER", "ELECTRONIC_INVOICE"]
Fee = Annotated[Number, Field(ge=0, le=1_000_000, decimal_places=2)]
FeeVat = Literal[0, 6, 12, 25]
AddressPart = Literal["address", "zip", "city", "country_code"]
CustomField = Literal[
    "distribution_code",
    "gln",
    "fmi",
    "your_reference",
    "your_contact_person",
    "our_reference",
    "remark",
    "cell_phone",
    "delivery_date",
    "delivery_name",
    "delivery_address",
    "delivery_zip",
    "delivery_city",
    "delivery_country_code",
    "tax_reduction",
]
"""What Quiddly's invoice can take from a custom field of the source's document."""


class QuiddlySettings(FinanceSettings):
    """Quiddly as the finance system.

    :param base_currency: the client's own currency.
    :param exchange_rates: invoice currency → units of the base currency that one unit of it costs.
    :param distribution_code: how the invoice is sent out; null: not at all. A custom field of the document wins.
    :param card_distribution_code: the same for documents whose money a card has paid or got back already.
    :param distribution_channel: becomes the debtor's own default in Quiddly; null: nothing is said of it.
    :param distribution_channel_override: whether it replaces what the debtor has in Quiddly.
    :param service_provider_code: a certain service provider of the client; null: Quiddly's choice.
    :param activate: activate each invoice after creating it, which sends it out and cannot be undone.
    :param unit: the unit of every row.
    :param administration_fee: in the base currency, without VAT; null: fees are not mentioned. Never on credit notes,
        documents paid by card, or in another currency. Quiddly's totals do not hold fees (contract quiddly.md).
    :param freight_fee: the same for freight.
    :param reverse_charge: say so on invoices without any VAT to companies that have a VAT number.
    :param terms_of_payment: text on the invoice; `{days}` stands for the days between invoice date and due date.
    :param custom_fields: Quiddly's field → heading of the source's custom field that holds it, in any case.
    :param booker_address: printed as the address of bookers, who have none; null: their documents are held.
    :param account_codes: Quiddly's rows need none (seed 003); with any given, every article must have one.
    :param invoice_path: where one invoice is read; null: the API has no such call.
    :param invoice_search_path: where an invoice is found by number; null: the API has no such call, and an invoice
        whose answer was lost stays in doubt (contract quiddly.md, "Reading back").
    :param invoice_list_path: where all invoices are listed, page by page, or at once where it has no `{page}`; null:
        the API has no such call. Asked only where an answer was lost and nothing has the number, which a person may
        have changed. Without it such an invoice stays in doubt.
    :param invoice_pdf_path: where an invoice's PDF is fetched; null: the API has no such call.
    """

    system_name = "Quiddly"
    books_without_account_codes = True
    added_later = frozenset({"invoice_list_path"})

    system: Literal["quiddly"] = "quiddly"
    conn_id: ConnId = "quiddly_default"
    base_currency: Currency = "SEK"
    exchange_rates: Mapping[Currency, Annotated[Number, Field(gt=0, le=1_000_000)]] = {}
    product_code: Literal["INVOICE_SERVICE", "REMINDER_SERVICE", "INVOICE_FACTORING_SELL"] = "INVOICE_SERVICE"
    distribution_code: Distribution | None = "EMAIL"
    card_distribution_code: Distribution | None = None
    distribution_channel: Distribution | None = None
    distribution_channel_override: Flag = False
    document_template_code: Text = "STANDARD"
    service_provider_code: Text | None = None
    activate: Flag = True
    unit: Text = "pcs"
    administration_fee: Fee | None = None
    administration_fee_vat: FeeVat = 25
    freight_fee: Fee | None = None
    freight_fee_vat: FeeVat = 25
    reverse_charge: Flag = False
    terms_of_payment: Text | None = None
    terms_of_delivery: Text | None = None
    our_reference: Text | None = None
    remark: Text | None = None
    card_payment_remark: Text = "Paid by card"
    card_refund_remark: Text = "Refunded to the card"
    custom_fields: Mapping[CustomField, Text] = {}
    booker_address: Mapping[AddressPart, Text] | None = None
    invoice_path: InvoicePath | None = "/invoices/{id}"
    invoice_search_path: SearchPath | None = "/invoices?invoiceNumber={number}"
    invoice_list_path: ListPath | None = "/invoices?page={page}&limit=100"
    invoice_pdf_path: InvoicePath | None = "/invoices/{id}/pdf"

    @field_validator("distribution_channel_override")
    @classmethod
    def _something_to_override_with(cls, override: bool, info: ValidationInfo) -> bool:
        if override and info.data.get("distribution_channel") is None:
            raise ValueError("must be false where distribution_channel is null: the two go together")
        return override

    @field_validator("booker_address")
    @classmethod
    def _whole_address(cls, parts: Mapping[AddressPart, str] | None) -> Mapping[AddressPart, str] | None:
        if parts is None:
            return None
        missing = [part for part in ("address", "zip", "city", "country_code") if part not in parts]
        if missing:
            raise ValueError(f"must be a whole address; it lacks {', '.join(missing)}")
        if not is_country_code(parts["country_code"]):
            raise ValueError("must have an ISO 3166-1 country_code in capitals, such as SE")
        return parts

    @property
    def fees(self) -> dict[str, Decimal] | None:
        """Both fees without VAT, or `None` where none is set."""
        if self.administration_fee is None and self.freight_fee is None:
            return None
        return {
            "administration": self.administration_fee or Decimal("0.00"),
            "freight": self.freight_fee or Decimal("0.00"),
        }


def custom_field(document: Document, settings: QuiddlySettings, field: CustomField) -> str | None:
    """What the document says in the custom field that the route maps to a field of Quiddly's."""
    heading = settings.custom_fields.get(field)
    if heading is None:
        return None
    wanted = heading.casefold()
    for stated, value in document.custom_fields:
        if stated.strip().casefold() == wanted and value.strip():
            return value.strip()
    return None


def is_paid_by_card(document: Document) -> bool:
    """Whether a card has paid the document, or got its money back, already."""
    return document.is_card_payment or document.is_card_refund


FINANCE = QuiddlySettings
