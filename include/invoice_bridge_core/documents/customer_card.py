"""A customer as one system keeps it, in fields that all systems share."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from invoice_bridge_core.documents.party import Address, Party


class CustomerStatus(StrEnum):
    """Whether a customer can be worked with."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    """Put away by a person, who could bring it back."""
    MERGED = "merged"
    """Merged into another one, which `merged_to` names."""
    GONE = "gone"
    """It was there, and the system no longer knows it."""


class ContactPerson(BaseModel):
    """A person at a customer.

    :param key: the system's own id; empty where it has none.
    :param is_active: whether the person still belongs to the customer.
    :param gets_copies: whether invoices are sent to the person too, where the system keeps that.
    """

    model_config = ConfigDict(frozen=True)

    key: str = ""
    external_reference: str | None = None
    is_active: bool = True
    gets_copies: bool | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None

    @property
    def name(self) -> str:
        """Both names, else the e-mail address."""
        return " ".join(part for part in (self.first_name, self.last_name) if part) or self.email or self.key


class CustomerCard(BaseModel):
    """A customer as one system keeps it.

    :param key: the system's own id; empty while it has not been made.
    :param external_reference: what the system keeps as another system's name for the customer.
    :param tax_number: the VAT number, else the number of the register of companies.
    :param invoice_address: where invoices go; the ordinary address where there is no other.
    :param payment_terms: days after the invoice date.
    :param is_customer: `False` for one of whom is only bought.
    :param version: changes with what the system's list shows of it; empty where the list shows all.
    """

    model_config = ConfigDict(frozen=True)

    key: str = ""
    external_reference: str | None = None
    name: str = ""
    legal_name: str | None = None
    tax_number: str | None = None
    organisation_number: str | None = None
    email: str | None = None
    phone: str | None = None
    address: Address = Address()
    invoice_address: Address = Address()
    payment_terms: int | None = None
    customer_number: str | None = None
    contact_persons: tuple[ContactPerson, ...] = ()
    is_person: bool = False
    is_customer: bool = True
    status: CustomerStatus = CustomerStatus.ACTIVE
    merged_to: str | None = None
    version: str = ""

    @property
    def is_active(self) -> bool:
        """Whether it can be worked with."""
        return self.status is CustomerStatus.ACTIVE

    @property
    def label(self) -> str:
        """What people know the customer by: `Acme Events AS (C-901)`."""
        number = self.customer_number or self.key
        return f"{self.name} ({number})" if number else self.name

    @property
    def party(self) -> Party:
        """The same as a document names it, so that transfer and sync choose one contact."""
        address = self.invoice_address if not self.invoice_address.is_empty else self.address
        numbers = (number for number in (self.tax_number, self.organisation_number) if number)
        return Party(
            key=self.key,
            name=self.name,
            is_person=self.is_person,
            customer_number=self.customer_number,
            tax_numbers=tuple(dict.fromkeys(numbers)),
            email=self.email,
            phone=self.phone,
            address=address,
        )

    def as_json(self) -> dict[str, Any]:
        """The card as the ledger keeps it; what is empty is left out."""
        return self.model_dump(mode="json", exclude_defaults=True)
