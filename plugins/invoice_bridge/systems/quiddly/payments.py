"""Quiddly's payments that wait to be exported (contract quiddly.md, "Payments out")."""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

from invoice_bridge_core.ports.booking_status import ReceivedPayment

if TYPE_CHECKING:
    from invoice_bridge.hooks.quiddly.hook import QuiddlyHook
    from invoice_bridge.hooks.quiddly.wire import QuiddlyPayment

log = logging.getLogger(__name__)

PAGE_SIZE = 100


class QuiddlyPayments:
    """The payments of one client, of whoever's invoices."""

    def __init__(self, hook: QuiddlyHook) -> None:
        self._hook = hook

    def waiting(self) -> tuple[ReceivedPayment, ...]:
        """Every payment that waits to be exported: one call for a hundred, and one more to see that it was the last."""
        return _all_pages(self._hook)

    def acknowledge(self, payment: ReceivedPayment, external_id: str) -> None:
        """Mark the payment as exported, so that it is no longer handed out; one call."""
        self._hook.mark_exported(payment.payment_id, external_id)


def _all_pages(hook: QuiddlyHook) -> tuple[ReceivedPayment, ...]:
    """Every page, before any payment is marked, since marking moves the rest up; each payment once.

    Pages may hold fewer than were asked for, so the last one is that which is shorter than the one before it, or tells
    nothing new. A payment without a date counts from the day on which it was met.
    """
    found: dict[str | QuiddlyPayment, QuiddlyPayment] = {}
    page, length = 1, 0
    while True:
        payments = hook.payments_for_export(page, PAGE_SIZE)
        new = {one.payment_id or one: one for one in payments if (one.payment_id or one) not in found}
        found |= new
        if not new or len(payments) < length:
            break
        page, length = page + 1, len(payments)
    today = dt.datetime.now(dt.UTC).date()
    return tuple(received for one in found.values() if (received := _received(one, today)) is not None)


def _received(payment: QuiddlyPayment, today: dt.date) -> ReceivedPayment | None:
    """The payment; `None` for one that cannot be read, or does not say of which invoice it is, or how much."""
    payment_id, number, amount = payment.payment_id, payment.invoice_number, payment.amount
    if not payment.is_readable:
        log.warning(
            "Payment %s in Quiddly cannot be read: it was left there for a person", payment_id or "without an id"
        )
        return None
    if payment_id is None or number is None or amount is None:
        named = {"id": payment_id, "invoiceNumber": number, "amount": amount}
        log.warning(
            "Payment %s of %s in Quiddly has no %s: it was left there for a person",
            payment_id or "without an id", number or "no invoice",
            " and no ".join(name for name, value in named.items() if value is None),
        )  # fmt: skip
        return None
    return ReceivedPayment(payment_id, number, amount, payment.currency, payment.paid_on or today)
