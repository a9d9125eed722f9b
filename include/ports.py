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
    from collections.abc import Callable, Sequence

    from include.checks import Problem
    from include.connection_state import ConnectionNews
    from include.documents import Document, Party
    from include.ledger.facts import DocumentFacts
    from include.standing import PaymentNews, ReceivedPayment, Standing


@dataclass(frozen=True)
class WaitingItem:
    """One entry of a source's queue.

    :param fingerprint: changes when the entry changes; only a hint, since an entry may hold nothing but its id.
    """

    source_id: str
    fingerprint: str


class Booking(BaseModel):
    """A document as the finance system holds it.

    `total` is positive for credit notes too. A draft has no number that counts yet. `customer_code` is the finance
    system's own code of the customer.
    """

    model_config = ConfigDict(frozen=True)

    finance_id: str
    number: str
    status: str
    contact_id: str
    currency: str
    total: Money
    marker: str | None = None
    due_date: dt.date | None = None
    is_draft: bool = False
    customer_code: str | None = None
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


class Papers(Protocol):
    """What a source may want of the finance system while it takes a report; fetched only when it is asked for."""

    def pdf(self) -> bytes:
        """The booked document as a PDF."""


class RunMemory(Protocol):
    """What all tasks of one run read once between them."""

    def once(self, key: str, read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What `read` answered for the key, to whichever task of this run asked first. JSON values only."""


class SourceSystem(Protocol):
    """Where documents come from and where results are reported.

    `name` is the system's as people write it. `takes_rejections`: it can be told, finally, that a document is wrong;
    without it such a document is held. `shows_reported`: `read` still finds a document whose booking was reported;
    without it the ledger alone remembers. `follows_drafts`: it wants to hear again when a draft has become real, or
    an invoice got another number. `wants_payment_number`: it is told of a payment by number, not by date.
    """

    system: str
    conn_id: str
    name: str
    takes_rejections: bool
    shows_reported: bool
    follows_drafts: bool
    wants_payment_number: bool

    @property
    def news(self) -> ConnectionNews:
        """What the answers told this process about the connection."""

    def waiting(self) -> Sequence[WaitingItem]:
        """Everything that waits, in one list call, in no particular order."""

    def read(self, source_id: str) -> Document:
        """One document as the source tells it now.

        :raises NotFoundError: no such id.
        :raises UnreadableError: an answer that is no document; nothing is guessed.
        """

    def report_transferred(self, document: Document, booking: Booking, papers: Papers) -> None:
        """Tell the source that the document is booked, with the finance system's reference. Safe to repeat.

        :raises RefusedError: the source says no; read the document again before believing it.
        """

    def report_again(self, facts: DocumentFacts, booking: Booking, papers: Papers) -> None:
        """Report the booking of a document that the source shows no more, because it has heard of it before.

        Only where `shows_reported` is false: the answer to the first report was lost, or a draft has become real.
        """

    def number_problems(self, number: str) -> list[Problem]:
        """What this source would not take for the number of a booking."""

    def report_rejected(self, document: Document, message: str) -> None:
        """Tell the source, finally, that its author has to correct the document."""

    def report_paid(self, facts: DocumentFacts, paid_on: dt.date, payment_number: str) -> None:
        """Tell the source that a document, whose booking it has heard of, is paid in full.

        :param payment_number: what finance knows the payment by; empty where `wants_payment_number` is false.
        :raises RefusedError: the source says no; read the document again before believing it.
        """


class FinanceSystem(Protocol):
    """Where documents are booked.

    `name` is the system's as people write it. `shows_changes`: `payment_news` tells how bookings stand, changed by
    whatever; without it, it hands out single payments until they are acknowledged.
    """

    system: str
    conn_id: str
    name: str
    shows_changes: bool

    @property
    def news(self) -> ConnectionNews:
        """What the answers told this process about the connection."""

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

    def held_under_number(self, number: str, *, is_credit_note: bool) -> Standing | None:
        """What keeps this number taken, ours or not, voided or not. A failed look-up raises.

        :raises InDoubtError: it cannot be asked for the number.
        """

    def held_under_id(self, finance_id: str, *, is_credit_note: bool) -> Standing | None:
        """What is held under this id, whatever a person gives for one; voided and deleted ones too.

        :raises InDoubtError: it cannot be asked for an id.
        """

    def payload(
        self, document: Document, contact_id: str, reference: ReferenceData, credited: Booking | None = None
    ) -> dict[str, Any]:
        """The body that `create` sends, for a dry run to show."""

    def create(
        self,
        document: Document,
        contact_id: str,
        reference: ReferenceData,
        credited: Booking | None = None,
        *,
        idempotency_key: str,
    ) -> Booking:
        """Book the document: one write, never repeated in here.

        :param credited: the booking of the invoice that a credit note refers to.
        :raises OutcomeUnknownError: it may have been booked.
        :raises RefusedError: it was definitely not booked.
        """

    def items(self, document: Document) -> Sequence[Item]:
        """The products that have to be known here before the document is booked; none where none are kept."""

    def ensure_item(self, item: Item) -> str:
        """Make the item, or bring it up to date; returns its id. Safe to repeat, since its code is unique."""

    def finish(self, document: Document, booking: Booking, credited: Booking | None, steps: Steps) -> Booking:
        """Whatever belongs to the booking besides: payment, refund, allocation. Looks before it acts.

        :param credited: the booking of the invoice that a credit note refers to.
        """

    def pdf(self, booking: Booking) -> bytes:
        """The booked document as a PDF."""

    def standings(self, finance_ids: Sequence[str]) -> dict[str, Standing]:
        """How these bookings stand now, by id; what is not held under its id any more is left out. Few calls."""

    def payment_news(self, cursor: str | None, since: dt.datetime) -> PaymentNews:
        """What changed in payments since the last look: every page of it, and nothing is marked.

        :param cursor: what the last look returned; `None` at the first one.
        :param since: how far back the first look goes; aware.
        """

    def acknowledge(self, payment: ReceivedPayment, external_id: str) -> None:
        """Tell finance that the payment is stored here, so that it is handed out no more. Safe to repeat."""

    def payment_numbers(self, finance_ids: Sequence[str]) -> dict[str, str]:
        """What finance knows the last payment, or else the credit note, of each settled booking by. Few calls."""

    def dated(self, since: dt.date, until: dt.date) -> Sequence[Standing] | None:
        """All bookings with a date from `since` up to and without `until`, ours and others', gone ones too.

        `None` where the finance system cannot be asked by date.
        """

    def refers_to_credited(self, credit_note: Document) -> bool:
        """Whether the credit note's booking refers to its invoice's, so that it cannot be booked before that one."""

    def find_credited(self, document: Document) -> Booking | None:
        """The invoice that a credit note refers to, when it was booked by somebody else."""
