"""Qondor's Contact Person API (contract qondor.md, "Customers and contact persons"); nobody is ever deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge.hooks.http.answers import cut
from invoice_bridge.hooks.qondor.api import QondorApi, named_in, path_part

if TYPE_CHECKING:
    from invoice_bridge.hooks.qondor.api import Body, JsonObject

CONTACT_PERSON = "/ContactPerson/v1/ContactPerson"


class ContactPersonCalls(QondorApi):
    """People, and the customers to which they belong. Writes return nothing."""

    def contact_person(self, person_id: int | str) -> JsonObject:
        """One person.

        :raises NotFoundError: there is no such id.
        """
        path = f"{CONTACT_PERSON}/{path_part(person_id, 'contact person')}"
        return self.read_one(path, what=f"reading contact person {person_id}", called="a contact person")

    def contact_person_by_email(self, email: str) -> JsonObject:
        """A person with an e-mail address. Nothing says that she is the only one.

        :raises NotFoundError: nobody has it.
        """
        return self._found("GetByEmail", "email", email)

    def contact_person_by_external_reference(self, reference: str) -> JsonObject:
        """The person to whom another system gave a reference.

        :raises NotFoundError: nobody has it.
        """
        return self._found("GetByExternalReference", "externalReference", reference)

    def create_contact_person(self, body: Body) -> None:
        """Make a person, who belongs to no customer yet. The same body twice makes two.

        :raises RefusedError: definitely not done.
        :raises OutcomeUnknownError: she may be there: look for her before sending it again.
        """
        self.insert(CONTACT_PERSON, body, what=f"the new contact person {_name(body)}")

    def update_contact_person(self, body: Body) -> None:
        """Change the person whom the body names by `id`, or else by `externalReference`.

        :raises NotFoundError: there is no such person.
        :raises RefusedError: definitely not done.
        :raises OutcomeUnknownError: she may have been changed; doing it twice does no harm.
        """
        self.change(CONTACT_PERSON, body, what=f"the update of contact person {named_in(body)}")

    def relate_contact_person(self, body: Body) -> None:
        """Let a person belong to a customer.

        :param body: `contactPersonId`, `contactPersonEmail` or `contactPersonExternalReference`; `customerId` or
            `customerExternalReference`; `isActive`.
        :raises NotFoundError: one of the two is not there.
        :raises RefusedError: definitely not done.
        :raises OutcomeUnknownError: it may have been done; doing it twice does no harm.
        """
        customer = body.get("customerId") or body.get("customerExternalReference")
        what = f"adding a contact person to customer {cut(str(customer), 60)}"
        self.change(f"{CONTACT_PERSON}/UpdateCustomerRelation", body, what=what)

    def _found(self, call: str, parameter: str, value: str) -> JsonObject:
        what = f"reading the contact person of {cut(value, 60)}"
        return self.read_one(f"{CONTACT_PERSON}/{call}", {parameter: value}, what=what, called="a contact person")


def _name(body: Body) -> str:
    names = (str(body[part]) for part in ("firstName", "lastName") if body.get(part))
    return cut(" ".join(names), 60) or "without a name"
