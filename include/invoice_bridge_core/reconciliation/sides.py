"""One document as source, ledger and finance know it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import SourceState

if TYPE_CHECKING:
    import datetime as dt
    from decimal import Decimal

    from invoice_bridge_core.documents import Document, DocumentKind, DocumentRef
    from invoice_bridge_core.ledger import DocumentRow
    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.ledger.sales.row import SaleRow
    from invoice_bridge_core.ports import Booking
    from invoice_bridge_core.ports.booking_status import BookingStatus
    from invoice_bridge_core.ports.sales import Sale
    from invoice_bridge_core.routes.model import Route


class SourceWord(StrEnum):
    """What the source says of a document, in one word."""

    WAITING = SourceState.WAITING.value
    PROCESSED = SourceState.PROCESSED.value
    FAILED = SourceState.FAILED.value
    PAID = SourceState.PAID.value
    NOT_SHOWN = "not shown"
    """The source shows no documents whose booking it was told of: this is how it should be."""
    NOT_THERE = "not there"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Systems:
    """The two systems of a route, as far as a reconciliation has to know them.

    :param source: the source's name as people write it; likewise `finance`.
    :param shows_reported: whether the source still shows a document whose booking was reported.
    :param tells_payments: whether finance says of each booking what is paid of it.
    """

    route: Route
    source: str
    finance: str
    shows_reported: bool
    tells_payments: bool


@dataclass(frozen=True)
class Sides:
    """One document. `bookings` are finance's: those that count come before voided and deleted ones.

    :param row: the ledger's row; `None` when it knows nothing.
    :param payment: what the ledger knows of the payment of a booked document of these days.
    :param source_word: what the source says now.
    :param document: the document as the source tells it; `None` where it could not be read or is not shown.
    :param is_finance_asked: whether finance could be asked for this document at all.
    :param is_second: a further booking of a document that belongs to another day; it is not a document of its own.
    :param merged_into: the contacts into which the ledger's contact was merged in finance, one after the other.
    :param sales: what the source shows of it as sales; `None` where it has none to show, or could not be asked.
    :param sale_row: what the ledger knows of its sale.
    :param is_under_way: whether a task was working on it while the sides were read: they may tell of two moments.
    """

    ref: DocumentRef
    row: DocumentRow | None
    source_word: SourceWord
    payment: PaymentStatusRow | None = None
    document: Document | None = None
    bookings: tuple[BookingStatus, ...] = ()
    is_finance_asked: bool = True
    is_second: bool = False
    is_under_way: bool = False
    merged_into: tuple[str, ...] = ()
    sales: tuple[Sale, ...] | None = None
    sale_row: SaleRow | None = None

    @property
    def known_booking(self) -> Booking | None:
        """The booking that the ledger knows."""
        return self.row.booking if self.row else None

    @cached_property
    def living(self) -> tuple[BookingStatus, ...]:
        """The bookings that count."""
        return tuple(one for one in self.bookings if not one.is_gone)

    @cached_property
    def booking_status(self) -> BookingStatus | None:
        """The booking that stands for the document: the one of the ledger, else the first."""
        known = self.known_booking
        if known is not None and not self.is_second:
            for one in self.bookings:
                if one.booking.finance_id == known.finance_id:
                    return one
            return None
        return next(iter(self.bookings), None)

    @property
    def is_told(self) -> bool:
        """Whether the source says that it was told of the booking."""
        return self.source_word in (SourceWord.PROCESSED, SourceWord.PAID)

    @property
    def number(self) -> str | None:
        """The document's number in its source."""
        if self.document is not None:
            return self.document.number
        return self.row.number if self.row else None

    @property
    def customer(self) -> str | None:
        """The customer's name in the source."""
        if self.document is not None:
            return self.document.party.name if self.document.party else None
        return self.row.facts.contact_name if self.row else None

    @property
    def kind(self) -> DocumentKind | None:
        """What the document is."""
        if self.document is not None:
            return self.document.kind
        return self.row.facts.kind if self.row else None

    @property
    def date(self) -> dt.date | None:
        """The document's own date, which decides about the day that it belongs to."""
        # The ledger's: a document that got another date since then would belong to no day, or to two.
        if self.row is not None:
            return self.row.facts.document_date
        return self.document.invoice_date if self.document else None

    @property
    def currency(self) -> str | None:
        """The source's currency; of a booking that only finance knows, finance's."""
        if self.document is not None:
            return self.document.currency
        if self.row is not None:
            return self.row.currency
        return self.booking_status.booking.currency if self.booking_status else None

    @property
    def total(self) -> Decimal | None:
        """The source's total, positive for credit notes too; of a booking that only finance knows, finance's."""
        if self.document is not None:
            return self.document.total_incl_vat
        if self.row is not None:
            return self.row.facts.total
        return self.booking_status.booking.total if self.booking_status else None
