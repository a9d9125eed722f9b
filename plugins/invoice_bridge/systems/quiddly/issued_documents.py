"""What Quiddly has issued, as far as it tells of it: one invoice at a time, and nothing of payments there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.ports.finance.issued_documents import IssuedChanges, IssuedDocument

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from invoice_bridge.systems.quiddly.statuses import QuiddlyStatuses


class QuiddlyIssuedDocuments:
    """Asks for single invoices; of changes Quiddly tells nothing."""

    tells_changes = False
    tells_payments = False

    def __init__(self, statuses: QuiddlyStatuses) -> None:
        self._statuses = statuses

    def changes(self, cursor: str | None, since: dt.datetime) -> IssuedChanges:
        """Nothing: Quiddly has no such call."""
        return IssuedChanges()

    def by_id(self, finance_ids: Sequence[str]) -> dict[str, IssuedDocument]:
        """The invoices that Quiddly has under these ids, one call each.

        :raises ConfigurationError: Quiddly knows none of several.
        """
        return {
            finance_id: IssuedDocument(
                status=status,
                is_credit_note=found.kind == "CREDIT_INVOICE",
                on=found.invoice_date,
                total_excl_vat=None if found.total_excl_vat is None else abs(found.total_excl_vat),
                tells_payments=False,
            )
            for finance_id, (found, status) in self._statuses.found(finance_ids).items()
        }
