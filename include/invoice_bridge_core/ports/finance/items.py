"""The products of documents as items of a finance system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ports.records import Item


class Items(Protocol):
    """Keeps products, each by a code of its own."""

    def of(self, document: Document) -> Sequence[Item]:
        """The products that have to be known before the document is booked; none where the route ignores them."""

    def ensure(self, item: Item) -> str:
        """Make the item, or bring it up to date; returns its id. Safe to repeat, since its code is unique.

        :raises RefusedError: the finance system does not take it.
        """
