"""Xero as a finance system."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from invoice_bridge.hooks.xero.where import can_be_asked, equals
from invoice_bridge.systems.marks import booking_number, marker_of
from invoice_bridge.systems.xero.allocations import Allocations
from invoice_bridge.systems.xero.booking_status import GONE, BookingStatusReader
from invoice_bridge.systems.xero.bookings import booking_of, create_warnings, sorted_refusal
from invoice_bridge.systems.xero.card_money import CardMoney
from invoice_bridge.systems.xero.checks import xero_problems
from invoice_bridge.systems.xero.contact_card import contact_identity
from invoice_bridge.systems.xero.contacts import Contacts
from invoice_bridge.systems.xero.documents import document_body
from invoice_bridge.systems.xero.find import as_found, status_with_id
from invoice_bridge.systems.xero.items import Items, items_of
from invoice_bridge.systems.xero.reference import Books, read_accounts, read_reference
from invoice_bridge.systems.xero.settings import XeroSettings
from invoice_bridge_core.errors import (
    ConfigurationError,
    GarbledAnswerError,
    InDoubtError,
    NeedsHumanError,
    NotFoundError,
    OutcomeUnknownError,
    RefusedError,
)
from invoice_bridge_core.transfer.credit_notes import why_not_credited

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from invoice_bridge.hooks.xero.hook import XeroHook
    from invoice_bridge_core.documents import Document, Party
    from invoice_bridge_core.documents.problems import Problem
    from invoice_bridge_core.ports import Booking, Contact, ContactIdentity, Item, ReferenceData, Steps
    from invoice_bridge_core.ports.booking_status import BookingStatus, PaymentChanges, ReceivedPayment
    from invoice_bridge_core.ports.observations import ConnectionObservations
    from invoice_bridge_core.routes.model import Route

log = logging.getLogger(__name__)

_LIVING = "DRAFT,SUBMITTED,AUTHORISED,PAID,VOIDED"
"""Statuses that keep a number; a deleted draft frees it."""


class XeroFinance:
    """Books the documents of one route in Xero (contract xero.md; seed 002).

    Calls in the ordinary case: none for a known customer, 1 for a document, 1 more for card money or an allocation; a
    new customer costs 3 at most.
    """

    system: str = "xero"
    name: str = "Xero"
    shows_changes: bool = True

    def __init__(self, hook: XeroHook, route: Route) -> None:
        settings = route.finance_as(XeroSettings)
        self.conn_id = settings.conn_id
        self._hook = hook
        self._route = route
        self._card_account_name = settings.card_payment_account
        self._contacts = Contacts(hook, route, hold_ambiguous=settings.ambiguous_contact == "hold")
        self._card_money = CardMoney(hook, self._card_account)
        self._allocations = Allocations(hook)
        self._items = Items(hook)
        follows_credit_notes = route.payments.report_credit_notes or settings.invoice_status == "DRAFT"
        self._statuses = BookingStatusReader(
            hook,
            with_credit_notes=follows_credit_notes,
            tells_credit_from_money=route.payments.settled_by_credit == "hold",
        )
        self._books: Books | None = None
        self._fingerprint = ""

    @property
    def observations(self) -> ConnectionObservations:
        """What the answers told this process about the connection."""
        return self._hook.observations

    def reference_data(self) -> ReferenceData:
        """Organisation, accounts, currencies and tax rates: four calls."""
        return read_reference(self._hook)

    def problems(self, document: Document, reference: ReferenceData) -> list[Problem]:
        """All that Xero would refuse in the document, found without asking it."""
        return xero_problems(document, self._route, self._use(reference))

    def contact_identity(self, party: Party) -> ContactIdentity:
        """What makes this party one contact."""
        return contact_identity(party, self._route)

    def find_contact(self, party: Party) -> Contact | None:
        """The contact that belongs to the party, brought up to date: by tax number, then by e-mail address.

        :raises NeedsHumanError: several fit and the route wants a person to choose.
        """
        return self._contacts.find(party)

    def recover_contact(self, party: Party) -> Contact | None:
        """The contact that carries our own key for the party."""
        return self._contacts.recover(party)

    def create_contact(self, party: Party, *, idempotency_key: str, name_is_taken: bool) -> Contact:
        """Make a contact; under a name of its own when another customer has the name.

        :raises NeedsHumanError: an archived contact has the name.
        """
        return self._contacts.create(party, idempotency_key=idempotency_key, name_is_taken=name_is_taken)

    def update_contact(self, contact_id: str, party: Party) -> Contact:
        """Bring a contact up to date, or the one that it was merged into.

        :raises ContactUnusableError: it is archived or gone.
        """
        return self._contacts.update(contact_id, party)

    def booking_number(self, document: Document) -> str:
        """The document's number behind the route's prefix."""
        return booking_number(document.number, self._route)

    def marker(self, document: Document) -> str:
        """The document's reference, which stands in Xero's `Reference`."""
        return marker_of(document)

    def find_by_number(self, number: str, *, is_credit_note: bool) -> BookingStatus | None:
        """What keeps the number taken, drafts and voided ones too; a deleted draft keeps none.

        :raises InDoubtError: Xero cannot be asked for such a number.
        """
        try:
            booking = self._find_credit_note(number) if is_credit_note else next(self._find_invoices([number]), None)
        except NeedsHumanError as error:
            raise InDoubtError(str(error)) from error
        return as_found(booking) if booking else None

    def find_by_id(self, finance_id: str, *, is_credit_note: bool) -> BookingStatus | None:
        """What Xero holds under the id, in any status; nothing for a text that is no id of Xero's."""
        return status_with_id(self._hook, finance_id, self._short_code, is_credit_note=is_credit_note)

    def refers_to_credited(self, credit_note: Document) -> bool:
        """What is allocated to its invoice does; a card refund has its money back already, and no allocation."""
        return not credit_note.is_card_refund

    def find_credited(self, document: Document) -> Booking | None:
        """The invoice that the credit note names, with the route's prefix or, booked by hand, without it.

        On whose contact it is, the allocation compares, once the credit note has one.
        """
        if document.credited_number is None:
            return None
        prefixed = document.model_copy(update={"number": document.credited_number})
        for found in self._find_invoices([self.booking_number(prefixed), document.credited_number]):
            gone = f"it is {found.status.lower()}" if found.status in GONE else None
            if (reason := gone or why_not_credited(found, document)) is None:
                return found
            log.warning("Invoice %s in Xero is not what %s credits: %s", found.number, document.number, reason)
        return None

    def payload(
        self, document: Document, contact_id: str, reference: ReferenceData, credited: Booking | None = None
    ) -> dict[str, Any]:
        """The body that `create` sends."""
        return document_body(document, contact_id, self._route, self._use(reference))

    def create(
        self,
        document: Document,
        contact_id: str,
        reference: ReferenceData,
        credited: Booking | None = None,
        *,
        idempotency_key: str,
    ) -> Booking:
        """Book the document: one call.

        :raises OutcomeUnknownError: it may have been booked.
        :raises NumberTakenError: the number exists.
        :raises ContactUnusableError: the contact was archived or merged.
        :raises RefusedError: it was definitely not booked.
        """
        body = self.payload(document, contact_id, reference)
        create = self._hook.create_credit_note if document.is_credit_note else self._hook.create_invoice
        try:
            booking = booking_of(create(body, idempotency_key=idempotency_key), self._short_code)
        except GarbledAnswerError as error:
            raise OutcomeUnknownError(f"{error}; it may have been booked") from error
        except RefusedError as error:
            raise sorted_refusal(error) from error
        warnings = create_warnings(document, booking, self._route.policy.total_tolerance)
        return booking.model_copy(update={"warnings": (*booking.warnings, *warnings)})

    def items(self, document: Document) -> list[Item]:
        """The products of the document as Items; none when the route ignores them."""
        return items_of(document, self._route)

    def ensure_item(self, item: Item) -> str:
        """Make the Item, or bring it up to date: one call when it is as it should be, else two."""
        return self._items.ensure(item)

    def finish(self, document: Document, booking: Booking, credited: Booking | None, steps: Steps) -> Booking:
        """Book card money or allocate a credit note; what cannot be allocated stands in the booking's warnings.

        :raises RefusedError: Xero did definitely not take the payment or refund.
        """
        if document.is_card_payment:
            return self._card_money.pay(document, booking, steps)
        if document.is_card_refund:
            return self._card_money.refund(document, booking, steps)
        if document.is_credit_note:
            return self._allocations.allocate(document, booking, credited, steps)
        return booking

    def pdf(self, booking: Booking) -> bytes:
        """The booked document as Xero prints it; a booking does not tell which of the two kinds it is.

        :raises NotFoundError: Xero has neither an invoice nor a credit note of that id.
        """
        try:
            return self._hook.invoice_pdf(booking.finance_id)
        except NotFoundError:
            return self._hook.credit_note_pdf(booking.finance_id)

    def booking_statuses(self, finance_ids: Sequence[str]) -> dict[str, BookingStatus]:
        """How these bookings stand: one call for 40 invoices, one for 20 credit notes."""
        return self._statuses.by_id(finance_ids, self._short_code)

    def payment_changes(self, cursor: str | None, since: dt.datetime) -> PaymentChanges:
        """What changed since the cursor: one call for a thousand invoices, however many are open.

        One more for credit notes, where the route reports them or books drafts.
        """
        return self._statuses.changes(cursor, since, self._short_code)

    def acknowledge(self, payment: ReceivedPayment, external_id: str) -> None:
        """Nothing: Xero hands out no payments that wait to be acknowledged."""

    def payment_numbers(self, finance_ids: Sequence[str]) -> dict[str, str]:
        """What the last payment of each is known by, else its credit: one call for 40 invoices, 20 credit notes."""
        return self._statuses.payment_numbers(finance_ids)

    def dated(self, since: dt.date, until: dt.date) -> Sequence[BookingStatus]:
        """All invoices and credit notes of these days: two calls for a thousand of each."""
        return self._statuses.dated(since, until, self._short_code)

    def _find_invoices(self, numbers: list[str]) -> Iterator[Booking]:
        """The invoices of these numbers, in their order; one call."""
        wanted = list(dict.fromkeys(numbers))
        what = f"looking for invoice {wanted[0]}"
        if all(map(can_be_asked, wanted)) and not any("," in number for number in wanted):
            question = {"InvoiceNumbers": ",".join(wanted)}
        else:
            question = {"where": " OR ".join(_number_is("InvoiceNumber", number) for number in wanted)}
        found = self._hook.invoices({**question, "Statuses": _LIVING}, what=what)
        sales = [invoice for invoice in found if (invoice.type or "ACCREC") == "ACCREC"]
        for number in wanted:
            for invoice in sales:
                if _is_held(invoice.number, invoice.status, number):
                    yield booking_of(invoice, self._short_code)

    def _find_credit_note(self, number: str) -> Booking | None:
        found = self._hook.credit_notes(
            _number_is("CreditNoteNumber", number), what=f"looking for credit note {number}"
        )
        for note in found:
            if (note.type or "ACCRECCREDIT") == "ACCRECCREDIT" and _is_held(note.number, note.status, number):
                return booking_of(note, self._short_code)
        return None

    def _use(self, reference: ReferenceData) -> Books:
        if self._books is None or self._fingerprint != reference.fingerprint:
            self._books, self._fingerprint = Books.of(reference), reference.fingerprint
        return self._books

    @property
    def _short_code(self) -> str | None:
        return self._books.short_code if self._books else None

    def _card_account(self) -> dict[str, str]:
        """The account that card money lands on; a document taken up again may come here without reference data."""
        if not self._card_account_name:
            raise ConfigurationError(f"Route {self._route.route} has no card_payment_account")
        books = self._books or Books(accounts=read_accounts(self._hook))
        account = books.payment_account(self._card_account_name)
        if account is None:
            raise ConfigurationError(f"Card payment account '{self._card_account_name}' not found in Xero")
        return {"AccountID": account.account_id}


def _number_is(field: str, number: str) -> str:
    if not can_be_asked(number):
        raise NeedsHumanError(f"Xero cannot be asked for number '{number}': look whether it is booked there")
    return equals(field, number)


def _is_held(number: str, status: str | None, wanted: str) -> bool:
    return number.casefold() == wanted.casefold() and (status or "").upper() != "DELETED"
