"""What Xero's answers look like (contract xero.md; schemas in Xero's own OpenAPI file).

A tolerant reader: unknown keys are ignored, missing ones are `None` or empty, dates come in three writings. Amounts
are `Decimal` and in the currency of the document they belong to.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Annotated

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from invoice_bridge_core.documents import Money

NO_ID = "00000000-0000-0000-0000-000000000000"
"""The id of an element that Xero refused."""

_MS_DATE = re.compile(r"^/Date\((-?\d+)(?:[+-]\d{4})?\)/$")
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def read_moment(value: object) -> object:
    """`/Date(1439434356790+0000)/` or an ISO text as a moment in UTC; anything else as it is.

    The milliseconds count from 1970 in UTC, whatever offset stands behind them.

    :raises ValueError: a text that is neither.
    """
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    if (match := _MS_DATE.match(value)) is not None:
        try:
            return _EPOCH + dt.timedelta(milliseconds=int(match[1]))
        except OverflowError:
            raise ValueError("a moment that no calendar has") from None
    moment = dt.datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def read_day(value: object) -> object:
    """The calendar day of whatever `read_moment` reads; Xero writes days as midnight."""
    moment = read_moment(value)
    return moment.date() if isinstance(moment, dt.datetime) else moment


def _blank_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


Day = Annotated[dt.date | None, BeforeValidator(read_day)]
Moment = Annotated[dt.datetime | None, BeforeValidator(read_moment)]
Text = Annotated[str | None, BeforeValidator(_blank_is_none)]
TextOrBlank = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]


class XeroModel(BaseModel):
    """One JSON object of an answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class XeroMessage(XeroModel):
    """One validation error or warning."""

    message: TextOrBlank = Field("", alias="Message")


class XeroElement(XeroModel):
    """What every element that was written says of its own outcome."""

    status_attribute: Text = Field(None, alias="StatusAttributeString")
    has_errors: bool | None = Field(None, alias="HasErrors")
    has_validation_errors: bool | None = Field(None, alias="HasValidationErrors")
    validation_errors: tuple[XeroMessage, ...] | None = Field(None, alias="ValidationErrors")
    warnings: tuple[XeroMessage, ...] | None = Field(None, alias="Warnings")

    @property
    def is_refused(self) -> bool:
        """Whether Xero did not carry the element out, though the HTTP status was 200."""
        return bool(
            (self.status_attribute or "").upper() == "ERROR"
            or self.has_errors
            or self.has_validation_errors
            or self.validation_errors
        )

    @property
    def reasons(self) -> tuple[str, ...]:
        """Xero's own texts for the refusal."""
        return _texts(self.validation_errors)

    @property
    def warning_texts(self) -> tuple[str, ...]:
        """What Xero remarks about something it did carry out."""
        return _texts(self.warnings)


def _texts(messages: tuple[XeroMessage, ...] | None) -> tuple[str, ...]:
    return tuple(text for message in messages or () if (text := message.message.strip()))


class XeroAddress(XeroModel):
    """One of a contact's addresses."""

    address_type: Text = Field(None, alias="AddressType")
    line1: Text = Field(None, alias="AddressLine1")
    line2: Text = Field(None, alias="AddressLine2")
    city: Text = Field(None, alias="City")
    postal_code: Text = Field(None, alias="PostalCode")
    country: Text = Field(None, alias="Country")


class XeroPhone(XeroModel):
    """One of a contact's telephone numbers, which Xero may have split in three."""

    country_code: Text = Field(None, alias="PhoneCountryCode")
    area_code: Text = Field(None, alias="PhoneAreaCode")
    number: Text = Field(None, alias="PhoneNumber")


class XeroContact(XeroElement):
    """A contact."""

    contact_id: Text = Field(None, alias="ContactID")
    merged_to: Text = Field(None, alias="MergedToContactID")
    name: TextOrBlank = Field("", alias="Name")
    status: Text = Field(None, alias="ContactStatus")
    contact_number: Text = Field(None, alias="ContactNumber")
    tax_number: Text = Field(None, alias="TaxNumber")
    email: Text = Field(None, alias="EmailAddress")
    first_name: Text = Field(None, alias="FirstName")
    last_name: Text = Field(None, alias="LastName")
    addresses: tuple[XeroAddress, ...] | None = Field(None, alias="Addresses")
    phones: tuple[XeroPhone, ...] | None = Field(None, alias="Phones")

    @property
    def is_active(self) -> bool:
        """Whether documents can be booked on it."""
        return (self.status or "ACTIVE").upper() == "ACTIVE"

    @property
    def is_archived(self) -> bool:
        """Whether a person could restore it."""
        return (self.status or "").upper() == "ARCHIVED"


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


class XeroLineItem(XeroModel):
    """One line of a document, as far as it was sent."""

    description: Text = Field(None, alias="Description")
    quantity: Decimal | None = Field(None, alias="Quantity")
    unit_amount: Decimal | None = Field(None, alias="UnitAmount")
    account_code: Text = Field(None, alias="AccountCode")
    item_code: Text = Field(None, alias="ItemCode")


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
