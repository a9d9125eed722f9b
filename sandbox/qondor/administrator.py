"""A person in Qondor: an administrator, or the project manager who made a payment (qondor.md, "States and rules").

What she does with customers, people and sales is bound by no rule of the API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.qondor.payments import STATES, Payments, UnknownPaymentError

if TYPE_CHECKING:
    from datetime import date

    from sandbox.qondor.contact_persons import ContactPersons
    from sandbox.qondor.customers import Customers
    from sandbox.qondor.register import Register
    from sandbox.qondor.sales import Sales
    from sandbox.store import Row, Store


class QondorAdministrator:
    """What people do with payments between two runs, and what Qondor's rules forbid them; all of it is saved.

    An `invoice_id` is Qondor's own. Every method raises `UnknownPaymentError` for another one, and `RuleBrokenError`
    where the payment's state forbids it; `despite_rules` does it all the same, as a mended database would.
    """

    def __init__(
        self, store: Store, payments: Payments, customers: Customers, persons: ContactPersons, sales: Sales
    ) -> None:
        self._store, self._payments = store, payments
        self._customers, self._persons, self._sales = customers, persons, sales

    def set_back(self, invoice_id: object, *, despite_rules: bool = False) -> Row:
        """SetAsUnprocessed: a processed payment waits again, and keeps its reference."""
        if despite_rules:
            return self._put(invoice_id, status=1, statusText=STATES[1], paidDate=None)
        with self._store.lock:
            self._payments.set_unprocessed(self._addressed(invoice_id))
            return self._saved(invoice_id)

    def set_processed(self, invoice_id: object, reference: str | None = None) -> Row:
        """SetAsProcessed by hand, with whatever reference somebody types."""
        with self._store.lock:
            self._payments.set_processed({**self._addressed(invoice_id), "externalReference": reference})
            return self._saved(invoice_id)

    def set_failed(self, invoice_id: object, message: str = "Not to be invoiced") -> Row:
        """SetAsFailed by hand."""
        with self._store.lock:
            self._payments.set_failed({**self._addressed(invoice_id), "failureMessage": message})
            return self._saved(invoice_id)

    def set_paid(self, invoice_id: object, on: date) -> Row:
        """SetAsPaid by hand."""
        with self._store.lock:
            self._payments.set_paid({**self._addressed(invoice_id), "paidDate": on.isoformat()})
            return self._saved(invoice_id)

    def change(self, invoice_id: object, **fields: Any) -> Row:
        """Another number, office, project, customer or amount; whatever the payment's state is."""
        return self._put(invoice_id, **fields)

    def remove(self, invoice_id: object) -> None:
        """The payment is deleted: Qondor answers 404 from now on."""
        with self._store.lock:
            self._payments.read(invoice_id)
            self._payments.table.remove(str(invoice_id))
            self._store.flush()

    def add_customer(self, **fields: Any) -> Row:
        """A new customer, and with `contactPersons` its people."""
        return self._kept(self._customers, fields)

    def change_customer(self, customer_id: int, **fields: Any) -> Row:
        """Another name, address, number, office or e-mail of a customer.

        :raises UnknownEntryError: there is none.
        """
        return self._kept(self._customers, {**self._customers.by_id(customer_id), **fields})

    def change_email(self, customer_id: int, email: str | None) -> Row:
        """Another e-mail address for the invoices of a customer."""
        return self.change_customer(customer_id, invoiceEmail=email)

    def deactivate_customer(self, customer_id: int) -> Row:
        """The customer is used no more; it stays in every list."""
        return self.change_customer(customer_id, isActive=False)

    def change_contact_person(self, person_id: int, **fields: Any) -> Row:
        """Another name, e-mail or telephone number of a person.

        :raises UnknownEntryError: there is none.
        """
        return self._kept(self._persons, {**self._persons.by_id(person_id), **fields})

    def change_sale(self, sale_id: int, **fields: Any) -> Row:
        """Another amount, due date or reference of a sale.

        :raises UnknownEntryError: there is none.
        """
        return self._kept(self._sales, {**self._sales.by_id(sale_id), **fields})

    def remove_sale(self, sale_id: int) -> None:
        """The sale is deleted."""
        with self._store.lock:
            self._sales.remove(self._sales.by_id(sale_id)["id"])
            self._store.flush()

    def close_project(self, project_id: int) -> None:
        """The project takes no sales any more, neither new ones nor changes."""
        self._sales.closed_projects.add(project_id)

    def reopen_project(self, project_id: int) -> None:
        """It takes them again."""
        self._sales.closed_projects.discard(project_id)

    def _kept(self, register: Register, row: Row) -> Row:
        with self._store.lock:
            kept = register.put(row)
            self._store.flush()
        return kept

    def _put(self, invoice_id: object, **fields: Any) -> Row:
        with self._store.lock:
            self._payments.table.put({**self._payments.read(invoice_id), **fields})
            return self._saved(invoice_id)

    def _addressed(self, invoice_id: object) -> Row:
        try:
            return {"invoiceId": int(str(invoice_id))}
        except ValueError as error:
            raise UnknownPaymentError(str(invoice_id)) from error

    def _saved(self, invoice_id: object) -> Row:
        self._store.flush()
        return self._payments.read(invoice_id)
