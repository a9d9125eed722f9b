"""What was changed in finance after a document was transferred: right as it is, or put right again."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from invoice_bridge_core.desk.acts.act import Input, OfferedAct
from invoice_bridge_core.desk.acts.putting_aside import claim_for_a_note
from invoice_bridge_core.documents import DocumentKind
from invoice_bridge_core.errors import BridgeError, LedgerError, NotResolvedError
from invoice_bridge_core.ledger.desk.changes_claim import FinanceChangesClaim
from invoice_bridge_core.transfer.set_back import look_up

if TYPE_CHECKING:
    from invoice_bridge_core.desk.acts.act import Deed, Known
    from invoice_bridge_core.ledger.desk.finance_changes import FinanceChange


class Agreed:
    """Finance is right as it is."""

    name: ClassVar[str] = "agreed"

    def offered(self, known: Known) -> OfferedAct | None:
        """Of what finance holds otherwise than it was sent."""
        if not known.changes:
            return None
        return OfferedAct(
            self.name,
            "It is right so",
            f"Is {known.row.label} right as finance holds it? {_told(known.changes)}. Neither side is changed; another "
            "change is told again.",
            (Input("reason", "Why", "reason", required=True),),
            of_many=True,
        )

    def carry_out(self, deed: Deed) -> str:
        """Note it."""
        FinanceChangesClaim(claim_for_a_note(deed)).agreed(deed.by, deed.said["reason"])
        return f"{deed.row.label} is right as finance holds it, says {deed.by}: {deed.said['reason']}"


class Mended:
    """Somebody put it right in finance."""

    name: ClassVar[str] = "mended"

    def offered(self, known: Known) -> OfferedAct | None:
        """As of `Agreed`."""
        if not known.changes:
            return None
        return OfferedAct(
            self.name,
            "It is put right",
            f"Is {known.row.label} put right in finance again? {_told(known.changes)}. Finance is asked.",
            of_many=True,
        )

    def carry_out(self, deed: Deed) -> str:
        """Ask finance, and note what it shows."""
        row, booking = deed.row, deed.row.booking
        if booking is None or row.finance_conn is None:
            raise NotResolvedError(f"{row.label} is not booked any more")
        with deed.open_session() as session:
            name = session.finance.name
            try:
                status = look_up(session.finance, booking, is_credit_note=row.facts.kind is DocumentKind.CREDIT_NOTE)
            except LedgerError:
                raise
            except BridgeError as error:
                raise NotResolvedError(f"{name} could not be asked, so nothing was changed: {error}") from error
        if status is None:
            raise NotResolvedError(f"{name} no longer has {booking.number} ({booking.finance_id})")
        deed.ledger.desk.note_statuses(row.finance_conn, {booking.finance_id: status}, actor=deed.claimant)
        if left := deed.ledger.desk.changes_of(row):
            raise NotResolvedError(f"{row.label} is not as it was sent yet: {_told(left)}")
        claim_for_a_note(deed).step_back(f"{deed.by} says that it is put right in {name}; it is")
        return f"{row.label} is in {name} as it was sent"


def _told(changes: tuple[FinanceChange, ...]) -> str:
    return "; ".join(map(str, changes))
