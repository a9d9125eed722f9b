"""What a bookkeeper changes in Xero's documents by hand, where no verb of the page or the command does."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from sandbox.store import Row
    from sandbox.xero.accounting import Accounting
    from sandbox.xero.documents import Documents


class ChangesByHand:
    """Changes of single fields, whatever the document's status is; its balance follows.

    :param found: the documents and the row of a number or an id.
    """

    def __init__(self, accounting: Accounting, found: Callable[[str], tuple[Documents, Row]]) -> None:
        self._books, self._accounting, self._found = accounting.books, accounting, found

    def total(self, document: str, total: Decimal) -> Row:
        """Another total including tax; the lines stay as they are."""
        return self._change(document, Total=Decimal(total))

    def contact(self, document: str, contact_id: str) -> Row:
        """Another contact."""
        return self._change(document, ContactID=self._books.contacts[contact_id]["ContactID"])

    def currency(self, document: str, currency: str) -> Row:
        """Another currency, with the same amounts."""
        return self._change(document, CurrencyCode=currency)

    def dated(self, document: str, on: date) -> Row:
        """Another date."""
        return self._change(document, Date=on.isoformat())

    def due(self, document: str, on: date) -> Row:
        """Another due date."""
        return self._change(document, DueDate=on.isoformat())

    def line(self, document: str, at: int = 0, **fields: Any) -> Row:
        """Other fields of one line, by Xero's names; the total stays as it is."""
        _, row = self._found(document)
        lines = [{**line, **fields} if index == at else line for index, line in enumerate(row["LineItems"])]
        return self._change(document, LineItems=lines)

    def lines(self, document: str, lines: list[Row]) -> Row:
        """These lines instead; the total stays as it is."""
        return self._change(document, LineItems=lines)

    def reference(self, document: str, text: str) -> Row:
        """Another reference, as a bookkeeper who knows better types it."""
        return self._change(document, Reference=text)

    def entered(self, number: str, total: Decimal, contact: str = "Entered by hand", **fields: Any) -> Row:
        """A sales invoice that somebody enters under a number, on a contact of this name."""
        line = {"Description": "By hand", "Quantity": 1, "UnitAmount": Decimal(total), "AccountCode": "200"}
        known = [row for row in self._books.contacts.rows() if row["Name"] == contact]
        body = {
            "Type": "ACCREC",
            "InvoiceNumber": number,
            "Contact": {"ContactID": known[0]["ContactID"]} if known else {"Name": contact},
            "Status": "AUTHORISED",
            "Date": "2026-11-02",
            "DueDate": "2026-12-02",
            "LineAmountTypes": "NoTax",
            "LineItems": [line],
            **fields,
        }
        with self._books.store.lock:
            if not known:
                body["Contact"] = {"ContactID": self._accounting.contacts.create({"Name": contact})["ContactID"]}
            made = self._accounting.invoices.create(body, 4)
            self._books.store.flush()
        return made

    def _change(self, document: str, **fields: Any) -> Row:
        with self._books.store.lock:
            documents, row = self._found(document)
            documents.table.put({**row, **fields, "UpdatedDateUTC": self._books.stamp()})
            if row["Status"] in ("AUTHORISED", "PAID"):
                documents.refresh(row[documents.id_field])
            self._books.store.flush()
            return documents.table[row[documents.id_field]]
