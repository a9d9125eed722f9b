"""The daily close says of each document what the ledger says of it, and what really is so."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.reconciliation.kinds import Kind, Severity
from tests.chaos.people.journal import GONE
from tests.reconciliation.closing import close

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from invoice_bridge_core.reconciliation.rows import ReconciledDocument
    from tests.chaos.people.verdict import Case
    from tests.chaos.world import ChaosWorld

SINCE, UNTIL = dt.date(2026, 11, 1), dt.date(2026, 12, 1)
_WORDS = {
    DocumentState.HELD: Kind.HELD,
    DocumentState.IN_DOUBT: Kind.IN_DOUBT,
    DocumentState.REJECTED: Kind.REJECTED,
}


def wrong_in_the_close(world: ChaosWorld, cases: Sequence[Case]) -> Iterator[str]:
    """Where it says something else, one sentence each."""
    found = {row.reference: row for row in close(world, SINCE, UNTIL) if row.is_counted}
    for case in cases:
        if case.row is None:
            continue
        closed = found.get(str(case.row.ref))
        if closed is None:
            yield f"the daily close does not know {case.one.number}, which is {case.row.state}"
            continue
        yield from _one(case, closed)


def _one(case: Case, closed: ReconciledDocument) -> Iterator[str]:
    assert case.row is not None
    kinds = {one.kind for one in closed.differences}
    said = "; ".join(f"{one.kind}: {one.text}" for one in closed.differences) or "nothing"
    number, row = case.one.number, case.row
    if closed.ledger != str(row.state):
        yield f"the daily close says that {number} is {closed.ledger}, the ledger says {row.state}"
    wanted = _WORDS.get(row.state)
    if wanted is not None and wanted not in kinds:
        yield f"{number} is {row.state}, and the daily close says {said}"
    if not case.is_touched and (hard := closed.contradictions):
        yield f"nobody touched {number}, and the daily close says {hard}: {said}"
    if row.state is not DocumentState.TRANSFERRED or row.booking is None:
        return
    known = case.facts.booking(row.booking.finance_id)
    is_gone = known is None or known.status in GONE
    if is_gone != bool({Kind.GONE, Kind.MISSING_IN_FINANCE} & kinds):
        yield f"{number} is {'gone' if is_gone else 'there'} in finance, and the daily close says {said}"
    if known is None or is_gone:
        return
    is_other = abs(known.total) != case.whose.total
    if is_other != (Kind.TOTAL in kinds) and known.id not in {each.id for each in case.facts.replaced}:
        yield f"{number} has the total {known.total} in finance, and the daily close says {said}"
    if Kind.TWICE in kinds or Kind.MISSING_IN_LEDGER in kinds:
        yield f"{number} is there once, and the daily close says {said}"
    if any(one.severity is Severity.PASSING for one in closed.differences):
        yield f"all is quiet, and the daily close says of {number}: {said}"
