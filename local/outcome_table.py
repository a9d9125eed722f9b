"""What became of all documents, read from the ledger, and whether it is what the sandbox expects."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from invoice_bridge_core.documents import format_amount
from invoice_bridge_core.documents.states import DocumentState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from invoice_bridge_core.ledger import DocumentRow

LEFT_ALONE = "left alone"
_SHOWN = {
    DocumentState.SEEN: LEFT_ALONE,
    DocumentState.WORKING: "unfinished",
    DocumentState.BOOKED: "unfinished",
}


class _Ledger(Protocol):
    def outcomes(self, route: str) -> Sequence[DocumentRow]: ...


@dataclass(frozen=True)
class DocumentEnd:
    """How one document stands in the ledger."""

    route: str
    source_id: str
    label: str
    outcome: str
    reason: str
    currency: str
    total: Decimal

    @property
    def needs_somebody(self) -> bool:
        """Whether a person has to do something about it."""
        return self.outcome not in {DocumentState.TRANSFERRED.value, LEFT_ALONE}


@dataclass(frozen=True)
class Difference:
    """A document that did not end as it should."""

    route: str
    label: str
    expected: str
    found: str
    why: str

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.route}  {self.label}: expected {self.expected}, found {self.found}. {self.why}".rstrip()


def read_ends(ledger: _Ledger, routes: Iterable[str]) -> list[DocumentEnd]:
    """The ends of all documents of these routes."""
    return [_end(route, row) for route in routes for row in ledger.outcomes(route)]


def outcome_table(ends: Sequence[DocumentEnd]) -> str:
    """The table outcome × count × sum per currency, then every document that needs somebody, with its reason."""
    groups: dict[tuple[str, str, str], list[Decimal]] = defaultdict(list)
    for end in ends:
        groups[end.route, end.outcome, end.currency].append(end.total)
    rows = [("route", "outcome", "documents", "sum", "")]
    for (route, outcome, currency), totals in sorted(groups.items()):
        amount = format_amount(sum(totals, Decimal(0))) if currency else ""
        rows.append((route, outcome, str(len(totals)), amount, currency))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = [
        f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]:>{widths[3]}} {row[4]}".rstrip()
        for row in rows
    ]
    needing = [end for end in ends if end.needs_somebody]
    if needing:
        lines += ["", f"{_documents(len(needing))} to look at:"]
        lines += [f"  {end.outcome:<10}  {end.label}: {end.reason}" for end in sorted(needing, key=_by_outcome)]
    return "\n".join(lines)


def differences(ends: Iterable[DocumentEnd], expectations: Iterable[Mapping[str, Any]]) -> list[Difference]:
    """What did not end as the sandbox expects. What it has no opinion about must be in order by itself."""
    found = {(end.route, end.source_id): end for end in ends}
    differing = []
    for expected in expectations:
        end = found.pop((expected["route"], str(expected["source_id"])), None)
        outcome = end.outcome if end else LEFT_ALONE
        if outcome != expected["outcome"]:
            why = expected.get("why", "")
            reason = f" The ledger says: {end.reason}" if end and end.reason else ""
            differing.append(
                Difference(expected["route"], expected["number"], expected["outcome"], outcome, f"{why}{reason}")
            )
    return differing + unfinished(found.values())


def unfinished(ends: Iterable[DocumentEnd]) -> list[Difference]:
    """Without expectations: every document that needs somebody."""
    return [
        Difference(end.route, end.label, DocumentState.TRANSFERRED.value, end.outcome, end.reason)
        for end in ends
        if end.needs_somebody
    ]


def _end(route: str, row: DocumentRow) -> DocumentEnd:
    return DocumentEnd(
        route=route,
        source_id=row.ref.source_id,
        label=row.label,
        outcome=_SHOWN.get(row.state, row.state.value),
        reason=row.reason or "",
        currency=row.currency or "",
        total=row.signed_total or Decimal(0),
    )


def _documents(count: int) -> str:
    return f"{count} document" if count == 1 else f"{count} documents"


def _by_outcome(end: DocumentEnd) -> tuple[str, str, str]:
    return end.outcome, end.route, end.label
