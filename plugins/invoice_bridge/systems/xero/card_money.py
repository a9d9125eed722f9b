"""Money that a card has paid or got back already: booked as a payment or refund right after its document.

Nothing makes a payment unique in Xero. Each carries our mark in `Reference`, and one that may have been sent before is
looked for first: payments by that mark, refunds in the credit note.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoice_bridge.hooks.xero.where import is_id
from invoice_bridge.systems.marks import marker_of
from invoice_bridge.systems.xero.arithmetic import total_in_cents
from invoice_bridge.systems.xero.reference import Books, read_accounts
from invoice_bridge.systems.xero.step_writes import exceeds_outstanding, not_there, paid_in_full, send_step, warned
from invoice_bridge_core.errors import ConfigurationError, HeldError, RefusedError

if TYPE_CHECKING:
    from invoice_bridge.hooks.xero.hook import XeroHook
    from invoice_bridge.systems.xero.reference import XeroReference
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ports import Booking, Steps

PAYMENT, REFUND = "payment", "refund"


class CardAccount:
    """The account that the card money of one route lands on.

    :param name: its code, id or name, as the route says it.
    """

    def __init__(self, hook: XeroHook, route_name: str, name: str | None, reference: XeroReference) -> None:
        self._hook = hook
        self._route_name = route_name
        self._name = name
        self._reference = reference

    def body(self) -> dict[str, str]:
        """What names the account in a payment.

        :raises ConfigurationError: the route names none, or Xero has none of the name.
        """
        if not self._name:
            raise ConfigurationError(f"Route {self._route_name} has no card_payment_account")
        # A document that is taken up again may come here without reference data.
        books = self._reference.used_last or Books(accounts=read_accounts(self._hook))
        account = books.payment_account(self._name)
        if account is None:
            raise ConfigurationError(f"Card payment account '{self._name}' not found in Xero")
        return {"AccountID": account.account_id}


class CardMoney:
    """Books card payments and card refunds in full.

    :param account: the account that card money lands on; looked for only when something is sent.
    """

    def __init__(self, hook: XeroHook, account: CardAccount) -> None:
        self._hook = hook
        self._account = account

    def pay(self, document: Document, booking: Booking, steps: Steps) -> Booking:
        """Book the payment of a card payment's invoice, unless it is booked."""
        if steps.is_done(PAYMENT) or booking.status == "PAID" or booking.total == 0:
            return paid_in_full(booking)
        if steps.was_tried(PAYMENT):
            if (payment_id := self._payment_sent(document, booking)) is not None:
                steps.done(PAYMENT, payment_id)
                return paid_in_full(booking)
            not_there(PAYMENT, steps)
        try:
            self._send(PAYMENT, document, booking, {"Invoice": {"InvoiceID": booking.finance_id}}, steps)
        except RefusedError as error:
            if not exceeds_outstanding(error) or self._hook.invoice(booking.finance_id).amount_due != 0:
                raise
            return paid_in_full(
                warned(booking, f"{booking.number} is already paid in Xero, so its card payment was not booked")
            )
        return paid_in_full(booking)

    def refund(self, document: Document, booking: Booking, steps: Steps) -> Booking:
        """Book the refund of a credit note whose money has gone back to a card, unless it is booked."""
        if steps.is_done(REFUND) or booking.status == "PAID" or booking.total == 0:
            return paid_in_full(booking)
        if steps.was_tried(REFUND):
            note = self._hook.credit_note(booking.finance_id)
            ours = [each for each in note.payments or () if each.reference == _mark(document) and not each.is_deleted]
            if ours:
                steps.done(REFUND, ours[0].payment_id)
                return paid_in_full(booking)
            not_there(REFUND, steps)
        try:
            self._send(REFUND, document, booking, {"CreditNote": {"CreditNoteID": booking.finance_id}}, steps)
        except RefusedError as error:
            if not exceeds_outstanding(error) or self._hook.credit_note(booking.finance_id).remaining_credit != 0:
                raise
            return paid_in_full(
                warned(booking, f"{booking.number} is already used up in Xero, so its refund was not booked")
            )
        return paid_in_full(booking)

    def _payment_sent(self, document: Document, booking: Booking) -> str | None:
        condition = is_id("Invoice.InvoiceID", booking.finance_id)
        for payment in self._hook.payments(condition, what=f"looking for the payment of {booking.number}"):
            if payment.reference == _mark(document) and not payment.is_deleted:
                return payment.payment_id
        return None

    def _send(self, step: str, document: Document, booking: Booking, of: dict[str, Any], steps: Steps) -> None:
        if document.invoice_date is None:
            raise HeldError(f"{booking.number} has no date, so its card payment cannot be booked")
        body = {
            **of,
            "Account": self._account.body(),
            "Date": document.invoice_date.isoformat(),
            # What the card took or got back, which the booking was compared with before.
            "Amount": total_in_cents(document),
            "Reference": _mark(document),
        }
        what = f"the {step} of {booking.number}"
        send_step(step, steps, lambda key: self._hook.create_payment(body, idempotency_key=key, what=what).payment_id)


def _mark(document: Document) -> str:
    return f"{marker_of(document)} card"
