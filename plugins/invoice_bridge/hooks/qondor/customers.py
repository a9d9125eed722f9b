"""Qondor's Customer API (contract qondor.md, "Customers and contact persons")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge.hooks.http.answers import cut
from invoice_bridge.hooks.qondor.api import QondorApi, named_in, path_part

if TYPE_CHECKING:
    from invoice_bridge.hooks.qondor.api import Body, JsonObject

CUSTOMER = "/Customer/v1/Customer"


class CustomerCalls(QondorApi):
    """The customer register. Writes return nothing: whoever needs the id of a new customer looks for it."""

    def customers(self, office_id: int | str | None = None) -> list[JsonObject]:
        """Every customer, in one call and in short.

        An entry has the id, external reference, name, numbers, city, office, `isActive` and the invoice e-mail, but
        neither addresses nor tax numbers nor contact persons: `customer` reads those.
        """
        what = "listing the customers" if office_id is None else f"listing the customers of office {office_id}"
        return self.read_entries(f"{CUSTOMER}/GetAll", _office(office_id), what=what)

    def customer(self, customer_id: int | str) -> JsonObject:
        """One customer in full, with its contact persons.

        :raises NotFoundError: there is no such id.
        """
        path = f"{CUSTOMER}/{path_part(customer_id, 'customer')}"
        return self.read_one(path, what=f"reading customer {customer_id}", called="a customer")

    def customer_by_external_reference(self, reference: str) -> JsonObject:
        """A customer in full, by the reference that another system gave it. Nothing says that it is the only one.

        :raises NotFoundError: no customer has it.
        """
        return self.read_one(
            f"{CUSTOMER}/GetByExternalReference",
            {"externalReference": reference},
            what=f"reading the customer of reference {cut(reference, 60)}",
            called="a customer",
        )

    def customers_by_number(self, number: str, office_id: int | str | None = None) -> list[JsonObject]:
        """The customers of a number in full; none when there are none, and several where they share it."""
        return self.read_entries(
            f"{CUSTOMER}/GetAllByCustomerNumber",
            {"customerNumber": number, **_office(office_id)},
            what=f"reading the customers of number {cut(number, 60)}",
        )

    def create_customer(self, body: Body) -> None:
        """Make a customer. The same body twice makes two of them.

        :raises RefusedError: definitely not done.
        :raises OutcomeUnknownError: it may be there: look for it before sending it again.
        """
        self.insert(CUSTOMER, body, what=f"the new customer {cut(str(body.get('name')), 60)}")

    def update_customer(self, body: Body) -> None:
        """Change the customer that the body names by `id`, or else by `externalReference`.

        :raises NotFoundError: there is no such customer.
        :raises RefusedError: definitely not done.
        :raises OutcomeUnknownError: it may have been changed; doing it twice does no harm.
        """
        self.change(CUSTOMER, body, what=f"the update of customer {named_in(body)}")


def _office(office_id: int | str | None) -> dict[str, str]:
    return {} if office_id is None else {"officeId": str(office_id)}
