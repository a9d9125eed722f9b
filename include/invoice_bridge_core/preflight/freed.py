"""What a changed mapping would let go, found out before it is saved, without any write."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import BridgeError
from invoice_bridge_core.preflight.causes import articles_named, only_articles
from invoice_bridge_core.preflight.findings import KeptDocument, documents_text, sums_of
from invoice_bridge_core.preflight.unmapped import Unmapped

if TYPE_CHECKING:
    from collections.abc import Collection

    from invoice_bridge_core.ledger import DocumentRow, Ledger
    from invoice_bridge_core.preflight.live import LiveLook
    from invoice_bridge_core.preflight.mapping import MappingChange

MOST_TRIED = 10
"""So many documents are tried out, each with the calls of a dry run; of the others their own reasons tell."""


@dataclass
class Freed:
    """What becomes of the documents that wait for the changed articles.

    :param freed: they move in the next run.
    :param still: they wait for something else as well, in groups by what it is.
    :param unknown: nobody can tell without trying them.
    :param tried: how many were tried out.
    """

    freed: list[KeptDocument] = field(default_factory=list)
    still: dict[str, list[KeptDocument]] = field(default_factory=lambda: defaultdict(list))
    unknown: list[KeptDocument] = field(default_factory=list)
    tried: int = 0

    @property
    def text(self) -> str:
        """`7 documents, 84 300.00 SEK would move in the next run`."""
        if not self.freed:
            return "No document that waits now would move"
        return f"{documents_text(len(self.freed), sums_of(self.freed))} would move in the next run"


def waiting_for(ledger: Ledger, route: str, articles: Collection[str]) -> list[DocumentRow]:
    """The held documents whose reason names one of the articles; those that wait longest first."""
    held = ledger.outcomes(route, [DocumentState.HELD])
    return [row for row in held if row.booking is None and articles_named(row.reason or "") & set(articles)]


def freed_by(change: MappingChange, rows: list[DocumentRow], live: LiveLook | None) -> Freed:
    """What the change would let go.

    :param rows: the documents that wait for its articles.
    :param live: opened with the changed route; `None` where the systems cannot be asked.
    """
    found, unmapped = Freed(), Unmapped(change.route)
    for row in rows:
        one = KeptDocument(
            str(row.ref), row.label, row.state, row.signed_total, row.currency, frozenset(), row.reason or ""
        )
        if live is not None and found.tried < MOST_TRIED:
            found.tried += 1
            _note(found, one, live, row)
            continue
        named = only_articles(one.reason)
        if named is not None and all(map(unmapped.is_mapped, named)):
            found.freed.append(one)
        else:
            found.unknown.append(one)
    return found


def _note(found: Freed, one: KeptDocument, live: LiveLook, row: DocumentRow) -> None:
    result = live.try_out(row.ref.source_id)
    if isinstance(result, BridgeError) or result.is_paused or result.outcome is Outcome.BUSY:
        found.unknown.append(one)
    elif result.outcome is Outcome.WOULD_TRANSFER:
        found.freed.append(one)
    else:
        found.still[result.message or str(result.outcome)].append(one)
