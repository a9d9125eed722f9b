"""What is written about a claimed document whose booking was changed in finance after it was transferred."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from invoice_bridge_core.ledger.database.leases import NO_LEASE
from invoice_bridge_core.ledger.desk.finance_changes import end_as_agreed

if TYPE_CHECKING:
    from invoice_bridge_core.ledger.documents.claim import Claim


class FinanceChangesClaim:
    """The changes of a claimed document, written under the claim's lease.

    Raises `LeaseLostError` when somebody else has taken the document over.
    """

    def __init__(self, claim: Claim) -> None:
        self._leased = claim.leased

    def agreed(self, by: str, reason: str) -> None:
        """Note that a person says that finance is right as it is; neither side is changed. Releases the lease.

        The same value is no news from then on; another one is.
        """
        ended = partial(end_as_agreed, document_id=self._leased.row.id, by=by, reason=reason)
        self._leased.change(NO_LEASE, f"{by} agrees to what was changed in finance: {reason}", also=ended)
