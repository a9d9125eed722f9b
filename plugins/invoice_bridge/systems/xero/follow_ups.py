"""What follows a booking in Xero: the payment or refund of card money, the allocation of a credit note."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge.systems.xero.allocations import Allocations
from invoice_bridge.systems.xero.card_money import CardMoney

if TYPE_CHECKING:
    from invoice_bridge.hooks.xero.hook import XeroHook
    from invoice_bridge.systems.xero.card_money import CardAccount
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ports import Booking, Steps


class XeroFollowUps:
    """At most one write per document: one call in the ordinary case."""

    def __init__(self, hook: XeroHook, card_account: CardAccount) -> None:
        self._card_money = CardMoney(hook, card_account)
        self._allocations = Allocations(hook)

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
