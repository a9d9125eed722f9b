"""What the ledger alone knows to be kept of one route, each document with what keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.documents.rejections import KeptFor
from invoice_bridge_core.preflight.causes import Cause, Keeps, row_keeps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from invoice_bridge_core.ledger import DocumentRow, Ledger

LOOKED_AT = (
    DocumentState.SEEN,
    DocumentState.WORKING,
    DocumentState.BOOKED,
    DocumentState.REJECTED,
    DocumentState.HELD,
    DocumentState.IN_DOUBT,
)


class KeptRows:
    """The documents of one route that are not at their end, read once.

    :param are_aside: those that somebody put aside, instead of those that wait for people.
    """

    def __init__(self, ledger: Ledger, route: str, *, are_aside: bool = False) -> None:
        # What somebody deals with outside waits for nothing here.
        self.rows = ledger.outcomes(route, LOOKED_AT, are_aside=are_aside)
        self._guarded = {
            one.row.id
            for one in ledger.rejections.kept(route)
            if one.confirmed_by is None and one.kept_for is KeptFor.MANY_REJECTIONS
        }

    def kept(self) -> list[tuple[DocumentRow, frozenset[Keeps]]]:
        """Those that something keeps."""
        found = ((row, self._keeps(row)) for row in self.rows)
        return [(row, keeps) for row, keeps in found if keeps]

    def by_ref(self) -> Mapping[str, DocumentRow]:
        """All of them, by their whole references."""
        return {str(row.ref): row for row in self.rows}

    def _keeps(self, row: DocumentRow) -> frozenset[Keeps]:
        return frozenset({Keeps(Cause.GUARD)}) if row.id in self._guarded else row_keeps(row)
