"""What the core asks of a source system and of a finance system.

A new system implements one of these protocols in `plugins/invoice_bridge/systems/`. All methods raise the errors of
`include.errors` only, and none of them sends a write twice: an answer that was lost raises `OutcomeUnknownError`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel, ConfigDict

from include.documents import Money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from include.checks import Problem
    from include.documents import Document, Party


@dataclass(frozen=True)
class WaitingItem:
    """One entry of a source's queue.

    :param fingerprint: changes when the entry changes; only a hint, since an entry may hold nothing but its id.
    """

    source_id: str
    fingerprint: str


class Booking(BaseModel):
    """A document as the finance system holds it. `total` is positive for credit notes too."""

    model_config = ConfigDict(frozen=True)

    finance_id: str
    number: str
    status: str
    contact_id: str
    currency: str
    total: Money
    marker: str | None = None
    due_date: dt.date | None = None
    link: str | None = None
    warnings: tuple[str, ...] = ()


class Contact(BaseModel):
    """A contact of the finance system that was chosen for a party."""

    model_config = ConfigDict(frozen=True)

    contact_id: str
    name: str
    created: bool = False


@dataclass(frozen=True)
class ContactIdentity:
    """What tells one customer from another in a finance system.

    :param key: remembers the choice for this customer; does not change when the customer's data does.
    :param lock_keys: whatever two customers may share so that they become one contact: tax number, e-mail, name.
    :param fingerprint: changes when data changes that the finance system should know.
    :param name: the name the contact would have.
    """

    key: str
    lock_keys: tuple[str, ...]
    fingerprint: str
    name: str


class ReferenceData(BaseModel):
    """What a finance system says of itself, read once per run; `body` belongs to the system's own module."""

    model_config = ConfigDict(frozen=True)

    body: dict[str, Any]
    fingerprint: str


class Steps(Protocol):
    """The ledger's memory of the writes that follow a booking; each is noted before and after it is sent."""

    def is_done(self, step: str) -> bool:
        """Whether the step was carried out and noted."""

    def was_tried(self, step: str) -> bool:
        """Whether the step may have been sent by an attempt that never noted its end: look before sending."""

    def intend(self, step: str) -> str:
        """Note that the step is about to be sent; returns its idempotency key, stable until the step is settled."""

    def done(self, step: str, finance_id: str | None = None) -> None:
        """Note that the step was carried out."""

    def refused(self, step: str) -> None:
        """Note that the finance system definitely did not carry it out."""


class SourceSystem(Protocol):
    """Where documents come from and where results are reported."""

    system: str
    conn_id: str

    def waiting(self) -> Sequence[WaitingItem]:
        """Everything that waits, in one list call, in no particular order."""

    def read(self, source_id: str) -> Document:
        """One document as the source tells it now.

        :raises NotFoundError: no such id.
        :raises UnreadableError: an answer that is no document; nothing is guessed.
        """

    def report_transferred(self, document: Document, booking: Booking) -> None:
        """Tell the source that the document is booked, with the finance system's reference. Safe to repeat.

        :raises RefusedError: the source says no; read the document again before believing it.
        """

    def report_rejected(self, document: Document, message: str) -> None:
        """Tell the source, finally, that its author has to correct the document."""


class FinanceSystem(Protocol):
    """Where documents are booked."""

    system: str
    conn_id: str

    def reference_data(self) -> ReferenceData:
        """Accounts, currencies, lock dates: what refusals can be foreseen from."""

    def problems(self, document: Document, reference: ReferenceData) -> list[Problem]:
        """All that this system would refuse in the document, found without asking it."""

    def contact_identity(self, party: Party) -> ContactIdentity:
        """What makes this party one contact."""

    def find_contact(self, party: Party) -> Contact | None:
        """The contact that belongs to the party by the contract's rules; brought up to date where it differs.

        :raises NeedsHumanError: several fit and the route wants a person to choose.
        """

    def recover_contact(self, party: Party) -> Contact | None:
        """The contact that an earlier attempt may have made before its answer was lost."""

    def create_contact(self, party: Party, *, idempotency_key: str, name_is_taken: bool) -> Contact:
        """Make a contact for the party; under a name of its own when another customer has the name already."""

    def update_contact(self, contact_id: str, party: Party) -> Contact:
        """Bring a contact up to date with the party's data.

        :raises ContactUnusableError: it was archived, merged or deleted.
        """

    def booking_number(self, document: Document) -> str:
        """The number that the document will have in this system."""

    def marker(self, document: Document) -> str:
        """What is written into the booking so that it is recognised as ours."""

    def find_booking(self, document: Document) -> Booking | None:
        """What the finance system holds under the document's number, ours or not. A failed look-up raises."""

    def payload(self, document: Document, contact_id: str, reference: ReferenceData) -> dict[str, Any]:
        """The body that `create` sends, for a dry run to show."""

    def create(self, document: Document, contact_id: str, reference: ReferenceData, *, idempotency_key: str) -> Booking:
        """Book the document: one write, never repeated in here.

        :raises OutcomeUnknownError: it may have been booked.
        :raises RefusedError: it was definitely not booked.
        """

    def finish(self, document: Document, booking: Booking, credited: Booking | None, steps: Steps) -> Booking:
        """Whatever belongs to the booking besides: payment, refund, allocation. Looks before it acts.

        :param credited: the booking of the invoice that a credit note refers to.
        """

    def find_credited(self, document: Document) -> Booking | None:
        """The invoice that a credit note refers to, when it was booked by somebody else."""
