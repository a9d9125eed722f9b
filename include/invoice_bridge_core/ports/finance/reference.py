"""What a finance system says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from invoice_bridge_core.ports.records import ReferenceData


class ReferenceReader(Protocol):
    """Reads what refusals can be foreseen from: accounts, currencies, lock dates."""

    def read(self) -> ReferenceData:
        """All of it as it is now; a run reads it once."""

    def use(self, reference: ReferenceData) -> None:
        """Take this for what the system says of itself, so that nothing of it is read again."""
