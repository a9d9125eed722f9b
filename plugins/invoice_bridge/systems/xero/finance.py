"""Xero as a finance system: which capabilities it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge.systems.xero.batches import XeroBatches
from invoice_bridge.systems.xero.booking_status import BookingStatusReader
from invoice_bridge.systems.xero.bookings import XeroBookings
from invoice_bridge.systems.xero.card_money import CardAccount
from invoice_bridge.systems.xero.chart import XeroChart
from invoice_bridge.systems.xero.contact_batches import XeroContactBatches
from invoice_bridge.systems.xero.contacts import XeroContacts
from invoice_bridge.systems.xero.credited_invoices import XeroCreditedInvoices
from invoice_bridge.systems.xero.customers import XeroCustomers
from invoice_bridge.systems.xero.files import XeroFiles
from invoice_bridge.systems.xero.find import BookingFinder
from invoice_bridge.systems.xero.follow_ups import XeroFollowUps
from invoice_bridge.systems.xero.foreseen_contacts import foreseen_contacts
from invoice_bridge.systems.xero.issued_documents import XeroIssuedDocuments
from invoice_bridge.systems.xero.items import XeroItems
from invoice_bridge.systems.xero.reference import XeroReference
from invoice_bridge.systems.xero.sent_documents import XeroSentDocuments
from invoice_bridge.systems.xero.settings import XeroSettings
from invoice_bridge_core.ports import FinanceSystem

if TYPE_CHECKING:
    from invoice_bridge.hooks.xero.hook import XeroHook
    from invoice_bridge_core.routes.model import Route


class XeroFinance(FinanceSystem):
    """Books the documents of one route in Xero (contract xero.md; seed 002).

    It tells which bookings changed, so it hands out no single payments.

    Calls in the ordinary case: none for a known customer, 1 for a document, 1 more for card money or an allocation; a
    new customer costs 3 at most. In batches 1 for 50 documents, and 1 for a few new customers.
    """

    system = "xero"
    name = "Xero"

    def __init__(self, hook: XeroHook, route: Route) -> None:
        settings = route.finance_as(XeroSettings)
        self.conn_id = settings.conn_id
        self.observations = hook.observations
        self.reference: XeroReference = XeroReference(hook)
        self.chart: XeroChart = XeroChart(self.reference)
        finder = BookingFinder(hook, self.reference)
        self.bookings: XeroBookings = XeroBookings(hook, route, self.reference, finder)
        self.booking_batches: XeroBatches = XeroBatches(hook, route, self.reference, finder)
        self.sent_documents: XeroSentDocuments = XeroSentDocuments(hook, route, self.reference, finder)
        self.credited_invoices: XeroCreditedInvoices = XeroCreditedInvoices(route, finder)
        card_account = CardAccount(hook, route.route, settings.card_payment_account, self.reference)
        self.follow_ups: XeroFollowUps = XeroFollowUps(hook, card_account)
        hold_ambiguous = settings.ambiguous_contact == "hold"
        contacts = XeroContacts(hook, route, hold_ambiguous=hold_ambiguous)
        self.contacts: XeroContacts = contacts
        self.contact_editor: XeroContacts = contacts
        self.foreseen_contacts: XeroContacts = foreseen_contacts(hook, route, hold_ambiguous=hold_ambiguous)
        self.contact_batches: XeroContactBatches = XeroContactBatches(hook, route, hold_ambiguous=hold_ambiguous)
        self.contact_candidates: XeroContacts = contacts
        self.merged_contacts: XeroContacts = contacts
        self.customer_cards: XeroCustomers = XeroCustomers(hook, route)
        self.items: XeroItems = XeroItems(hook, route, self.reference)
        self.files: XeroFiles = XeroFiles(hook)
        statuses = BookingStatusReader(
            hook,
            self.reference,
            with_credit_notes=route.payments.report_credit_notes or settings.invoice_status == "DRAFT",
            tolerance=route.payments_tolerance,
            tells_credit_from_money=route.payments.settled_by_credit == "hold",
            with_lines=True,
        )
        self.statuses: BookingStatusReader = statuses
        self.dated_bookings: BookingStatusReader = statuses
        self.booking_changes: BookingStatusReader = statuses
        project_in = route.sales.others.project_in if route.sales.others is not None else None
        self.issued_documents: XeroIssuedDocuments = XeroIssuedDocuments(
            BookingStatusReader(
                hook,
                self.reference,
                with_credit_notes="credit_note" in route.sales.kinds,
                tolerance=route.payments_tolerance,
                tells_credit_from_money=False,
                with_lines=project_in == "tracking",
            ),
            project_in,
        )
