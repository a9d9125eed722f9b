"""A source system: where documents come from and where results are reported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.documents.facts import DocumentFacts
    from invoice_bridge_core.documents.problems import Problem
    from invoice_bridge_core.ports.observations import ConnectionObservations
    from invoice_bridge_core.ports.records import Booking


@dataclass(frozen=True)
class WaitingItem:
    """One entry of a source's queue.

    :param fingerprint: changes when the entry changes; only a hint, since an entry may hold nothing but its id.
    """

    source_id: str
    fingerprint: str


class Attachments(Protocol):
    """What a source may want of the finance system while it takes a report; fetched only when it is asked for."""

    def pdf(self) -> bytes:
        """The booked document as a PDF."""


class RunMemory(Protocol):
    """What all tasks of one run read once between them."""

    def once(self, key: str, read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What `read` answered for the key, to whichever task of this run asked first. JSON values only."""


class SourceSystem(Protocol):
    """Where documents come from and where results are reported.

    `name` is the system's as people write it. `takes_rejections`: it can be told, finally, that a document is wrong;
    without it such a document is held. `shows_reported`: `read` still finds a document whose booking was reported;
    without it the ledger alone remembers. `follows_drafts`: it wants to hear again when a draft has become real, or
    an invoice got another number. `wants_payment_number`: it is told of a payment by number, not by date.
    """

    system: str
    conn_id: str
    name: str
    takes_rejections: bool
    shows_reported: bool
    follows_drafts: bool
    wants_payment_number: bool

    @property
    def observations(self) -> ConnectionObservations:
        """What the answers told this process about the connection."""

    def waiting(self) -> Sequence[WaitingItem]:
        """Everything that waits, in one list call, in no particular order."""

    def read(self, source_id: str) -> Document:
        """One document as the source tells it now.

        :raises NotFoundError: no such id.
        :raises UnreadableError: an answer that is no document; nothing is guessed.
        """

    def report_transferred(self, document: Document, booking: Booking, attachments: Attachments) -> None:
        """Tell the source that the document is booked, with the finance system's reference. Safe to repeat.

        :raises RefusedError: the source says no; read the document again before believing it.
        """

    def report_again(self, facts: DocumentFacts, booking: Booking, attachments: Attachments) -> None:
        """Report the booking of a document that the source shows no more, because it has heard of it before.

        Only where `shows_reported` is false: the answer to the first report was lost, or a draft has become real.
        """

    def number_problems(self, number: str) -> list[Problem]:
        """What this source would not take for the number of a booking."""

    def report_rejected(self, document: Document, message: str) -> None:
        """Tell the source, finally, that its author has to correct the document."""

    def report_paid(self, facts: DocumentFacts, paid_on: dt.date, payment_number: str) -> None:
        """Tell the source that a document, whose booking it has heard of, is paid in full.

        :param payment_number: what finance knows the payment by; empty where `wants_payment_number` is false.
        :raises RefusedError: the source says no; read the document again before believing it.
        """
