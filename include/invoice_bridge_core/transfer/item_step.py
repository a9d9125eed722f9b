"""The item step: every product is known in finance before it is invoiced, once however many documents name it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.ledger import KnownContact

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ledger import Ledger
    from invoice_bridge_core.ports import FinanceSystem, Item
    from invoice_bridge_core.ports.finance.items import Items


class ItemStep:
    """Makes products known in one finance system.

    What is known is remembered in the ledger, beside the contacts, with a fingerprint of the product's data, so that an
    unchanged product costs no call.
    """

    def __init__(self, finance: FinanceSystem, ledger: Ledger) -> None:
        self._finance = finance
        self._ledger = ledger

    def ensure(self, document: Document) -> None:
        """Make sure of every product that the document sells.

        :raises RefusedError: the finance system does not take a product.
        """
        if (items := self._finance.items) is None:
            return
        for item in items.of(document):
            known = self._known(item)
            if known is not None and known.fingerprint == item.fingerprint:
                continue
            with self._ledger.locked(f"{self._finance.conn_id}:{item.key}"):
                self._make_known(items, item)

    def _make_known(self, items: Items, item: Item) -> None:
        known = self._known(item)
        if known is not None and known.fingerprint == item.fingerprint:
            return
        item_id = items.ensure(item)
        # The key stands for the name: contacts are in the same table, and none must find its name taken by an item.
        known = KnownContact(item_id, item.fingerprint, item.key)
        self._ledger.contacts.remember(self._finance.conn_id, item.key, known)

    def _known(self, item: Item) -> KnownContact | None:
        return self._ledger.contacts.known(self._finance.conn_id, item.key)
