"""Creating documents in Quiddly, and finding them there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoice_bridge.systems.marks import booking_number, printed_mark
from invoice_bridge.systems.quiddly.booking_answers import booking_made, customer_and_currency, status_found
from invoice_bridge.systems.quiddly.checks import quiddly_problems
from invoice_bridge.systems.quiddly.invoice_body import invoice_body
from invoice_bridge.systems.quiddly.settings import QuiddlySettings
from invoice_bridge_core.errors import InDoubtError, NotFoundError

if TYPE_CHECKING:
    from invoice_bridge.hooks.quiddly.hook import QuiddlyHook
    from invoice_bridge.systems.quiddly.find import NumberSearch
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.documents.problems import Problem
    from invoice_bridge_core.ports import Booking, ReferenceData
    from invoice_bridge_core.ports.booking_status import BookingStatus
    from invoice_bridge_core.routes.model import Route


class QuiddlyBookings:
    """Creates the documents of one route: one call each. Activating them is a step of its own.

    :param search: finds by number; `None` where the route has no path for it.
    """

    def __init__(self, hook: QuiddlyHook, route: Route, search: NumberSearch | None) -> None:
        self._hook = hook
        self._route = route
        self._search = search
        self._invoice_path = route.finance_as(QuiddlySettings).invoice_path

    def problems(self, document: Document, reference: ReferenceData) -> list[Problem]:
        """All that Quiddly would refuse in the document, found without asking it."""
        return quiddly_problems(document, self._route)

    def booking_number(self, document: Document) -> str:
        """The document's number behind the route's prefix."""
        return booking_number(document.number, self._route)

    def marker(self, document: Document) -> str | None:
        """What the route prints in `ourOrderNumber`; Quiddly has no field that is not for the customer."""
        return printed_mark(document, self._route)

    def find_by_number(self, number: str, *, is_credit_note: bool) -> BookingStatus | None:
        """What Quiddly has under the number, which invoices and credits share.

        :raises InDoubtError: the route has no path to look it up.
        """
        if self._search is None:
            raise InDoubtError(
                f"{number} may be in Quiddly already. The route has no invoice_search_path to look it up: look in "
                "Quiddly by hand"
            )
        booking = self._search.numbered(number)
        found = self._search.seen(booking.finance_id) if booking is not None else None
        return status_found(found, self._route) if found is not None else None

    def find_by_id(self, finance_id: str, *, is_credit_note: bool) -> BookingStatus | None:
        """What Quiddly has under the id.

        :raises InDoubtError: the route has no path to look it up.
        """
        if self._invoice_path is None:
            raise InDoubtError(f"{finance_id} cannot be looked up in Quiddly, since the route has no invoice_path")
        try:
            found = self._hook.invoice(finance_id, self._invoice_path)
        except NotFoundError:
            return None
        return status_found(found, self._route)

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
