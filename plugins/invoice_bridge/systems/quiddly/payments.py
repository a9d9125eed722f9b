"""Quiddly's payments that wait to be exported (contract quiddly.md, "Payments out")."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from include.standing import ReceivedPayment

if TYPE_CHECKING:
    from invoice_bridge.hooks.quiddly import QuiddlyHook

PAGE_SIZE = 100


def waiting_payments(hook: QuiddlyHook) -> tuple[ReceivedPayment, ...]:
    """Every page, before any payment is marked, since marking moves the rest up; each payment once.

    Pages may hold fewer than were asked for, so the last one is that which is shorter than the one before it, or tells
    nothing new. A payment without a date counts from the day on which it was met.
    """
    found: dict[str, ReceivedPayment] = {}
    today = dt.datetime.now(dt.UTC).date()
    page, length = 1, 0
    while True:
        payments = hook.payments_for_export(page, PAGE_SIZE)
        new = [one for one in payments if one.payment_id not in found]
        for one in new:
            found[one.payment_id] = ReceivedPayment(
                one.payment_id, one.invoice_number, one.amount, one.currency, one.paid_on or today
            )
        if not new or len(payments) < length:
            return tuple(found.values())
        page, length = page + 1, len(payments)
