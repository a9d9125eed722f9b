"""Qondor's APIs: one method per verb (contract qondor.md). What answers mean, `systems.qondor` says."""

from __future__ import annotations

from invoice_bridge.hooks.qondor.api import KEY_HEADER, is_id
from invoice_bridge.hooks.qondor.contact_persons import ContactPersonCalls
from invoice_bridge.hooks.qondor.customers import CustomerCalls
from invoice_bridge.hooks.qondor.invoices import INVOICE, InvoiceCalls
from invoice_bridge.hooks.qondor.sales import SaleCalls

__all__ = ["INVOICE", "KEY_HEADER", "QondorHook", "is_id"]


class QondorHook(SaleCalls, CustomerCalls, ContactPersonCalls, InvoiceCalls):
    """Payments, customers, contact persons and sales of a connection of type `qondor`.

    Single reads raise `NotFoundError` for a 404 of Qondor's and only then. Every write is sent once: it returns, or
    raises `RefusedError` (definitely not done) or `OutcomeUnknownError` (look before sending it again).
    """
