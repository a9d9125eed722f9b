"""Quiddly as a finance system: which capabilities it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge.systems.quiddly.bookings import QuiddlyBookings
from invoice_bridge.systems.quiddly.credited_invoices import QuiddlyCreditedInvoices
from invoice_bridge.systems.quiddly.debtor import Debtors
from invoice_bridge.systems.quiddly.files import QuiddlyFiles
from invoice_bridge.systems.quiddly.find import InvoiceList, NumberSearch
from invoice_bridge.systems.quiddly.follow_ups import QuiddlyFollowUps
from invoice_bridge.systems.quiddly.issued_documents import QuiddlyIssuedDocuments
from invoice_bridge.systems.quiddly.payments import QuiddlyPayments
from invoice_bridge.systems.quiddly.sent_documents import QuiddlySentDocuments
from invoice_bridge.systems.quiddly.settings import QuiddlySettings
from invoice_bridge.systems.quiddly.statuses import QuiddlyStatuses
from invoice_bridge_core.ports import FinanceSystem

if TYPE_CHECKING:
    from invoice_bridge.hooks.quiddly.hook import QuiddlyHook
    from invoice_bridge_core.routes.model import Route


class QuiddlyFinance(FinanceSystem):
    """Books the documents of one route in Quiddly (contract quiddly.md; seed 003).

    It keeps neither contacts nor products, says nothing of itself and cannot be asked by date. It hands out single
    payments. Single invoices it can be asked for where the route has a path for that.

    Calls in the ordinary case: 2 for a document, create and activate; none for a customer, who travels inside.
    """

    system = "quiddly"
    name = "Quiddly"
    has_one_numbering = True
    needs_credited = True

    def __init__(self, hook: QuiddlyHook, route: Route) -> None:
        settings = route.finance_as(QuiddlySettings)
        self.conn_id = settings.conn_id
        self.observations = hook.observations
        search_path, path = settings.invoice_search_path, settings.invoice_path
        search = NumberSearch(hook, route, search_path) if search_path is not None else None
        list_path = settings.invoice_list_path
        invoices = InvoiceList(hook, list_path) if list_path is not None else None
        self.bookings: QuiddlyBookings = QuiddlyBookings(hook, route, search)
        self.sent_documents: QuiddlySentDocuments | None = (
            QuiddlySentDocuments(route, search, invoices) if search is not None else None
        )
        self.contacts: Debtors = Debtors(route)
        self.credited_invoices: QuiddlyCreditedInvoices = QuiddlyCreditedInvoices(route, search)
        self.follow_ups: QuiddlyFollowUps = QuiddlyFollowUps(hook, route)
        self.files: QuiddlyFiles = QuiddlyFiles(hook, route)
        self.statuses: QuiddlyStatuses | None = (
            QuiddlyStatuses(hook, route, path, invoices) if path is not None else None
        )
        self.issued_documents: QuiddlyIssuedDocuments | None = (
            QuiddlyIssuedDocuments(self.statuses) if self.statuses is not None else None
        )
        self.received_payments: QuiddlyPayments = QuiddlyPayments(hook)
