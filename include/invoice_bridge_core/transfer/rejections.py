"""Rejecting a document, which its source never takes back: seldom, and with a brake.

A route that has booked nothing yet rejects nothing. One that rejects many within a day keeps further ones until a
person lets them go: it may be that the mapping is wrong, and not the documents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.documents import SourceState
from invoice_bridge_core.documents.problems import FixedBy, join_messages
from invoice_bridge_core.errors import (
    BridgeError,
    HeldError,
    NotFoundError,
    RefusedError,
    WakesOn,
    certainly_not_done,
)
from invoice_bridge_core.ledger.documents.lookups import REJECTION
from invoice_bridge_core.ledger.documents.rejections import KeptFor
from invoice_bridge_core.transfer.ways_to_say import REJECT, on_the_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.documents.problems import Problem
    from invoice_bridge_core.ledger import Claim, DocumentRow, Ledger
    from invoice_bridge_core.ports import SourceSystem
    from invoice_bridge_core.ports.source import Rejections
    from invoice_bridge_core.routes.model import Route


def rejections_for(source: SourceSystem, document: Document, problems: Sequence[Problem]) -> Rejections | None:
    """What takes the rejection of the document; `None` unless a problem is final, and its author can be told.

    Never for card money, which has been taken and cannot be edited (seed 001).
    """
    if document.is_card_payment or document.is_card_refund:
        return None
    return source.rejections if any(problem.final is not None for problem in problems) else None


def rejection_message(problems: Sequence[Problem]) -> str:
    """What the author is told: what is certainly wrong first, then what else is for them; all, where nothing is."""
    theirs = sorted((one for one in problems if one.fixed_by is FixedBy.AUTHOR), key=lambda one: one.final is None)
    return join_messages(theirs or problems)


class Rejecting:
    """Rejects documents of one route, as far as the brake lets it."""

    def __init__(self, route: Route, ledger: Ledger, source: SourceSystem) -> None:
        self._route, self._ledger, self._source = route, ledger, source

    def reject(self, claim: Claim, rejections: Rejections, document: Document, message: str) -> None:
        """Tell the source finally that its author must correct the document, then note it in the ledger.

        :param rejections: the source's.
        :raises HeldError: the route may not reject it now, or the source refuses the rejection.
        """
        claim.renew()
        tried_before = claim.steps.was_tried(REJECTION)
        if not tried_before:
            self._brake(claim, message)
        claim.steps.intend(REJECTION)
        try:
            rejections.report_rejected(document, message)
        except (RefusedError, NotFoundError) as refusal:
            # Read before it is noted as refused: an earlier rejection that did arrive has to stay one that was tried.
            now = self._source.read(document.ref.source_id)
            if now.state is not SourceState.FAILED:
                claim.steps.refused(REJECTION)
                reference = f" with reference {now.source_reference}" if now.source_reference else ""
                raise HeldError(
                    f"{document.number} is wrong ({message}), but {self._source.name} refuses the rejection. "
                    f"It says {now.state}{reference}: {refusal}"
                ) from refusal
        except BridgeError as error:
            if not tried_before and certainly_not_done(error):
                claim.steps.refused(REJECTION)
            raise
        claim.steps.done(REJECTION)
        claim.rejected(message)

    def _brake(self, claim: Claim, message: str) -> None:
        """Let the rejection through and count it, or keep it back.

        :raises HeldError: it is kept back.
        """
        name = self._route.route
        kept_for = self._ledger.rejections.let_through(claim.row.id, name, self._route.policy.most_rejections)
        if kept_for is None:
            return
        if kept_for is KeptFor.FIRST_BOOKING:
            why = (
                f"Route {name} has booked nothing yet, so nothing is rejected: its mapping may be wrong. Once it has "
                "booked a document, the next run looks at this one again"
            )
        else:
            why = f"{many_rejections(self._route)}. Look at them first. Then let these go by " + on_the_page(
                f"“{REJECT}”", f"confirm-rejections {name}"
            )
        reason = f"{message}. {why}"
        self._ledger.rejections.keep(claim.row.id, name, kept_for, reason)
        raise HeldError(reason, wakes_on=(WakesOn.ROUTE, WakesOn.FINANCE_DATA, WakesOn.ENTRY))


def let_be_rejected(ledger: Ledger, row: DocumentRow, *, route: str, claimant: str, by: str) -> bool:
    """Let the next run reject a document that was kept back; `False` while another task works on it.

    :param by: the person who lets it go.
    """
    claim = ledger.claim(row.ref, route=route, claimant=claimant)
    if claim is None:
        return False
    claim.rejection_confirmed(by)
    return True


def many_rejections(route: Route) -> str:
    """Why the route rejects no further documents, without a full stop."""
    most = route.policy.most_rejections
    documents = "document" if most == 1 else "documents"
    return (
        f"Route {route.route} has rejected {most} {documents} or more within 24 hours (policy.most_rejections), and "
        "more than a fifth of what it handled: it rejects no further ones"
    )
