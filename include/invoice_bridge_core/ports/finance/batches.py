"""Booking many documents in one call, and settling many contacts in few."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from invoice_bridge_core.documents import Document, Party
    from invoice_bridge_core.errors import BridgeError, OutcomeUnknownError
    from invoice_bridge_core.ports.booking_status import BookingStatus
    from invoice_bridge_core.ports.records import Booking, Contact, ReferenceData


class BookingBatches(Protocol):
    """Books several documents in one call, in which each answers for itself.

    :param most_members: documents in one call.
    :param most_bytes: of one call's body.
    :param longest_call: how long one call may take, in seconds, until its answer is given up.
    """

    most_members: int
    most_bytes: int
    longest_call: float

    def kind(self, *, is_credit_note: bool) -> str:
        """What invoices or credit notes are called in a batch; one batch has one kind."""

    def element(
        self, document: Document, contact_id: str, reference: ReferenceData, credited: Booking | None = None
    ) -> str | None:
        """The document as it stands in a batch, the same text each time; `None`: it has to be booked by itself.

        :raises HeldError: the document has problems that `problems` names.
        """

    def body(self, kind: str, elements: Sequence[str]) -> bytes:
        """The bytes of a batch of these elements in this order."""

    def send(
        self, kind: str, body: bytes, documents: Mapping[str, Document], *, idempotency_key: str
    ) -> Mapping[str, Booking | BridgeError]:
        """Send a batch once; what became of each member, by its number, in whatever order it was told.

        An error is definite if it is a `RefusedError`. A number of which nothing certain was told is left out.

        :param documents: the members by their numbers in finance.
        :raises OutcomeUnknownError: what became of them all is not known, whatever was answered.
        :raises BridgeError: nothing was sent.
        """

    def is_over(self, error: OutcomeUnknownError) -> bool:
        """Whether the finance system has ended its work on the batch that failed so: no more of it can arrive."""

    def find_by_numbers(self, numbers: Sequence[str], *, is_credit_note: bool) -> Mapping[str, BookingStatus]:
        """What keeps these numbers taken, ours or not; many in one call. A failed look-up raises."""

    def looking(self) -> AbstractContextManager[None]:
        """In the block, what was made since a moment is listed once, however many documents are looked for."""


@dataclass(frozen=True)
class PlannedContact:
    """A contact that has to be written before documents can be booked on it.

    :param contact_id: the one that is changed; `None` for a new one.
    :param body: what is sent, in the finance system's words.
    """

    party: Party
    contact_id: str | None
    body: Mapping[str, Any]


class ContactBatches(Protocol):
    """Chooses, makes and updates the contacts of many customers in few calls."""

    def plan(
        self, parties: Sequence[tuple[Party, str | None]], is_name_taken: Callable[[Party], bool]
    ) -> list[Contact | PlannedContact | None]:
        """For each customer the contact that is as it should be, or what has to be written; by the rules of `Contacts`.

        `None`: its documents' own tasks have to look. Writes nothing.

        :param parties: each with the contact that was chosen for it before, if there is one.
        :param is_name_taken: whether another customer's contact has the name already.
        """

    def save(self, planned: Sequence[PlannedContact], *, idempotency_key: str) -> list[Contact | BridgeError]:
        """Write contacts, all new or all changed; what became of each, in their order.

        :raises OutcomeUnknownError: what became of them all is not known.
        """

    def made(self, parties: Sequence[Party]) -> list[Contact | None]:
        """For each customer the contact that carries its own key, as one made by us does; many in one call."""
