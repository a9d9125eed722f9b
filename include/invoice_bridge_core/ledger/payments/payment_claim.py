"""What the task that has claimed a document writes about its payment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoice_bridge_core.ledger.database.leases import NO_LEASE
from invoice_bridge_core.ledger.database.tables import NOW
from invoice_bridge_core.ledger.payments import writes

if TYPE_CHECKING:
    import datetime as dt

    import sqlalchemy as sa

    from invoice_bridge_core.ledger.documents.claim import Claim

PAYMENT_REPORT = "report of the payment"
"""The step that tells a source that its document is paid in full."""


class PaymentClaim:
    """The payment of a claimed document, written under the claim's lease and in the transactions that prolong it.

    Every method raises `LeaseLostError` when somebody else has taken the document over, and `LedgerError` when the
    ledger cannot be used.
    """

    def __init__(self, claim: Claim) -> None:
        self._leased = claim.leased
        self._steps = claim.steps

    def telling(self, paid_on: dt.date | None) -> None:
        """Note, before it is sent, the day of payment that the source is told; `None` when it was told none."""
        self._change({"telling_on": paid_on}, {}, None)

    def told(self, paid_on: dt.date, remark: str = "") -> None:
        """Note that the source was told of the payment in full, on this day. Releases the lease.

        :param remark: what else the history is to say of it.
        """
        if not self._steps.is_done(PAYMENT_REPORT):
            self._steps.done(PAYMENT_REPORT)
        values = {"telling_on": None, "told_on": paid_on, "told_at": NOW, "reason": None, "reason_at": None}
        note = f"its source was told that it was paid on {paid_on}"
        self._change(values, NO_LEASE, f"{note}; {remark}" if remark else note)

    def not_told(self, reason: str) -> None:
        """Note why the source could not be told of the payment; a person has to look. Releases the lease."""
        self._change({"reason": reason, "reason_at": NOW}, NO_LEASE, f"payment not reported: {reason}")

    def _change(self, values: dict[str, Any], of_document: dict[str, Any], note: str | None) -> None:
        def also(connection: sa.Connection) -> None:
            writes.change(connection, self._leased.row.id, values)

        self._leased.change(of_document, note, also=also)
