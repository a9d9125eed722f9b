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
    from invoice_bridge_core.ports.customers import SourceCustomers
    from invoice_bridge_core.ports.observations import ConnectionObservations
    from invoice_bridge_core.ports.records import Booking
    from invoice_bridge_core.ports.sales import SaleRegister


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """One entry of a source's queue.

    :param fingerprint: changes when the entry changes; only a hint, since an entry may hold nothing but its id.
    :param is_bare: whether it does hold nothing else, so that no change of its document shows.
    """

    source_id: str
    fingerprint: str
    is_bare: bool = False


class Attachments(Protocol):
    """What a source may want of the finance system while it takes a report; fetched only when it is asked for."""

    def pdf(self) -> bytes:
        """The booked document as a PDF."""


class RunMemory(Protocol):
    """What all tasks of one run read once between them."""

    def once(self, key: str, read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What `read` answered for the key, to whichever task of this run asked first. JSON values only."""


class Rejections(Protocol):
    """Takes the rejection of a document, which is final."""

    def report_rejected(self, document: Document, message: str) -> None:
        """Tell the source, finally, that its author has to correct the document.

        :raises RefusedError: the source says no; read the document again before believing it.
        """


class RepeatedReports(Protocol):
    """Takes the report of a document that the source no longer shows, because it was told of its booking."""

    def report_again(self, facts: DocumentFacts, booking: Booking, attachments: Attachments) -> None:
        """Report the booking: the answer to the first report was lost, or a draft has become real. Safe to repeat.

        :raises RefusedError: the source says no.
        """


class Requeue(Protocol):
    """Puts a document back into the source's queue although the source was told that it is booked."""

    def forbidden(self, document: Document) -> str | None:
        """Why the source's rules do not allow it, and what to do instead; `None` when they do.

        :param document: as the source tells it now; it does not wait.
        """

    def put_back(self, source_id: str) -> None:
        """Let the document wait again.

        :raises RefusedError: the source says no; read the document again before believing it.
        """


class NumberRules(Protocol):
    """Says which numbers of bookings a source does not take."""

    def number_problems(self, number: str) -> list[Problem]:
        """What this source would not take for the number of a booking."""

    def number_fault(self, number: str) -> str | None:
        """Why it would not take the number, for a booking that has it already; `None` when it would."""


class SourceSystem(Protocol):
    """Where documents come from and where results are reported.

    What is not for every source is optional: a source that has not got it leaves it `None`, or the fact `False`. An
    adapter inherits from this class and sets what it has.

    :param system: the system's name in routes and references.
    :param conn_id: the connection.
    :param name: the system's name as people write it.
    :param observations: what the answers told this process about the connection.
    :param rejections: takes rejections; without it a document that is wrong is held.
    :param repeated_reports: takes a report once more; only where `read` no longer finds a document whose booking was
        reported, so that the ledger alone remembers it.
    :param requeue: puts a document back into its queue; without it nobody can but a person, in the source itself.
    :param customers: its customers, where it lists them.
    :param number_rules: says which numbers it does not take; without it the source takes any.
    :param sales: shows what finance has sent as sales of projects.
    :param follows_drafts: it wants to be told again when a draft has become real, or an invoice got another number.
    :param reads_cost_calls: `read` asks for that one document, so that a task uses what its run's queue step has read.
    :param wants_payment_number: it is told of a payment by number, not by date.
    :param unreadable_entries: how many entries of the list that `waiting` read last have no id that could be used.
    """

    system: str
    conn_id: str
    name: str
    observations: ConnectionObservations
    rejections: Rejections | None = None
    repeated_reports: RepeatedReports | None = None
    requeue: Requeue | None = None
    number_rules: NumberRules | None = None
    sales: SaleRegister | None = None
    customers: SourceCustomers | None = None
    follows_drafts: bool = False
    reads_cost_calls: bool = False
    wants_payment_number: bool = False
    unreadable_entries: int = 0

    @property
    def shows_reported(self) -> bool:
        """Whether `read` still finds a document whose booking was reported."""
        return self.repeated_reports is None

    def waiting(self) -> Sequence[WaitingItem]:
        """Everything that waits, in one list call, in no particular order.

        :raises UnreadableError: no entry of the list has an id that could be used; that is no empty queue.
        """

    def read(self, source_id: str) -> Document:
        """One document as the source tells it now.

        :raises NotFoundError: no such id.
        :raises UnreadableError: an answer that is not a document; nothing is guessed.
        """

    def report_transferred(self, document: Document, booking: Booking, attachments: Attachments) -> None:
        """Tell the source that the document is booked, with the finance system's reference. Safe to repeat.

        :raises RefusedError: the source says no; read the document again before believing it.
        """

    def report_paid(self, facts: DocumentFacts, paid_on: dt.date, payment_number: str) -> None:
        """Tell the source that a document, whose booking it was told of, is paid in full.

        :param payment_number: what finance knows the payment by; empty where `wants_payment_number` is false.
        :raises RefusedError: the source says no; read the document again before believing it.
        """
