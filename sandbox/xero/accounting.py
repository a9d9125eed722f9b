"""All rules of one Xero organisation in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.xero.contacts import Contacts
from sandbox.xero.credit_notes import CreditNotes
from sandbox.xero.invoices import Invoices
from sandbox.xero.items import Items
from sandbox.xero.payments import Payments

if TYPE_CHECKING:
    from sandbox.xero.books import Books


class Accounting:
    """The books and the rules that change them."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.contacts = Contacts(books)
        self.invoices = Invoices(books, self.contacts)
        self.credit_notes = CreditNotes(books, self.contacts, self.invoices)
        self.payments = Payments(books, self.invoices, self.credit_notes)
        self.items = Items(books)
