"""Xero's Accounting API 2.0: one method per verb (contract xero.md; schemas in Xero's own OpenAPI file).

Creating is PUT everywhere: a POST of a number or name that exists overwrites whatever has it.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from invoice_bridge.hooks.http.answers import MAY_BE_DONE
from invoice_bridge.hooks.xero.api import BASE
from invoice_bridge.hooks.xero.contact_calls import ContactBatches, SavedContact, since
from invoice_bridge.hooks.xero.document_calls import DocumentBatches
from invoice_bridge.hooks.xero.wire import (
    NO_ID,
    XeroAccount,
    XeroAllocation,
    XeroContact,
    XeroCreditNote,
    XeroCurrency,
    XeroInvoice,
    XeroItem,
    XeroOrganisation,
    XeroPayment,
    XeroTaxRate,
)
from invoice_bridge_core.errors import NotFoundError, OutcomeUnknownError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    Body = Mapping[str, Any]

__all__ = ["FOUR_DECIMALS", "IDS_PER_CALL", "SavedContact", "XeroHook"]

T = TypeVar("T")

CONTACTS_PER_PAGE = 100
IDS_PER_CALL = 40
FOUR_DECIMALS = {"unitdp": "4"}
"""Without it unit prices are rounded to two decimals before a line is computed."""


class XeroHook(ContactBatches, DocumentBatches):
    """Xero's accounting API.

    Every write is sent once: it returns what Xero made of it, or raises `RefusedError` (definitely not done) or
    `OutcomeUnknownError` (look before sending it again).
    """

    conn_type: ClassVar[str] = "xero"  # type: ignore[misc]
    hook_name: ClassVar[str] = "Xero"  # type: ignore[misc]
    default_conn_name: ClassVar[str] = "xero_default"  # type: ignore[misc]

    def check(self) -> str:
        """Names the organisation that the connection reaches."""
        organisation = self.organisation()
        return f"Connected to {organisation.name or 'an organisation without a name'} in Xero"

    def organisation(self) -> XeroOrganisation:
        """The organisation of the connection's tenant."""
        what = "reading the organisation"
        return _only(self.read("Organisation", "Organisations", XeroOrganisation, what=what), what)

    def accounts(self) -> tuple[XeroAccount, ...]:
        """The whole chart of accounts, archived ones too."""
        return self.read("Accounts", "Accounts", XeroAccount, what="reading the chart of accounts")

    def currencies(self) -> tuple[XeroCurrency, ...]:
        """The currencies that the organisation is subscribed to."""
        return self.read("Currencies", "Currencies", XeroCurrency, what="reading the currencies")

    def tax_rates(self) -> tuple[XeroTaxRate, ...]:
        """All tax rates."""
        return self.read("TaxRates", "TaxRates", XeroTaxRate, what="reading the tax rates")

    def contacts(self, where: str, *, order: str, what: str) -> tuple[XeroContact, ...]:
        """The contacts that a filter finds, archived ones too, and into which others were merged.

        :param order: a field that does not change, since the default order is by last update.
        """
        found: list[XeroContact] = []
        for page in count(1):
            # Xero tells what a contact was merged into only where a page is asked for.
            params = {"where": where, "order": order, "includeArchived": "true", "page": str(page)}
            elements = self.read("Contacts", "Contacts", XeroContact, params=params, what=what)
            found += elements
            if len(elements) < CONTACTS_PER_PAGE:
                break
        return tuple(found)

    def contacts_by_id(self, contact_ids: Sequence[str], *, what: str) -> tuple[XeroContact, ...]:
        """The contacts of these ids, archived ones too, and into which others they were merged; 40 a call."""
        found: list[XeroContact] = []
        for ids in (contact_ids[start : start + IDS_PER_CALL] for start in range(0, len(contact_ids), IDS_PER_CALL)):
            params = {"IDs": ",".join(ids), "includeArchived": "true", "page": "1"}
            found += self.read("Contacts", "Contacts", XeroContact, params=params, what=what)
        return tuple(found)

    def contact(self, contact_id: str) -> XeroContact:
        """One contact, archived or merged ones too.

        :raises NotFoundError: there is none.
        """
        what = f"reading contact {contact_id}"
        return _only(self.read(f"Contacts/{contact_id}", "Contacts", XeroContact, what=what), what)

    def create_contact(self, body: Body, *, idempotency_key: str) -> XeroContact:
        """Make a contact; a name that another active contact has is refused."""
        what = f"the new contact '{body.get('Name')}'"
        return self.write("PUT", "Contacts", "Contacts", XeroContact, body, idempotency_key=idempotency_key, what=what)

    def update_contact(self, contact_id: str, body: Body) -> XeroContact:
        """Change the named fields of a contact and leave the others; doing it twice does no harm."""
        what = f"the update of contact {contact_id}"
        path = f"Contacts/{contact_id}"
        body = {"ContactID": contact_id, **body}
        return self.write("POST", path, "Contacts", XeroContact, body, idempotency_key=None, what=what)

    def invoices(
        self, params: Mapping[str, str], *, what: str, modified_since: dt.datetime | None = None
    ) -> tuple[XeroInvoice, ...]:
        """The invoices that a question finds: `InvoiceNumbers`, `IDs`, `Statuses`, `where`, `page`, `summaryOnly`…

        :param modified_since: only those changed after this moment; aware.
        """
        headers = since(modified_since)
        return self.read("Invoices", "Invoices", XeroInvoice, params=params, headers=headers, what=what)

    def invoice(self, invoice_id: str) -> XeroInvoice:
        """One invoice.

        :raises NotFoundError: there is none.
        """
        what = f"reading invoice {invoice_id}"
        return _only(self.read(f"Invoices/{invoice_id}", "Invoices", XeroInvoice, what=what), what)

    def create_invoice(self, body: Body, *, idempotency_key: str) -> XeroInvoice:
        """Book an invoice; a number that exists is refused."""
        what = f"invoice {body.get('InvoiceNumber')}"
        return self.write(
            "PUT", "Invoices", "Invoices", XeroInvoice, body,
            idempotency_key=idempotency_key, params=FOUR_DECIMALS, what=what,
        )  # fmt: skip

    def invoice_pdf(self, invoice_id: str) -> bytes:
        """The invoice as Xero prints it.

        :raises NotFoundError: there is none.
        """
        return self._pdf(f"Invoices/{invoice_id}", what=f"reading the PDF of invoice {invoice_id}")

    def credit_note_pdf(self, credit_note_id: str) -> bytes:
        """The credit note as Xero prints it.

        :raises NotFoundError: there is none.
        """
        return self._pdf(f"CreditNotes/{credit_note_id}", what=f"reading the PDF of credit note {credit_note_id}")

    def credit_notes(
        self,
        where: str,
        *,
        what: str,
        params: Mapping[str, str] | None = None,
        modified_since: dt.datetime | None = None,
    ) -> tuple[XeroCreditNote, ...]:
        """The credit notes that a filter finds.

        :param params: `page` and `pageSize`; without them Xero shows the first hundred.
        :param modified_since: only those changed after this moment; aware.
        """
        params = {"where": where, "order": "CreditNoteID", **(params or {}), **FOUR_DECIMALS}
        headers = since(modified_since)
        return self.read("CreditNotes", "CreditNotes", XeroCreditNote, params=params, headers=headers, what=what)

    def credit_note(self, credit_note_id: str) -> XeroCreditNote:
        """One credit note with its allocations and refunds.

        :raises NotFoundError: there is none.
        """
        what = f"reading credit note {credit_note_id}"
        return _only(self.read(f"CreditNotes/{credit_note_id}", "CreditNotes", XeroCreditNote, what=what), what)

    def create_credit_note(self, body: Body, *, idempotency_key: str) -> XeroCreditNote:
        """Book a credit note."""
        what = f"credit note {body.get('CreditNoteNumber')}"
        return self.write(
            "PUT", "CreditNotes", "CreditNotes", XeroCreditNote, body,
            idempotency_key=idempotency_key, params=FOUR_DECIMALS, what=what,
        )  # fmt: skip

    def allocate(self, credit_note_id: str, body: Body, *, idempotency_key: str, what: str) -> XeroAllocation:
        """Set a part of a credit note off against an invoice. The same body twice allocates twice."""
        path = f"CreditNotes/{credit_note_id}/Allocations"
        made = self.write(
            "PUT", path, "Allocations", XeroAllocation, body,
            idempotency_key=idempotency_key, what=what, has_id=False,
        )  # fmt: skip
        if made.allocation_id == NO_ID or made.amount is None:
            raise OutcomeUnknownError(f"Xero answered {what} without an amount; {MAY_BE_DONE}")
        return made

    def payments(self, where: str, *, what: str) -> tuple[XeroPayment, ...]:
        """The payments that a filter finds, deleted ones too."""
        return self.read("Payments", "Payments", XeroPayment, params={"where": where}, what=what)

    def create_payment(self, body: Body, *, idempotency_key: str, what: str) -> XeroPayment:
        """Book a payment of an invoice or a refund of a credit note. The same body twice pays twice."""
        return self.write("PUT", "Payments", "Payments", XeroPayment, body, idempotency_key=idempotency_key, what=what)

    def items(self, where: str, *, what: str) -> tuple[XeroItem, ...]:
        """The products that a filter finds."""
        return self.read("Items", "Items", XeroItem, params={"where": where}, what=what)

    def create_item(self, body: Body, *, idempotency_key: str) -> XeroItem:
        """Make a product; a code that exists is refused."""
        what = f"item {body.get('Code')}"
        return self.write(
            "PUT", "Items", "Items", XeroItem, body,
            idempotency_key=idempotency_key, params=FOUR_DECIMALS, what=what,
        )  # fmt: skip

    def update_item(self, item_id: str, body: Body) -> XeroItem:
        """Change the named fields of a product and leave the others; doing it twice does no harm."""
        what = f"the update of item {body.get('Code')}"
        body = {"ItemID": item_id, **body}
        return self.write(
            "POST", f"Items/{item_id}", "Items", XeroItem, body,
            idempotency_key=None, params=FOUR_DECIMALS, what=what,
        )  # fmt: skip

    def _pdf(self, path: str, *, what: str) -> bytes:
        answer = self.call("GET", BASE + path, accept="application/pdf", headers=self._tenant, what=what)
        return answer.pdf()


def _only(elements: Sequence[T], what: str) -> T:
    if not elements:
        raise NotFoundError(f"Xero answered {what} with nothing")
    return elements[0]
