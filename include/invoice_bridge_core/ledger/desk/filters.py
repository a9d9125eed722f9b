"""Which documents a person may see, and which of them are wanted."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.states import DocumentState

if TYPE_CHECKING:
    import datetime as dt

    from invoice_bridge_core.documents import DocumentKind, DocumentRef

NEEDS_PEOPLE = (DocumentState.IN_DOUBT, DocumentState.HELD, DocumentState.REJECTED)
"""The states that somebody has to do something about."""

UNDER_WAY = (DocumentState.WORKING, DocumentState.BOOKED, DocumentState.SEEN)
"""The states that pass by themselves, and do not where something is wrong."""

ALL_STATES = (*NEEDS_PEOPLE, *UNDER_WAY, DocumentState.TRANSFERRED)
"""As they are sorted: the most urgent first."""


class View(StrEnum):
    """Which part of the ledger is looked at."""

    OPEN = "open"
    """What waits for people, and what is under way for more than a day; without what was put aside."""
    ALL = "all"
    ASIDE = "aside"
    """What somebody put aside."""


class Sort(StrEnum):
    """What a list is sorted by."""

    AGE = "age"
    DATE = "date"
    NUMBER = "number"
    CUSTOMER = "customer"
    TOTAL = "total"
    STATE = "state"


@dataclass(frozen=True)
class Scope:
    """The documents that one person may see, or act on.

    :param routes: the routes whose documents they are.
    :param sources: system and connection of the sources whose documents they are while no route has dealt with them.
    :param other_sources_than: where given, also those of all sources but these.
    """

    routes: frozenset[str] = frozenset()
    sources: frozenset[tuple[str, str]] = frozenset()
    other_sources_than: frozenset[tuple[str, str]] | None = None

    def has(self, route: str | None, ref: DocumentRef) -> bool:
        """Whether a document of this route is among them."""
        if route is not None:
            return route in self.routes
        source = (ref.system, ref.conn_id)
        return source in self.sources or (self.other_sources_than is not None and source not in self.other_sources_than)


@dataclass(frozen=True)
class DocumentFilter:
    """Which documents are wanted. What is empty wants all.

    :param words: each has to occur in number, customer, source id or number in finance; as `search_key` writes them.
    :param ref: the one document of this reference, whatever the words.
    :param since: the first document date.
    :param until: the day after the last one.
    :param begun_before: the state, or its reason, began before this instant.
    :param ids: only these, where given; an empty set wants none.
    :param run: a run whose tasks wrote into its history, as `dag/run`.
    """

    states: tuple[DocumentState, ...] = ()
    route: str | None = None
    office: str | None = None
    kind: DocumentKind | None = None
    words: tuple[str, ...] = ()
    ref: DocumentRef | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    begun_before: dt.datetime | None = None
    ids: frozenset[int] | None = None
    run: str | None = None
    view: View = View.OPEN


@dataclass(frozen=True)
class Page:
    """Which of them, and in which order.

    :param number: from 1.
    """

    sort: Sort = Sort.AGE
    is_descending: bool = True
    number: int = 1
    size: int = field(default=50)
