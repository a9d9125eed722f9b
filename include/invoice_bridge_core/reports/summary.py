"""What became of a run's documents, in one table for people."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from invoice_bridge_core.connections.guard import counted_pause
from invoice_bridge_core.documents.outcomes import FORESEEN, NEEDS_SOMEBODY, Outcome
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.reports.text_table import listed, sentences, totals_table, wrapped

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from invoice_bridge_core.connections.guard import Pause
    from invoice_bridge_core.ledger import DocumentRow

_BY_STATE = {
    DocumentState.REJECTED: Outcome.REJECTED,
    DocumentState.HELD: Outcome.HELD,
    DocumentState.IN_DOUBT: Outcome.IN_DOUBT,
}
_OPEN = frozenset({DocumentState.SEEN, DocumentState.WORKING, DocumentState.BOOKED, DocumentState.HELD})


@dataclass(frozen=True)
class DocumentOutcome:
    """One document's end; `total` is signed: a credit note's is negative.

    :param is_paused: whether its connection, or another run, stopped it, which is said once for all of them.
    """

    label: str
    outcome: Outcome
    message: str = ""
    currency: str | None = None
    total: Decimal | None = None
    is_paused: bool = False


def is_open(row: DocumentRow | None) -> bool:
    """Whether the document has not come to an end, so that what stopped its task says what became of it."""
    return row is None or row.state in _OPEN


def outcome_of(
    label: str, row: DocumentRow | None, run_started: dt.datetime | None, *, paused: Pause | None = None
) -> DocumentOutcome:
    """The outcome that the ledger's row tells; a document without an end failed.

    :param paused: what its task said of its connection, or of another run, if that stopped it.
    """
    if paused is not None and is_open(row):
        total, currency = (row.signed_total, row.currency) if row else (None, None)
        return DocumentOutcome(label, paused.outcome, paused.reason, currency, total, is_paused=True)
    if row is None:
        return DocumentOutcome(label, Outcome.FAILED, "its task ended before it reached the ledger")
    if row.state is DocumentState.TRANSFERRED:
        in_this_run = run_started is None or row.reported_at is None or row.reported_at >= run_started
        outcome = Outcome.TRANSFERRED if in_this_run else Outcome.ALREADY_TRANSFERRED
    else:
        outcome = _BY_STATE.get(row.state, Outcome.FAILED)
    message = row.reason or ("its task ended without saying why" if outcome is Outcome.FAILED else "")
    return DocumentOutcome(label, outcome, message, row.currency, row.signed_total)


def summary_text(
    route: str, outcomes: Sequence[DocumentOutcome], left: Mapping[str, int], refused: Sequence[Pause] = ()
) -> str:
    """The table outcome × count × sum per currency, then every document that needs somebody, then what was left.

    :param refused: the connections whose credentials are refused.
    """
    parts = [f"Route {route}: {len(outcomes)} documents"]
    if outcomes:
        parts += totals_table(
            "outcome", [(one.outcome, one.currency or "", one.total or Decimal(0)) for one in outcomes]
        )
    told = [one for one in outcomes if one.message and not one.is_paused]
    needing = [one for one in outcomes if one.outcome in NEEDS_SOMEBODY and not one.is_paused]
    foreseen = [one for one in told if one not in needing and one.outcome in FORESEEN]
    moved = [one for one in told if one not in needing and one not in foreseen]
    parts += listed("Somebody has to look at:", [_named(one) for one in needing])
    parts += listed("What would be done:", [(f"{one.label} {one.outcome}", one.message) for one in foreseen])
    parts += listed("Moved, with a remark:", [_named(one) for one in moved])
    parts += sentences("Left for now:", [counted_pause(count, reason) for reason, count in sorted(left.items())])
    for one in refused:
        parts += wrapped(f"{one.reason[:1].upper()}{one.reason[1:]}: {one.detail}", "")
    return "\n".join(parts)


def _named(one: DocumentOutcome) -> tuple[str, str]:
    return f"{one.outcome:<10} {one.label}", one.message
