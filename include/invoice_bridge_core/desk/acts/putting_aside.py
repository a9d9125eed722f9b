"""Documents that a person deals with outside: off the open list, and back on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from invoice_bridge_core.desk.acts.act import Input, OfferedAct
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import NotResolvedError

if TYPE_CHECKING:
    from invoice_bridge_core.desk.acts.act import Deed, Known
    from invoice_bridge_core.ledger import Claim


class PutAside:
    """It leaves the open list and stays findable; the runs go on with it as before."""

    name: ClassVar[str] = "put_aside"

    def offered(self, known: Known) -> OfferedAct | None:
        """Of what is not transferred, and not aside yet."""
        row = known.row
        if row.route is None or row.aside_at is not None or row.state is DocumentState.TRANSFERRED:
            return None
        return OfferedAct(
            self.name,
            "Put it aside",
            f"Do you deal with {row.label} outside? It leaves the open list until it moves on or its reason changes. "
            "The runs go on with it as before.",
            (Input("reason", "Why", "reason", required=True),),
            of_many=True,
        )

    def carry_out(self, deed: Deed) -> str:
        """Note who put it aside, and why."""
        claim_for_a_note(deed).put_aside(deed.by, deed.said["reason"])
        return f"{deed.row.label} is put aside: {deed.said['reason']}"


class TakeBack:
    """It belongs to the open list again."""

    name: ClassVar[str] = "take_back"

    def offered(self, known: Known) -> OfferedAct | None:
        """Of what is aside."""
        row = known.row
        if row.aside_at is None:
            return None
        return OfferedAct(
            self.name,
            "Take it back to the list",
            f"Put {row.label} on the open list again? {row.aside_by} put it aside: {row.aside_reason or 'no reason'}",
            of_many=True,
        )

    def carry_out(self, deed: Deed) -> str:
        """Note it."""
        claim_for_a_note(deed).taken_back_from_aside(deed.by)
        return f"{deed.row.label} is on the open list again"


def claim_for_a_note(deed: Deed) -> Claim:
    """The document's lease, for what is written at once.

    :raises NotResolvedError: a task works on it right now.
    """
    row = deed.row
    route = row.route
    if route is None:
        raise NotResolvedError(f"No route has dealt with {row.label} yet: wait for its first run")
    claim = deed.ledger.claim(row.ref, route=route, claimant=deed.claimant)
    if claim is None:
        raise NotResolvedError(f"{row.label} is being worked on by a task right now: wait for its end", may_pass=True)
    return claim
