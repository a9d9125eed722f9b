"""A waiting document as the queue step weighs it: a few words, so that fifty thousand of them take little room."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from invoice_bridge_core.documents import DocumentKind
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.transfer.recheck import LOOK_AGAIN_AFTER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from invoice_bridge_core.documents import DocumentRef
    from invoice_bridge_core.documents.facts import DocumentFacts
    from invoice_bridge_core.ledger.documents.queue_rows import QueueRow
    from invoice_bridge_core.ports import WaitingItem

_EVER = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A waiting document with what decides about it.

    :param about: what is known of the document itself: the ledger's row, or what was just read where it is not noted.
    :param row: what the ledger did with it so far.
    :param is_offered: whether it stands in the source's queue.
    :param is_bare: whether the queue's entry would not show a change of the document.
    """

    about: QueueRow | DocumentFacts
    row: QueueRow | None
    is_offered: bool = False
    is_bare: bool = False

    @classmethod
    def known(cls, row: QueueRow, *, is_offered: bool = False, is_bare: bool = False) -> Self:
        """One that the ledger knows."""
        return cls(row, row, is_offered=is_offered, is_bare=is_bare)

    @property
    def ref(self) -> DocumentRef:
        """What names the document everywhere."""
        return self.about.ref

    @property
    def source_id(self) -> str:
        """The source's id."""
        return self.row.source_id if self.row is not None else self.ref.source_id

    @property
    def is_credit_note(self) -> bool:
        """Whether it is a credit note."""
        return self.about.kind == DocumentKind.CREDIT_NOTE

    @property
    def was_tried(self) -> bool:
        """Whether a task ever had it."""
        return self.row is not None and self.row.was_tried

    @property
    def tried_at(self) -> dt.datetime:
        """When a task worked on it last, or it was noted."""
        return _EVER if self.row is None else self.row.tried_at

    @property
    def looked_at(self) -> dt.datetime:
        """When anything of it was written last."""
        return _EVER if self.row is None else self.row.updated_at

    @property
    def age_key(self) -> tuple[dt.date, str, str]:
        """What documents are sorted by: the oldest first, those without a date last."""
        return (self.about.document_date or dt.date.max, self.about.number or "", self.source_id)


class Named:
    """Waiting documents by their ids, their numbers in any case, and their whole references."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self._found: dict[str, list[Candidate]] = {}
        for one in candidates:
            number = (one.about.number or "").casefold()
            for name in {f"id {one.source_id}", f"id {one.ref}", f"number {number}"}:
                self._found.setdefault(name, []).append(one)

    def of(self, name: str) -> list[Candidate]:
        """Those of this name."""
        found = [*self._found.get(f"id {name}", ()), *self._found.get(f"number {name.casefold()}", ())]
        return list({one.source_id: one for one in found}.values())


def must_be_read(row: QueueRow, item: WaitingItem) -> bool:
    """Whether the queue's entry changed since the document was noted, or it was never noted whole.

    What was left is read again once a day: an entry may hold nothing but the id, and never change (contract qondor.md).
    """
    if row.state in (DocumentState.TRANSFERRED, DocumentState.REJECTED):
        return False
    if row.state is DocumentState.SEEN and _is_long_ago(row.facts_read_at):
        return True
    return row.entry_fingerprint != item.fingerprint


def known_well_enough(unmet: Mapping[str, WaitingItem], rows: Mapping[str, QueueRow], most: int) -> list[str]:
    """Those that a run has no time to read, and need not: they are only to be read once a day.

    :param unmet: the entries that are to be read.
    :param most: so many of them can be read.
    """
    only_old = [
        source_id
        for source_id, item in unmet.items()
        if source_id in rows and rows[source_id].entry_fingerprint == item.fingerprint
    ]
    room = most - (len(unmet) - len(only_old))
    return only_old[max(room, 0) :]


def _is_long_ago(moment: dt.datetime | None) -> bool:
    return moment is not None and moment < dt.datetime.now(dt.UTC) - LOOK_AGAIN_AFTER
