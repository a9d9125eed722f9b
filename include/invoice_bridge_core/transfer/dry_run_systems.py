"""The two systems of a route as a dry run sees them: they read for real, and say what a write would be answered."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

from invoice_bridge_core.documents import Document, DocumentKind
from invoice_bridge_core.errors import (
    ContactUnusableError,
    InDoubtError,
    NumberTakenError,
    RefusedError,
    WriteInDryRunError,
)
from invoice_bridge_core.ports import Booking, Contact, FinanceSystem, SourceSystem
from invoice_bridge_core.transfer.booking_step import NEW_CONTACT

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.documents import Party
    from invoice_bridge_core.ledger.rehearsal import RehearsedLedger
    from invoice_bridge_core.ports import ReferenceData, Steps
    from invoice_bridge_core.ports.finance.follow_ups import FollowUps
    from invoice_bridge_core.ports.source import Rejections, RepeatedReports

_TO_COME: Final = "(would be booked as "
_FINISHED: Final = "(would be finished)"


@dataclass
class Seen:
    """What a dry run found out about one document."""

    payload: dict[str, Any] | None = None
    contact: Contact | None = None
    contact_id: str | None = None
    warning: str = ""
    looked_up: set[str] = field(default_factory=set)

    @property
    def contact_words(self) -> str:
        """On which contact it would be booked, as the end of a sentence."""
        if self.contact is not None:
            return f", on {'a new' if self.contact.created else 'the'} contact '{self.contact.name}'"
        return f", on contact {self.contact_id}" if self.contact_id else ""


class _Instead:
    """Stands in for an object: some attributes are others, the rest is the object's own."""

    def __init__(self, real: object, **others: Any) -> None:
        self._real = real
        self._others = others

    def __getattr__(self, name: str) -> Any:
        return self._others[name] if name in self._others else getattr(self._real, name)


def rehearsed_source(real: SourceSystem) -> SourceSystem:
    """The source, which is told as far as nothing is sent that writes."""
    heeds = real.observations.heeds_read_only
    rejections = real.rejections
    if rejections is not None:
        tell = _up_to_the_write(rejections.report_rejected, heeds=heeds)
        rejections = cast("Rejections", _Instead(rejections, report_rejected=tell))
    repeated = real.repeated_reports
    if repeated is not None:
        tell = _up_to_the_write(repeated.report_again, heeds=heeds)
        repeated = cast("RepeatedReports", _Instead(repeated, report_again=tell))
    tell = _up_to_the_write(real.report_transferred, heeds=heeds)
    return cast(
        "SourceSystem", _Instead(real, rejections=rejections, repeated_reports=repeated, report_transferred=tell)
    )


def _up_to_the_write(tell: Callable[..., None], *, heeds: bool) -> Callable[..., None]:
    """Telling a source as far as nothing is sent that writes; nobody is told of what is not there yet.

    :param heeds: whether the source's hook refuses what writes.
    """

    def told(*of: object) -> None:
        if not heeds or any(isinstance(one, Booking) and not _is_there(one) for one in of):
            return
        with suppress(WriteInDryRunError):
            tell(*of)

    return told


def rehearsed_finance(real: FinanceSystem, ledger: RehearsedLedger, seen: Seen) -> FinanceSystem:
    """The finance system, which answers as if it had written.

    :param seen: takes what is found out about the document.
    """
    contacts = _Contacts(real, seen)
    others: dict[str, Any] = {
        "bookings": _Instead(real.bookings, create=_Create(real, ledger, contacts, seen)),
        "contacts": contacts,
        "contact_editor": None if real.contact_editor is None else contacts,
        "items": None,
        "follow_ups": _FollowUps(real.follow_ups) if real.follow_ups and real.observations.heeds_read_only else None,
    }
    return cast("FinanceSystem", _Instead(real, **others))


class _Contacts:
    """The contact of the document, as it would be found, brought up to date or made."""

    def __init__(self, real: FinanceSystem, seen: Seen) -> None:
        self._finance = real
        self._real: Any = real.foreseen_contacts or real.contacts
        self._seen = seen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def find(self, party: Party) -> Contact | None:
        """The contact that belongs to the party."""
        return self._note(self._real.find(party))

    def recover(self, party: Party) -> Contact | None:
        """The contact that an earlier attempt may have made."""
        return self._note(self._real.recover(party))

    def update(self, contact_id: str, party: Party) -> Contact:
        """The contact as it would be when brought up to date."""
        if contact_id == NEW_CONTACT:
            return self._new(party.name)
        contact: Contact = self._real.update(contact_id, party)
        self._note(contact)
        return contact

    def create(self, party: Party, *, idempotency_key: str, name_is_taken: bool) -> Contact:
        """The contact that would be made."""
        made: Contact = self._real.create(party, idempotency_key=idempotency_key, name_is_taken=name_is_taken)
        if made.created:
            return self._new(made.name)
        self._note(made)
        return made

    def check(self, contact_id: str, party: Party | None) -> None:
        """Whether a contact that was remembered can still be booked on.

        :raises ContactUnusableError: it was archived, merged or deleted since.
        """
        if contact_id in self._seen.looked_up or party is None:
            return
        if contact_id == NEW_CONTACT:
            # Another document of this run would make it.
            self._note(Contact(contact_id=NEW_CONTACT, name=party.name))
            return
        if self._finance.contact_editor is None or self._finance.foreseen_contacts is None:
            return
        found = self._finance.foreseen_contacts.update(contact_id, party)
        if found.contact_id != contact_id:
            raise ContactUnusableError(f"Contact {contact_id} was merged into '{found.name}'")
        self._note(found)

    def _new(self, name: str) -> Contact:
        contact = Contact(contact_id=NEW_CONTACT, name=name, created=True)
        self._note(contact)
        return contact

    def _note(self, contact: Contact | None) -> Contact | None:
        if contact is not None:
            self._seen.contact = contact
            self._seen.looked_up.add(contact.contact_id)
        return contact


@dataclass(frozen=True)
class _FollowUps:
    """Looks how far an earlier attempt came, and sends nothing."""

    real: FollowUps

    def finish(self, document: Document, booking: Booking, credited: Booking | None, steps: Steps) -> Booking:
        """The booking as it stands; what is not there yet has nothing to be looked at."""
        if not _is_there(booking):
            return booking
        try:
            return self.real.finish(document, booking, credited, steps)
        except WriteInDryRunError:
            return booking.model_copy(update={"status": _FINISHED})


def _is_there(booking: Booking) -> bool:
    return not booking.finance_id.startswith(_TO_COME)


@dataclass(frozen=True)
class _Create:
    """Says what a create would be answered."""

    finance: FinanceSystem
    ledger: RehearsedLedger
    contacts: _Contacts
    seen: Seen

    def __call__(
        self,
        document: Document,
        contact_id: str,
        reference: ReferenceData,
        credited: Booking | None = None,
        *,
        idempotency_key: str,
    ) -> Booking:
        bookings = self.finance.bookings
        self.contacts.check(contact_id, document.party)
        self.seen.contact_id = contact_id
        payload = bookings.payload(document, contact_id, reference, credited)
        number = bookings.booking_number(document)
        if self._is_taken(number, document):
            raise NumberTakenError(f"{self.finance.name} has a document of the number {number}")
        if (other := self._other_of_this_run(number, document)) is not None:
            raise InDoubtError(f"{number} would be taken by then: another document of this run goes first, {other}")
        if credited is not None and self.finance.needs_credited and _is_there(credited):
            self._look_for(credited)
        self.seen.payload = payload
        return Booking(
            finance_id=f"{_TO_COME}{number})",
            number=number,
            status="",
            contact_id=contact_id,
            currency=document.currency or "",
            total=document.total_incl_vat,
            marker=bookings.marker(document),
        )

    def _other_of_this_run(self, number: str, document: Document) -> str | None:
        """Which document of this run would be booked under the number before this one."""
        for other in self.ledger.others():
            row = other.row
            has_number = row.booking is not None and row.booking.number.casefold() == number.casefold()
            is_credit_note = row.facts.kind is DocumentKind.CREDIT_NOTE
            if has_number and (self.finance.has_one_numbering or is_credit_note == document.is_credit_note):
                return row.label
        return None

    def _look_for(self, invoice: Booking) -> None:
        try:
            if self.finance.bookings.find_by_number(invoice.number, is_credit_note=False) is None:
                raise RefusedError(f"{self.finance.name} no longer has {invoice.number}, which it credits")
        except InDoubtError:
            self.seen.warning += f". Whether {invoice.number} is still there cannot be looked up"

    def _is_taken(self, number: str, document: Document) -> bool:
        bookings = self.finance.bookings
        try:
            return bookings.find_by_number(number, is_credit_note=document.is_credit_note) is not None
        except InDoubtError:
            self.seen.warning += f". Whether {number} is free there cannot be looked up"
            return False
