"""Tally as a finance system."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoice_bridge.systems.marks import booking_number, marked, marker_in, marker_of
from invoice_bridge_core.ports import Booking, Contact, ContactIdentity, FinanceSystem
from invoice_bridge_core.ports.booking_status import BookingStatus
from invoice_bridge_core.ports.observations import ConnectionObservations
from tests.systems.tally.files import put, rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge_core.documents import Document, Party
    from invoice_bridge_core.documents.problems import Problem
    from invoice_bridge_core.ports import ReferenceData
    from invoice_bridge_core.routes.model import Route
    from tests.systems.tally.settings import TallyFinanceSettings


class TallyFinance(FinanceSystem):
    """Bookings, how they stand, and a customer's name for a contact: Tally has nothing else."""

    system = "tally"
    name = "Tally"

    def __init__(self, settings: TallyFinanceSettings, route: Route) -> None:
        self.conn_id = settings.conn_id
        self.bookings: TallyBookings = TallyBookings(Path(settings.folder) / "bookings.json", route)
        self.contacts: TallyContacts = TallyContacts()
        self.statuses: TallyBookings = self.bookings
        self.observations = ConnectionObservations(self.conn_id, self.name, check=self.bookings.all)


class TallyBookings:
    """One row per booking, by its number."""

    def __init__(self, file: Path, route: Route) -> None:
        self._file = file
        self._route = route

    def all(self) -> dict[str, dict[str, Any]]:
        return rows_of(self._file)

    def problems(self, document: Document, reference: ReferenceData) -> list[Problem]:
        return []

    def booking_number(self, document: Document) -> str:
        return booking_number(document.number, self._route)

    def marker(self, document: Document) -> str:
        return marker_of(document)

    def payload(
        self, document: Document, contact_id: str, reference: ReferenceData, credited: Booking | None = None
    ) -> dict[str, Any]:
        return {
            "number": self.booking_number(document),
            "contact": contact_id,
            "currency": document.currency,
            "total": str(document.total_incl_vat),
            "text": marked("Booked by Invoice Bridge", document, 255),
        }

    def create(
        self,
        document: Document,
        contact_id: str,
        reference: ReferenceData,
        credited: Booking | None = None,
        *,
        idempotency_key: str,
    ) -> Booking:
        row = self.payload(document, contact_id, reference, credited)
        put(self._file, row["number"], row)
        return _booking(row)

    def find_by_number(self, number: str, *, is_credit_note: bool) -> BookingStatus | None:
        row = self.all().get(number)
        return BookingStatus(booking=_booking(row)) if row is not None else None

    def find_by_id(self, finance_id: str, *, is_credit_note: bool) -> BookingStatus | None:
        return self.find_by_number(finance_id, is_credit_note=is_credit_note)

    def by_id(self, finance_ids: Sequence[str]) -> dict[str, BookingStatus]:
        found = {number: self.find_by_number(number, is_credit_note=False) for number in finance_ids}
        return {number: booking_status for number, booking_status in found.items() if booking_status is not None}


class TallyContacts:
    """Everybody is known by name."""

    def identity(self, party: Party) -> ContactIdentity:
        return ContactIdentity(key=party.key, lock_keys=(party.key,), fingerprint=party.name, name=party.name)

    def find(self, party: Party) -> Contact | None:
        return Contact(contact_id=party.name, name=party.name)


def _booking(row: dict[str, Any]) -> Booking:
    return Booking(
        finance_id=row["number"],
        number=row["number"],
        status="booked",
        contact_id=row["contact"],
        currency=row["currency"],
        total=Decimal(row["total"]),
        marker=marker_in(row["text"]),
    )
