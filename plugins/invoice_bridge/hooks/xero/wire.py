"""What Xero's answers look like (contract xero.md; schemas in Xero's own OpenAPI file).

Amounts are `Decimal` and in the currency of the document they belong to.
"""

from __future__ import annotations

from decimal import Decimal

from pydantic import AliasChoices, Field

from invoice_bridge.hooks.xero.contact_wire import (
    XeroAddress,
    XeroContact,
    XeroContactPerson,
    XeroPaymentTerm,
    XeroPaymentTerms,
    XeroPhone,
)
from invoice_bridge.hooks.xero.wire_values import (
    NO_ID,
    Day,
    Moment,
    Text,
    TextOrBlank,
    XeroElement,
    XeroMessage,
    XeroModel,
    read_day,
    read_moment,
)
from invoice_bridge_core.documents import Money

__all__ = [
    "NO_ID",
    "Day",
    "Moment",
    "Text",
    "TextOrBlank",
    "XeroAccount",
    "XeroAddress",
    "XeroAdvance",
    "XeroAllocation",
    "XeroBooked",
    "XeroContact",
    "XeroContactPerson",
    "XeroContactRef",
    "XeroCreditNote",
    "XeroCreditNoteRef",
    "XeroCurrency",
    "XeroElement",
    "XeroInvoice",
    "XeroInvoiceRef",
    "XeroItem",
    "XeroLineItem",
    "XeroMessage",
    "XeroModel",
    "XeroOrganisation",
    "XeroPayment",
    "XeroPaymentTerm",
    "XeroPaymentTerms",
    "XeroPhone",
    "XeroSalesDetails",
    "XeroTaxRate",
    "read_day",
    "read_moment",
]


class XeroContactRef(XeroModel):
    """A contact as invoices name it."""

    contact_id: Text = Field(None, alias="ContactID")
    name: Text = Field(None, alias="Name")


class XeroPayment(XeroElement):
    """A payment of an invoice, or a refund of a credit note."""

    payment_id: Text = Field(None, alias="PaymentID")
    reference: Text = Field(None, alias="Reference")
    status: Text = Field(None, alias="Status")
    amount: Money | None = Field(None, alias="Amount")
    date: Day = Field(None, alias="Date")

    @property
    def is_deleted(self) -> bool:
        """Whether it was taken back; a deleted payment stays readable."""
        return (self.status or "").upper() == "DELETED"


class XeroInvoiceRef(XeroModel):
    """An invoice as an allocation names it."""

    invoice_id: Text = Field(None, alias="InvoiceID")


class XeroAllocation(XeroElement):
    """A part of a credit note that was set off against an invoice; old answers know no `AllocationID`."""

    allocation_id: Text = Field(None, alias="AllocationID")
    invoice: XeroInvoiceRef | None = Field(None, alias="Invoice")
    amount: Money | None = Field(None, alias="Amount")
    is_deleted: bool | None = Field(None, alias="IsDeleted")


class XeroTracking(XeroModel):
    """What a line is tracked as."""

    category: Text = Field(None, alias="Name")
    option: Text = Field(None, alias="Option")


class XeroLineItem(XeroModel):
    """One line of a document, as far as it was sent."""

    description: Text = Field(None, alias="Description")
    quantity: Decimal | None = Field(None, alias="Quantity")
    unit_amount: Decimal | None = Field(None, alias="UnitAmount")
    account_code: Text = Field(None, alias="AccountCode")
    item_code: Text = Field(None, alias="ItemCode")
    line_amount: Money | None = Field(None, alias="LineAmount")
    tracking: tuple[XeroTracking, ...] | None = Field(None, alias="Tracking")


class XeroBooked(XeroElement):
    """What invoices and credit notes have in common; a list in short names no line items."""

    type: Text = Field(None, alias="Type")
    contact: XeroContactRef | None = Field(None, alias="Contact")
    reference: Text = Field(None, alias="Reference")
    url: Text = Field(None, alias="Url")
    line_items: tuple[XeroLineItem, ...] | None = Field(None, alias="LineItems")
    status: Text = Field(None, alias="Status")
    currency: Text = Field(None, alias="CurrencyCode")
    date: Day = Field(None, alias="Date")
    due_date: Day = Field(None, alias="DueDate")
    total: Money | None = Field(None, alias="Total")
    sub_total: Money | None = Field(None, alias="SubTotal")
    total_tax: Money | None = Field(None, alias="TotalTax")
    fully_paid_on: Day = Field(None, alias="FullyPaidOnDate")
    updated: Moment = Field(None, alias="UpdatedDateUTC")


class XeroCreditNoteRef(XeroModel):
    """The credit note that was set off against an invoice."""

    number: Text = Field(None, alias="CreditNoteNumber")


class XeroAdvance(XeroModel):
    """Money that the customer had paid before, an overpayment or a prepayment, set off against an invoice."""

    advance_id: Text = Field(None, validation_alias=AliasChoices("OverpaymentID", "PrepaymentID"))
    date: Day = Field(None, alias="Date")
    total: Money | None = Field(None, alias="Total")
    applied: Money | None = Field(None, alias="AppliedAmount")


class XeroInvoice(XeroBooked):
    """An invoice. `amount_credited` counts advances, too; a list in short names neither them nor credit notes."""

    invoice_id: Text = Field(None, alias="InvoiceID")
    number: TextOrBlank = Field("", alias="InvoiceNumber")
    amount_due: Money | None = Field(None, alias="AmountDue")
    amount_paid: Money | None = Field(None, alias="AmountPaid")
    amount_credited: Money | None = Field(None, alias="AmountCredited")
    payments: tuple[XeroPayment, ...] | None = Field(None, alias="Payments")
    credit_notes: tuple[XeroCreditNoteRef, ...] | None = Field(None, alias="CreditNotes")
    overpayments: tuple[XeroAdvance, ...] | None = Field(None, alias="Overpayments")
    prepayments: tuple[XeroAdvance, ...] | None = Field(None, alias="Prepayments")

    @property
    def finance_id(self) -> str | None:
        """What Xero knows it by."""
        return self.invoice_id

    @property
    def advances(self) -> tuple[XeroAdvance, ...]:
        """Overpayments and prepayments alike."""
        return (*(self.overpayments or ()), *(self.prepayments or ()))


class XeroCreditNote(XeroBooked):
    """A credit note; its amounts are positive."""

    credit_note_id: Text = Field(None, alias="CreditNoteID")
    number: TextOrBlank = Field("", alias="CreditNoteNumber")
    remaining_credit: Money | None = Field(None, alias="RemainingCredit")
    allocations: tuple[XeroAllocation, ...] | None = Field(None, alias="Allocations")
    payments: tuple[XeroPayment, ...] | None = Field(None, alias="Payments")

    @property
    def finance_id(self) -> str | None:
        """What Xero knows it by."""
        return self.credit_note_id


class XeroOrganisation(XeroModel):
    """The organisation that the connection reaches."""

    name: Text = Field(None, alias="Name")
    base_currency: Text = Field(None, alias="BaseCurrency")
    short_code: Text = Field(None, alias="ShortCode")
    period_lock_date: Day = Field(None, alias="PeriodLockDate")
    end_of_year_lock_date: Day = Field(None, alias="EndOfYearLockDate")


class XeroAccount(XeroModel):
    """An account of the chart of accounts; bank accounts may have no code."""

    account_id: Text = Field(None, alias="AccountID")
    code: Text = Field(None, alias="Code")
    name: TextOrBlank = Field("", alias="Name")
    type: Text = Field(None, alias="Type")
    status: Text = Field(None, alias="Status")
    tax_type: Text = Field(None, alias="TaxType")
    currency: Text = Field(None, alias="CurrencyCode")
    system_account: Text = Field(None, alias="SystemAccount")
    takes_payments: bool | None = Field(None, alias="EnablePaymentsToAccount")


class XeroCurrency(XeroModel):
    """A currency that the organisation is subscribed to."""

    code: Text = Field(None, alias="Code")


class XeroTaxRate(XeroModel):
    """A tax rate in percent."""

    tax_type: Text = Field(None, alias="TaxType")
    status: Text = Field(None, alias="Status")
    effective_rate: Decimal | None = Field(None, alias="EffectiveRate")


class XeroSalesDetails(XeroModel):
    """What a product is sold for; the price is without tax and in the organisation's base currency."""

    unit_price: Money | None = Field(None, alias="UnitPrice")
    account_code: Text = Field(None, alias="AccountCode")
    tax_type: Text = Field(None, alias="TaxType")


class XeroItem(XeroElement):
    """A product."""

    item_id: Text = Field(None, alias="ItemID")
    code: TextOrBlank = Field("", alias="Code")
    name: Text = Field(None, alias="Name")
    description: Text = Field(None, alias="Description")
    sales_details: XeroSalesDetails | None = Field(None, alias="SalesDetails")
