"""Documents that a route keeps from being rejected: let go, or kept for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from invoice_bridge_core.decisions.rejection import drop_rejection
from invoice_bridge_core.desk.acts.act import Input, OfferedAct
from invoice_bridge_core.errors import NotResolvedError
from invoice_bridge_core.transfer.rejections import let_be_rejected
from invoice_bridge_core.transfer.ways_to_say import REJECT

if TYPE_CHECKING:
    from invoice_bridge_core.desk.acts.act import Deed, Known


class ConfirmRejection:
    """The next run rejects it."""

    name: ClassVar[str] = "confirm_rejection"

    def offered(self, known: Known) -> OfferedAct | None:
        """Of what would be rejected and is kept back."""
        if not _is_kept(known):
            return None
        return OfferedAct(
            self.name,
            REJECT,
            f"Reject {known.row.label} for good? The next run tells its source. Its author gets a message, and it "
            "cannot be taken back.",
            of_many=True,
        )

    def carry_out(self, deed: Deed) -> str:
        """Let it go, as the command does."""
        row, route = deed.row, deed.row.route or ""
        if not let_be_rejected(deed.ledger, row, route=route, claimant=deed.claimant, by=deed.by):
            raise NotResolvedError(f"{row.label} is being worked on by another task: try again after that")
        return f"The next run of invoice_transfer__{route} rejects {row.label}."


class DropRejection:
    """It stays held, and is not asked about again unless the reason changes."""

    name: ClassVar[str] = "drop_rejection"

    def offered(self, known: Known) -> OfferedAct | None:
        """Of what would be rejected and is kept back, and was not dropped for this reason."""
        if not _is_kept(known) or known.is_dropped:
            return None
        return OfferedAct(
            self.name,
            "Do not reject it",
            f"Keep {known.row.label} from being rejected? It stays held until the mapping is mended or it is "
            "corrected. You are not asked again unless the reason changes.",
            (Input("reason", "Why", "reason"),),
            of_many=True,
        )

    def carry_out(self, deed: Deed) -> str:
        """Note it, as a refusal of the question in `decisions__<route>` does."""
        drop_rejection(deed.ledger, deed.row, by=deed.by, reason=deed.reason, claimant=deed.claimant)
        return f"{deed.row.label} stays held: {deed.by} refused to reject it."


def _is_kept(known: Known) -> bool:
    return known.kept is not None and known.kept.confirmed_by is None
