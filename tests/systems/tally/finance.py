"""Tally as a finance system."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoice_bridge.systems.marks import booking_number, marked, marker_in, marker_of
from invoice_bridge_core.ports import Booking, Contact, ContactIdentity, ReferenceData
from invoice_bridge_core.ports.booking_status import BookingStatus, PaymentChanges
from invoice_bridge_core.ports.observations import ConnectionObservations
from tests.systems.tally.files import put, rows_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from invoice_bridge_core.documents import Document, Party
    from invoice_bridge_core.documents.problems import Problem
    from invoice_bridge_core.ports import Item, Steps
    from invoice_bridge_core.ports.booking_status import ReceivedPayment
    from invoice_bridge_core.routes.model import Route
    from tests.systems.tally.settings import TallyFinanceSettings


class TallyFinance:
    """Implements `invoice_bridge_core.ports.FinanceSystem`: bookings, and a customer's name for a contact."""

    system = "tally"
    name = "Tally"
    shows_changes = True

    def __init__(self, settings: TallyFinanceSettings, route: Route) -> None:
        self.conn_id = settings.conn_id
        self.observations = ConnectionObservations(self.conn_id, self.name, check=self.reference_data)
        self._file = Path(settings.folder) / "bookings.json"
        self._route = route

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
        row = rows_of(self._file).get(number)
        return BookingStatus(booking=_booking(row)) if row is not None else None

    def find_by_id(self, finance_id: str, *, is_credit_note: bool) -> BookingStatus | None:
        return self.find_by_number(finance_id, is_credit_note=is_credit_note)

    def booking_statuses(self, finance_ids: Sequence[str]) -> dict[str, BookingStatus] | None:
        held = {number: self.find_by_number(number, is_credit_note=False) for number in finance_ids}
        return {number: booking_status for number, booking_status in held.items() if booking_status is not None}

    def payment_changes(self, cursor: str | None, since: dt.datetime) -> PaymentChanges:
        return PaymentChanges()

    def contact_identity(self, party: Party) -> ContactIdentity:
        return ContactIdentity(key=party.key, lock_keys=(party.key,), fingerprint=party.name, name=party.name)

    def find_contact(self, party: Party) -> Contact | None:
        return Contact(contact_id=party.name, name=party.name)

    # What follows is what Tally has not got, and has to answer for all the same.

    def reference_data(self) -> ReferenceData:
        return ReferenceData(body={}, fingerprint="")

    def problems(self, document: Document, reference: ReferenceData) -> list[Problem]:
        return []

    def recover_contact(self, party: Party) -> Contact | None:
        return self.find_contact(party)

    def create_contact(self, party: Party, *, idempotency_key: str, name_is_taken: bool) -> Contact:
        raise NotImplementedError("Tally finds a contact for everybody")

    def update_contact(self, contact_id: str, party: Party) -> Contact:
        return Contact(contact_id=contact_id, name=party.name)

    def items(self, document: Document) -> Sequence[Item]:
        return ()

    def ensure_item(self, item: Item) -> str:
        raise NotImplementedError("Tally keeps no products")

    def finish(self, document: Document, booking: Booking, credited: Booking | None, steps: Steps) -> Booking:
        return booking

    def pdf(self, booking: Booking) -> bytes:
        raise NotImplementedError("Tally makes no PDFs")

    def acknowledge(self, payment: ReceivedPayment, external_id: str) -> None:
        raise NotImplementedError("Tally hands out no single payments")

    def payment_numbers(self, finance_ids: Sequence[str]) -> dict[str, str]:
        return {}

    def dated(self, since: dt.date, until: dt.date) -> Sequence[BookingStatus] | None:
        return None

    def refers_to_credited(self, credit_note: Document) -> bool:
        return False

    def find_credited(self, document: Document) -> Booking | None:
        return None


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
