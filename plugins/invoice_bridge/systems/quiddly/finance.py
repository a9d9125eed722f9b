"""Quiddly as a finance system."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar

from invoice_bridge.systems.marks import booking_number, marker_of
from invoice_bridge.systems.quiddly.activation import Activation
from invoice_bridge.systems.quiddly.bookings import (
    awaits_activation,
    booking_found,
    booking_made,
    completed,
    customer_and_currency,
    warned,
)
from invoice_bridge.systems.quiddly.checks import quiddly_problems
from invoice_bridge.systems.quiddly.debtor import contact_identity, customer_number
from invoice_bridge.systems.quiddly.invoice_body import invoice_body
from invoice_bridge.systems.quiddly.payments import waiting_payments
from invoice_bridge.systems.quiddly.settings import QuiddlySettings
from invoice_bridge_core.errors import ConfigurationError, GarbledAnswerError, InDoubtError, NotFoundError
from invoice_bridge_core.ports import Contact, ReferenceData
from invoice_bridge_core.ports.booking_status import BookingStatus, PaymentChanges
from invoice_bridge_core.transfer.credit_notes import why_not_credited

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from invoice_bridge.hooks.quiddly.hook import QuiddlyHook
    from invoice_bridge.hooks.quiddly.wire import QuiddlyInvoice
    from invoice_bridge_core.documents import Document, Party
    from invoice_bridge_core.documents.problems import Problem
    from invoice_bridge_core.ports import Booking, ContactIdentity, Item, Steps
    from invoice_bridge_core.ports.booking_status import ReceivedPayment
    from invoice_bridge_core.ports.observations import ConnectionObservations
    from invoice_bridge_core.routes.model import Route

log = logging.getLogger(__name__)


class QuiddlyFinance:
    """Books the documents of one route in Quiddly (contract quiddly.md; seed 003).

    Calls in the ordinary case: 2 for a document, create and activate; none for a customer, who travels inside.
    """

    system: ClassVar[str] = "quiddly"
    name: ClassVar[str] = "Quiddly"
    shows_changes: ClassVar[bool] = False

    def __init__(self, hook: QuiddlyHook, route: Route) -> None:
        self._settings = route.finance_as(QuiddlySettings)
        self.conn_id = self._settings.conn_id
        self._hook = hook
        self._route = route
        self._activation = Activation(hook, self._settings)

    @property
    def observations(self) -> ConnectionObservations:
        """What the answers told this process about the connection."""
        return self._hook.observations

    def reference_data(self) -> ReferenceData:
        """Nothing: Quiddly publishes no accounts, currencies or lock dates; no call."""
        return ReferenceData(body={}, fingerprint="")

    def problems(self, document: Document, reference: ReferenceData) -> list[Problem]:
        """All that Quiddly would refuse in the document, found without asking it."""
        return quiddly_problems(document, self._route)

    def contact_identity(self, party: Party) -> ContactIdentity:
        """What makes this party one debtor."""
        return contact_identity(party, self._route)

    def find_contact(self, party: Party) -> Contact:
        """The party itself: its data travels with each invoice, known by its customer number; no call."""
        return Contact(contact_id=customer_number(party), name=party.name)

    def recover_contact(self, party: Party) -> Contact:
        """The party itself; no call."""
        return self.find_contact(party)

    def create_contact(self, party: Party, *, idempotency_key: str, name_is_taken: bool) -> Contact:
        """The party itself; no call."""
        return self.find_contact(party)

    def update_contact(self, contact_id: str, party: Party) -> Contact:
        """The party itself, maybe under another customer number than before; no call."""
        return self.find_contact(party)

    def booking_number(self, document: Document) -> str:
        """The document's number behind the route's prefix."""
        return booking_number(document.number, self._route)

    def marker(self, document: Document) -> str:
        """The document's reference, which stands in Quiddly's `ourOrderNumber`."""
        return marker_of(document)

    def find_by_number(self, number: str, *, is_credit_note: bool) -> BookingStatus | None:
        """What Quiddly holds under the number, which invoices and credits share.

        :raises InDoubtError: the route has no path to look it up.
        """
        path = self._settings.invoice_search_path
        if path is None:
            raise InDoubtError(
                f"{number} may exist in Quiddly, where the route cannot look it up (invoice_search_path): "
                "look there by hand"
            )
        found = self._numbered(number, path)
        return BookingStatus(booking=booking_found(found, self._route)) if found is not None else None

    def find_by_id(self, finance_id: str, *, is_credit_note: bool) -> BookingStatus | None:
        """What Quiddly holds under the id.

        :raises InDoubtError: the route has no path to look it up.
        """
        path = self._settings.invoice_path
        if path is None:
            raise InDoubtError(f"{finance_id} cannot be looked up in Quiddly, since the route has no invoice_path")
        try:
            return BookingStatus(booking=booking_found(self._hook.invoice(finance_id, path), self._route))
        except NotFoundError:
            return None

    def refers_to_credited(self, credit_note: Document) -> bool:
        """Every credit does, card refunds too: Quiddly refuses one whose `debitInvoiceNumber` it does not know."""
        return True

    def find_credited(self, document: Document) -> Booking | None:
        """The invoice that the credit note names, with the route's prefix or, made by hand, without it.

        A stranger's invoice of that number is none: a credit that was activated against it could not be called back.
        """
        path = self._settings.invoice_search_path
        if document.credited_number is None or path is None:
            return None
        prefixed = booking_number(document.credited_number, self._route)
        for number in dict.fromkeys((prefixed, document.credited_number)):
            found = self._numbered(number, path)
            if found is None:
                continue
            booking = booking_found(found, self._route)
            if (reason := why_not_credited(booking, document) or _why_not_of_debtor(booking, document)) is None:
                return booking
            log.warning("Invoice %s in Quiddly is not what %s credits: %s", number, document.number, reason)
        return None

    def payload(
        self, document: Document, contact_id: str, reference: ReferenceData, credited: Booking | None = None
    ) -> dict[str, Any]:
        """The body that `create` sends."""
        body = invoice_body(document, self._route, credited.number if credited is not None else None)
        client_id = self._hook.client_id
        return {"client_id": client_id, **body} if client_id else body

    def create(
        self,
        document: Document,
        contact_id: str,
        reference: ReferenceData,
        credited: Booking | None = None,
        *,
        idempotency_key: str,
    ) -> Booking:
        """Create the document: one call. Its number is what keeps it from being created twice.

        :raises OutcomeUnknownError: it may have been created.
        :raises NumberTakenError: the number exists.
        :raises RefusedError: it was definitely not created.
        """
        body = self.payload(document, contact_id, reference, credited)
        customer, currency = customer_and_currency(document)
        made = self._hook.create_invoice(body)
        return booking_made(made, document, self._route, customer=customer, currency=currency)

    def items(self, document: Document) -> Sequence[Item]:
        """None: Quiddly keeps no products."""
        return ()

    def ensure_item(self, item: Item) -> str:
        """Never asked for, since `items` names none."""
        raise ConfigurationError(f"Quiddly keeps no products, so {item.key} cannot be made there")

    def finish(self, document: Document, booking: Booking, credited: Booking | None, steps: Steps) -> Booking:
        """Activate the invoice where the route wants it; one call. Card money cannot be booked, which the booking says.

        :raises RefusedError: Quiddly did definitely not activate it.
        """
        booking = warned(completed(booking, document, self._route), document)
        return self._activation.activate(booking, steps) if self._settings.activate else booking

    def pdf(self, booking: Booking) -> bytes:
        """The invoice as a PDF; one call.

        :raises ConfigurationError: the route has no path for it.
        """
        path = self._settings.invoice_pdf_path
        if path is None:
            raise ConfigurationError(
                f"Route {self._route.route} has no invoice_pdf_path, so the PDF of {booking.number} cannot be fetched"
            )
        return self._hook.invoice_pdf(booking.finance_id, path)

    def booking_statuses(self, finance_ids: Sequence[str]) -> dict[str, BookingStatus] | None:
        """The bookings that are held under these ids, one call each; what is paid of them Quiddly does not say here.

        `None` where the route has no path to ask for one.

        :raises ConfigurationError: Quiddly knows none of several.
        """
        path = self._settings.invoice_path
        if path is None:
            return None
        held: dict[str, BookingStatus] = {}
        for finance_id in finance_ids:
            try:
                booking = booking_found(self._hook.invoice(finance_id, path), self._route)
            except NotFoundError:
                continue
            if booking.is_draft and not awaits_activation(booking.status):
                log.warning("Quiddly says %s of %s, which does not tell whether it is activated: it counts as a draft",
                            booking.status, booking.number)  # fmt: skip
            held[finance_id] = BookingStatus(booking=booking)
        if not held and len(finance_ids) > 1:
            # Not "all deleted": a path that leads nowhere answers the same, and they would be given up for good.
            raise ConfigurationError(
                f"Quiddly knows none of the {len(finance_ids)} invoices that were asked for by id, {finance_ids[0]} "
                "among them; check the route's invoice_path"
            )
        return held

    def payment_changes(self, cursor: str | None, since: dt.datetime) -> PaymentChanges:
        """Every payment that waits to be exported, of whoever's invoices: one call for a hundred."""
        return PaymentChanges(payments=waiting_payments(self._hook))

    def acknowledge(self, payment: ReceivedPayment, external_id: str) -> None:
        """Mark the payment as exported, so that it is handed out no more; one call."""
        self._hook.mark_exported(payment.payment_id, external_id)

    def payment_numbers(self, finance_ids: Sequence[str]) -> dict[str, str]:
        """None: the payments themselves were handed out, with their ids."""
        return {}

    def dated(self, since: dt.date, until: dt.date) -> None:
        """Quiddly cannot be asked for invoices by date."""
        return

    def _numbered(self, number: str, path: str) -> QuiddlyInvoice | None:
        found = self._hook.invoices_numbered(number, path)
        if any(each.number is None for each in found):
            raise GarbledAnswerError(f"Quiddly answered the look-up of {number} with invoices that have no number")
        return next((each for each in found if str(each.number).casefold() == number.casefold()), None)


def _why_not_of_debtor(invoice: Booking, credit_note: Document) -> str | None:
    """Why the invoice is not of the credit note's debtor; `None` when it is, or the credit note names none."""
    party = credit_note.party
    if party is None or invoice.contact_id.casefold() == customer_number(party).casefold():
        return None
    return f"its debtor is {invoice.contact_id}, not {customer_number(party)}"
