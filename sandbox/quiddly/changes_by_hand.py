"""What a bookkeeper changes in Quiddly's invoices by hand, where no verb of the page or the command does."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.bookkeeping import UnknownDocumentError

if TYPE_CHECKING:
    from datetime import date

    from sandbox.quiddly.invoices import Invoices
    from sandbox.store import Row, Store


class ChangesByHand:
    """Changes of single fields, whatever the invoice's status is. A `document` is a number or an id."""

    def __init__(self, store: Store, invoices: Invoices) -> None:
        self._store, self._invoices = store, invoices

    def delete(self, document: str) -> None:
        """The invoice is gone, and its number free."""
        with self._store.lock:
            self._invoices.delete(self._row(document)["id"])
            self._store.flush()

    def renumber(self, document: str, number: str) -> Row:
        """Another number, as nobody should."""
        return self._change(document, invoiceNumber=number)

    def total(self, document: str, total: Decimal) -> Row:
        """Another total to pay, with the same rows."""
        row = self._row(document)
        totals = {**row["totals"], "totalToPay": Decimal(total)}
        return self._change(document, totals=totals)

    def dated(self, document: str, on: date) -> Row:
        """Another date."""
        row = self._row(document)
        return self._change(document, dates={**row["dates"], "invoiceDate": on.isoformat()})

    def due(self, document: str, on: date) -> Row:
        """Another due date."""
        return self._change(document, dates={**self._row(document)["dates"], "expireDate": on.isoformat()})

    def contact(self, document: str, customer_number: str) -> Row:
        """Another debtor."""
        row = self._row(document)
        return self._change(document, debtor={**row["debtor"], "customerNumber": customer_number})

    def currency(self, document: str, currency: str) -> Row:
        """Another currency, with the same amounts."""
        row = self._row(document)
        return self._change(document, currency={**row["currency"], "invoiceCurrency": currency})

    def entered(self, number: str, like: str) -> Row:
        """An invoice that somebody enters under a number, after the model of another one; without its mark."""
        with self._store.lock:
            model = {name: value for name, value in self._row(like).items() if name not in ("id", "ourOrderNumber")}
            made = self._invoices.table.put({**model, "id": self._invoices.next_id(), "invoiceNumber": number})
            self._store.flush()
            return made

    def _row(self, document: str) -> Row:
        if document in self._invoices.table:
            return self._invoices.table[document]
        found = self._invoices.numbered(document)
        if not found:
            raise UnknownDocumentError(f"Quiddly has no invoice {document}.")
        return found[0]

    def _change(self, document: str, **fields: Any) -> Row:
        with self._store.lock:
            changed = self._invoices.table.put({**self._row(document), **fields})
            self._store.flush()
            return changed
