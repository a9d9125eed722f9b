"""A finance system: where documents are booked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from invoice_bridge_core.documents import Document, Party
    from invoice_bridge_core.documents.problems import Problem
    from invoice_bridge_core.ports.booking_status import BookingStatus, PaymentChanges, ReceivedPayment
    from invoice_bridge_core.ports.observations import ConnectionObservations
    from invoice_bridge_core.ports.records import Booking, Contact, ContactIdentity, Item, ReferenceData


class Steps(Protocol):
    """The ledger's memory of the writes that follow a booking; each is noted before and after it is sent."""

    def is_done(self, step: str) -> bool:
        """Whether the step was carried out and noted."""

    def was_tried(self, step: str) -> bool:
        """Whether the step may have been sent by an attempt that never noted its end: look before sending."""

    def intend(self, step: str) -> str:
        """Note that the step is about to be sent; returns its idempotency key, the same until it is done or refused."""

    def done(self, step: str, finance_id: str | None = None) -> None:
        """Note that the step was carried out."""

    def refused(self, step: str) -> None:
        """Note that the finance system definitely did not carry it out."""

    def not_found(self, step: str) -> None:
        """Note that a look showed that it was not carried out.

        :raises TransientError: it was sent so short a time ago that it may arrive yet.
        """


class FinanceSystem(Protocol):
    """Where documents are booked.

    `name` is the system's as people write it. `shows_changes`: `payment_changes` tells how bookings stand, changed by
    whatever; without it, it hands out single payments until they are acknowledged.
    """

    system: str
    conn_id: str
    name: str
    shows_changes: bool

    @property
    def observations(self) -> ConnectionObservations:
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

    def find_by_number(self, number: str, *, is_credit_note: bool) -> BookingStatus | None:
        """What keeps this number taken, ours or not, voided or not. A failed look-up raises.

        :raises InDoubtError: it cannot be asked for the number.
        """

    def find_by_id(self, finance_id: str, *, is_credit_note: bool) -> BookingStatus | None:
        """What is there under this id, whatever a person gives for one; voided and deleted ones too.

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

    def booking_statuses(self, finance_ids: Sequence[str]) -> dict[str, BookingStatus] | None:
        """How these bookings stand now, by id; what is no longer there under its id is left out. Few calls.

        `None` where the finance system cannot be asked by id, which says nothing of the bookings.
        """

    def payment_changes(self, cursor: str | None, since: dt.datetime) -> PaymentChanges:
        """What changed in payments since the last look: every page of it, and nothing is marked.

        :param cursor: what the last look returned; `None` at the first one.
        :param since: how far back the first look goes; aware.
        """

    def acknowledge(self, payment: ReceivedPayment, external_id: str) -> None:
        """Tell finance that the payment is stored here, so that it is handed out no more. Safe to repeat."""

    def payment_numbers(self, finance_ids: Sequence[str]) -> dict[str, str]:
        """What finance calls the last payment, or else the credit note, of each booking paid in full. Few calls."""

    def dated(self, since: dt.date, until: dt.date) -> Sequence[BookingStatus] | None:
        """All bookings with a date from `since` up to and without `until`, ours and others', gone ones too.

        `None` where the finance system cannot be asked by date.
        """

    def refers_to_credited(self, credit_note: Document) -> bool:
        """Whether the credit note's booking refers to its invoice's, so that it cannot be booked before that one."""

    def find_credited(self, document: Document) -> Booking | None:
        """The invoice that a credit note refers to, when it was booked by somebody else."""
