"""What all tasks of one run read once between them, kept in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.ports import ReferenceData

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.ledger import Ledger


def chosen_key(route: str) -> str:
    """What the queue step of a dry run keeps the invoices under that it chose, by id with their numbers."""
    return f"chosen by {route}"


def offered_again_key(route: str) -> str:
    """What the queue step keeps the ids under of documents that have ended, and that the source offers again."""
    return f"offered again to {route}"


@dataclass(frozen=True)
class LedgerRunMemory:
    """Implements `invoice_bridge_core.ports.RunMemory`.

    :param run_key: names the run and how often it was cleared.
    """

    ledger: Ledger
    run_key: str

    def once(self, key: str, read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What `read` answered for the key, to whichever task of this run asked first."""
        snapshot = self.ledger.reference_data(key, self.run_key, lambda: ReferenceData(body=read(), fingerprint=""))
        return snapshot.body

    def kept(self, key: str) -> dict[str, Any] | None:
        """What this run keeps under the key, if a task of it kept anything."""
        snapshot = self.ledger.kept_reference_data(key, self.run_key)
        return None if snapshot is None else snapshot.body
