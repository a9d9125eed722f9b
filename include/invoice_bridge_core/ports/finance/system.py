"""A finance system: where documents are booked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from invoice_bridge_core.ports.customers import FinanceCustomers
    from invoice_bridge_core.ports.finance.batches import BookingBatches, ContactBatches
    from invoice_bridge_core.ports.finance.bookings import Bookings, CreditedInvoices
    from invoice_bridge_core.ports.finance.chart import Chart
    from invoice_bridge_core.ports.finance.contacts import (
        ContactCandidates,
        ContactEditor,
        Contacts,
        ForeseenContacts,
        MergedContacts,
    )
    from invoice_bridge_core.ports.finance.files import Files
    from invoice_bridge_core.ports.finance.follow_ups import FollowUps
    from invoice_bridge_core.ports.finance.issued_documents import IssuedDocuments
    from invoice_bridge_core.ports.finance.items import Items
    from invoice_bridge_core.ports.finance.payments import BookingChanges, ReceivedPayments
    from invoice_bridge_core.ports.finance.reference import ReferenceReader
    from invoice_bridge_core.ports.finance.sent_documents import SentDocuments
    from invoice_bridge_core.ports.finance.statuses import BookingStatuses, DatedBookings
    from invoice_bridge_core.ports.observations import ConnectionObservations


class FinanceSystem(Protocol):
    """Where documents are booked, as one route uses it.

    Every system has `bookings` and `contacts`. All else is optional: a system that has not got it leaves it `None`. An
    adapter inherits from this class and sets what it has.

    :param system: the system's name in routes and references.
    :param conn_id: the connection.
    :param name: the system's name as people write it.
    :param observations: what the answers told this process about the connection.
    :param has_one_numbering: whether a credit note cannot have the number of an invoice.
    :param needs_credited: whether a credit note is refused once the invoice that it names is gone.
    :param bookings: books documents and finds them again.
    :param booking_batches: books many documents in one call.
    :param contact_batches: settles many contacts in few calls; a system that books in batches has it.
    :param contacts: says which contact belongs to a customer.
    :param contact_editor: makes and updates contacts.
    :param foreseen_contacts: says for a dry run what the two would do; left out where `contacts` writes nothing.
    :param contact_candidates: lists the contacts that a person may choose from.
    :param merged_contacts: says which contacts were merged into which.
    :param customer_cards: all its contacts, to be read and written many at a time.
    :param items: keeps products, which must be known before a document that sells them is booked.
    :param reference: reads what the system says of itself.
    :param chart: tells which accounts lines can be booked on; left out where it keeps none that could be read.
    :param sent_documents: tells what was sent by us where a booking carries no mark; without it, only a mark tells.
    :param credited_invoices: makes a credit note refer to its invoice's booking.
    :param follow_ups: carries out what belongs to a booking besides.
    :param files: gives out booked documents as files.
    :param statuses: tells how single bookings stand.
    :param dated_bookings: lists the bookings of a few days.
    :param booking_changes: tells which bookings changed, and how they stand now.
    :param issued_documents: tells of issued documents what a sale needs; without it the ledger's own knowledge counts.
    :param received_payments: hands out single payments until they are acknowledged. A system that tells of payments has
        this or `booking_changes`, never both; if it has neither, a payment poll learns only what became of drafts.
    """

    system: str
    conn_id: str
    name: str
    observations: ConnectionObservations
    has_one_numbering: bool = False
    needs_credited: bool = False
    bookings: Bookings
    contacts: Contacts
    booking_batches: BookingBatches | None = None
    contact_batches: ContactBatches | None = None
    contact_editor: ContactEditor | None = None
    foreseen_contacts: ForeseenContacts | None = None
    contact_candidates: ContactCandidates | None = None
    merged_contacts: MergedContacts | None = None
    customer_cards: FinanceCustomers | None = None
    items: Items | None = None
    reference: ReferenceReader | None = None
    chart: Chart | None = None
    sent_documents: SentDocuments | None = None
    credited_invoices: CreditedInvoices | None = None
    follow_ups: FollowUps | None = None
    files: Files | None = None
    statuses: BookingStatuses | None = None
    dated_bookings: DatedBookings | None = None
    booking_changes: BookingChanges | None = None
    issued_documents: IssuedDocuments | None = None
    received_payments: ReceivedPayments | None = None
