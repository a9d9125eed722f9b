"""What Xero's answers look like where they are about contacts (contract xero.md, "Contacts")."""

from __future__ import annotations

from pydantic import Field

from invoice_bridge.hooks.xero.wire_values import Moment, Text, TextOrBlank, XeroElement, XeroModel


class XeroAddress(XeroModel):
    """One of a contact's addresses."""

    address_type: Text = Field(None, alias="AddressType")
    line1: Text = Field(None, alias="AddressLine1")
    line2: Text = Field(None, alias="AddressLine2")
    city: Text = Field(None, alias="City")
    region: Text = Field(None, alias="Region")
    postal_code: Text = Field(None, alias="PostalCode")
    country: Text = Field(None, alias="Country")


class XeroPhone(XeroModel):
    """One of a contact's telephone numbers, which Xero may have split in three."""

    phone_type: Text = Field(None, alias="PhoneType")
    country_code: Text = Field(None, alias="PhoneCountryCode")
    area_code: Text = Field(None, alias="PhoneAreaCode")
    number: Text = Field(None, alias="PhoneNumber")


class XeroContactPerson(XeroModel):
    """One of the people of a contact beside the first one, who is told by the contact's own fields."""

    first_name: Text = Field(None, alias="FirstName")
    last_name: Text = Field(None, alias="LastName")
    email: Text = Field(None, alias="EmailAddress")
    include_in_emails: bool | None = Field(None, alias="IncludeInEmails")


class XeroPaymentTerm(XeroModel):
    """When something is due: so many days after its date or month, or on a day of a month."""

    day: int | None = Field(None, alias="Day")
    type: Text = Field(None, alias="Type")


class XeroPaymentTerms(XeroModel):
    """A contact's terms, for what it buys of us and for what we buy of it."""

    sales: XeroPaymentTerm | None = Field(None, alias="Sales")
    bills: XeroPaymentTerm | None = Field(None, alias="Bills")


class XeroContact(XeroElement):
    """A contact. Lists without pages leave its people and terms out."""

    contact_id: Text = Field(None, alias="ContactID")
    merged_to: Text = Field(None, alias="MergedToContactID")
    name: TextOrBlank = Field("", alias="Name")
    status: Text = Field(None, alias="ContactStatus")
    contact_number: Text = Field(None, alias="ContactNumber")
    account_number: Text = Field(None, alias="AccountNumber")
    company_number: Text = Field(None, alias="CompanyNumber")
    tax_number: Text = Field(None, alias="TaxNumber")
    email: Text = Field(None, alias="EmailAddress")
    first_name: Text = Field(None, alias="FirstName")
    last_name: Text = Field(None, alias="LastName")
    addresses: tuple[XeroAddress, ...] | None = Field(None, alias="Addresses")
    phones: tuple[XeroPhone, ...] | None = Field(None, alias="Phones")
    persons: tuple[XeroContactPerson, ...] | None = Field(None, alias="ContactPersons")
    payment_terms: XeroPaymentTerms | None = Field(None, alias="PaymentTerms")
    updated: Moment = Field(None, alias="UpdatedDateUTC")
    is_customer: bool | None = Field(None, alias="IsCustomer")
    is_supplier: bool | None = Field(None, alias="IsSupplier")

    @property
    def is_active(self) -> bool:
        """Whether documents can be booked on it."""
        return (self.status or "ACTIVE").upper() == "ACTIVE"

    @property
    def is_archived(self) -> bool:
        """Whether a person could restore it."""
        return (self.status or "").upper() == "ARCHIVED"
