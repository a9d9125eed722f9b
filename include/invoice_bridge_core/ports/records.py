"""What a finance system keeps: bookings, contacts, items, and what it says of itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict

from invoice_bridge_core.documents import Money


class Booking(BaseModel):
    """A document as the finance system has it.

    `total` is positive for credit notes too. `tax_reduction` is what of it the state pays instead of the customer. A
    draft has no number that counts yet. `customer_code` is the finance system's own code of the customer.
    """

    model_config = ConfigDict(frozen=True)

    finance_id: str
    number: str
    status: str
    contact_id: str
    currency: str
    total: Money
    tax_reduction: Money = Decimal(0)
    marker: str | None = None
    due_date: dt.date | None = None
    is_draft: bool = False
    customer_code: str | None = None
    link: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def to_pay(self) -> Decimal:
        """What the customer owes of the total, which is what payments are compared with."""
        return self.total - self.tax_reduction


@dataclass(frozen=True)
class Contact:
    """A contact of the finance system that was chosen for a party.

    :param created: whether it was made for this party just now.
    :param warnings: what people should know of it, such as data that the finance system does not take.
    """

    contact_id: str
    name: str
    created: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class ContactCandidate:
    """A contact of the finance system that may be a party's, as a person compares it with others.

    :param details: what tells it from one of the same name: tax number, e-mail address, place.
    """

    contact_id: str
    name: str
    details: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """It in one line, whose end no other candidate has."""
        return " · ".join([self.name, *self.details, self.contact_id])


@dataclass(frozen=True)
class ContactIdentity:
    """What tells one customer from another in a finance system.

    :param key: remembers the choice for this customer; does not change when the customer's data does.
    :param lock_keys: whatever two customers may share so that they become one contact: tax number, e-mail, name.
    :param fingerprint: changes when data changes that the finance system should know.
    :param name: the name the contact would have.
    :param apart_from: how the keys of customers begin who must not become the same contact under another name; `None`
        where customers may.
    """

    key: str
    lock_keys: tuple[str, ...]
    fingerprint: str
    name: str
    apart_from: str | None = None


@dataclass(frozen=True)
class Item:
    """A product that a finance system has to know before a document that sells it is booked.

    :param key: remembers it in the ledger: `item:` and the product's code.
    :param fingerprint: changes with everything that the finance system should know of it.
    :param body: what the finance system's own module sends.
    """

    key: str
    fingerprint: str
    body: dict[str, Any]


class ReferenceData(BaseModel):
    """What a finance system says of itself, read once per run; `body` belongs to the system's own module."""

    model_config = ConfigDict(frozen=True)

    body: dict[str, Any]
    fingerprint: str


NO_REFERENCE = ReferenceData(body={}, fingerprint="")
"""Of a finance system that says nothing of itself."""
