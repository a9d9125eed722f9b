"""The bookings that finance has of some days, as a reconciliation looks for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.marks import short_mark
from invoice_bridge_core.documents.states import DocumentState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from invoice_bridge_core.documents import DocumentRef
    from invoice_bridge_core.ledger import DocumentRow
    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.ports.booking_status import BookingStatus
    from invoice_bridge_core.routes.model import Route


@dataclass(frozen=True)
class Bookings:
    """What finance has: by the document's reference as our mark says it, and by finance's own id."""

    by_marker: Mapping[str, Sequence[BookingStatus]]
    by_id: Mapping[str, BookingStatus]
    is_asked: bool

    def marked(self, ref: DocumentRef) -> tuple[BookingStatus, ...]:
        """Those that carry the document's mark, in whatever form."""
        return tuple(one for mark in (str(ref), short_mark(ref)) for one in self.by_marker.get(mark, ()))

    def sent_as(self, row: DocumentRow) -> tuple[BookingStatus, ...]:
        """Those without a mark under the number that the document was sent as, while nobody knows what became of it."""
        # What is in doubt has been compared already, and is not what was sent.
        if row.booking is not None or row.intent_number is None or row.state is DocumentState.IN_DOUBT:
            return ()
        return self.unmarked(row.intent_number, row.currency, row.facts.total)

    def unmarked(self, number: str, currency: str | None, total: Decimal | None) -> tuple[BookingStatus, ...]:
        """Those without a mark that look like a document."""
        wanted = (number, currency, total)
        return tuple(
            one
            for one in self.by_id.values()
            if one.booking.marker is None and (one.booking.number, one.booking.currency, one.booking.total) == wanted
        )


def unknown_to(row: DocumentRow | None, booking_statuses: Sequence[BookingStatus], route: Route) -> list[BookingStatus]:
    """Those bookings that the ledger's row of another day does not account for; none of another route's documents."""
    if row is None:
        return list(booking_statuses)
    if not route.selects(row.facts.office_id, row.facts.project_id):
        return []
    known = row.booking
    return [one for one in booking_statuses if known is None or one.booking.finance_id != known.finance_id]


def living_first(booking_statuses: Iterable[BookingStatus]) -> tuple[BookingStatus, ...]:
    """These bookings, those that are gone last."""
    return tuple(sorted(booking_statuses, key=lambda one: (one.is_gone, one.booking.finance_id)))


def with_payments(booking_status: BookingStatus, entry: PaymentStatusRow | None) -> BookingStatus:
    """A booking with what the ledger has added up of its payments, where finance does not say it of the booking."""
    if entry is None or entry.booking_status is None or booking_status.is_gone:
        return booking_status
    names = ("paid", "credited", "is_paid_in_full", "paid_in_full_on")
    return booking_status.model_copy(update={name: getattr(entry.booking_status, name) for name in names})
