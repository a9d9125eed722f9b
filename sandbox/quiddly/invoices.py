"""Quiddly's invoices: a number each, created, then activated once (quiddly.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.quiddly.rules import distribution_faults, invoice_faults
from sandbox.quiddly.shape import Faults, activation_faults

if TYPE_CHECKING:
    from sandbox.store import Row, Table

_FIRST_ID = 100_000_001


class RefusedError(Exception):
    """Faults of a body, by field."""

    def __init__(self, faults: Faults) -> None:
        super().__init__("; ".join(f"{field} {message}" for field, each in faults.items() for message in each))
        self.faults = faults


class TakenError(Exception):
    """The number belongs to an invoice already."""


class ActivatedError(Exception):
    """The invoice has been activated before."""


class Invoices:
    """What Quiddly lets an ERP do with invoices."""

    def __init__(self, invoices: Table, distributions: Table, deleted: Table) -> None:
        self.table, self.distributions, self.deleted = invoices, distributions, deleted

    def create(self, body: Any) -> Row:
        """A new invoice, in the state `CREATED`: nobody has been told of it yet."""
        faults = invoice_faults(body)
        if not faults and body["type"] == "CREDIT_INVOICE":
            faults = self._credit_faults(body)
        if faults:
            raise RefusedError(faults)
        if self.table.find("invoiceNumber", body["invoiceNumber"]):
            raise TakenError(f"An invoice with invoiceNumber {body['invoiceNumber']} already exists.")
        return self.table.put({"id": self.next_id(), "status": "CREATED", **body})

    def next_id(self) -> str:
        """An id that no invoice has, or had before it was deleted."""
        return f"I.{_FIRST_ID + len(self.table) + len(self.deleted)}"

    def delete(self, invoice_id: str) -> None:
        """The invoice is gone, and its number free; its id is never given again."""
        self.deleted.put({"id": invoice_id})
        self.table.remove(invoice_id)

    def activate(self, invoice_id: str, body: Any) -> Row:
        """The invoice goes out to its debtor, which cannot be undone.

        :raises KeyError: no such invoice.
        """
        invoice = self.table[invoice_id]
        faults = activation_faults(body)
        if faults:
            raise RefusedError(faults)
        if invoice["status"] != "CREATED":
            raise ActivatedError(f"Invoice {invoice_id} is already activated.")
        invoice = {**invoice, **body}
        faults = distribution_faults(invoice, invoice["distributionCode"])
        if faults:
            raise RefusedError(faults)
        self.distributions.put(
            {"id": len(self.distributions) + 1, "invoice": invoice_id, "code": invoice["distributionCode"]}
        )
        return self.table.put({**invoice, "status": "ACTIVATED"})

    def numbered(self, number: str | None) -> list[Row]:
        """The invoices of a number, or all of them."""
        return self.table.rows() if number is None else self.table.find("invoiceNumber", number)

    def _credit_faults(self, body: Row) -> Faults:
        debits = self.table.find("invoiceNumber", body["debitInvoiceNumber"])
        if not debits or debits[0]["type"] != "INVOICE":
            return {"debitInvoiceNumber": [f"There is no invoice {body['debitInvoiceNumber']} to be credited."]}
        if debits[0]["currency"]["invoiceCurrency"] != body["currency"]["invoiceCurrency"]:
            return {"currency.invoiceCurrency": ["must be the currency of the invoice that is credited."]}
        return {}
