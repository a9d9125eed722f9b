"""The reconciliation as rows: one per document, with what each side says and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import DocumentKind
from invoice_bridge_core.documents.facts import DocumentFacts
from invoice_bridge_core.documents.source_link import source_link
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.reconciliation.differences import differences
from invoice_bridge_core.reconciliation.kinds import Severity
from invoice_bridge_core.reconciliation.sale_differences import sale_word
from invoice_bridge_core.reconciliation.sides import SourceWord

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from decimal import Decimal

    from invoice_bridge_core.reconciliation.kinds import Difference
    from invoice_bridge_core.reconciliation.sides import Sides, Systems

NOT_IN_LEDGER = "not in ledger"

_OUTCOMES = {DocumentState.SEEN: "waiting", DocumentState.WORKING: "under way", DocumentState.BOOKED: "booked"}


@dataclass(frozen=True)
class ReconciledDocument:
    """One row. `total` is signed: a credit note's is negative.

    :param reference: names the row: the document's reference; of a second booking with finance's id behind it.
    :param outcome: what the ledger says became of it.
    :param source: what the source says; likewise `ledger` and `finance`.
    :param source_link: where people see the document in its source; empty where the route does not say.
    :param sale: what the source shows of it as a sale, in a word; `None` where the route shows no sales.
    :param is_counted: whether it is a document of these days, and not a further booking of another day's.
    """

    reference: str
    number: str
    customer: str
    kind: str
    date: dt.date | None
    currency: str
    total: Decimal | None
    outcome: str
    source: str
    ledger: str
    finance: str
    finance_number: str
    finance_link: str
    source_paid_on: dt.date | None
    finance_paid_on: dt.date | None
    differences: tuple[Difference, ...]
    is_counted: bool = True
    source_link: str = ""
    sale: str | None = None

    @property
    def severity(self) -> Severity:
        """That of its most urgent difference."""
        return self.differences[0].severity if self.differences else Severity.NONE

    @property
    def contradictions(self) -> tuple[str, ...]:
        """The kinds of what the sides contradict each other about."""
        return tuple(sorted({str(one.kind) for one in self.differences if one.severity is Severity.CONTRADICTION}))

    @property
    def next_step(self) -> str:
        """What to do, each thing once."""
        return ". ".join(dict.fromkeys(one.next_step for one in self.differences)) or "Nothing"


def reconcile(all_sides: Iterable[Sides], systems: Systems) -> list[ReconciledDocument]:
    """The rows, those that somebody has to look at first, then by date and number."""
    rows = [_row(sides, systems) for sides in all_sides]
    order = list(Severity)
    return sorted(rows, key=lambda row: (order.index(row.severity), str(row.date or ""), row.number, row.reference))


def _row(sides: Sides, systems: Systems) -> ReconciledDocument:
    booking_status, row = sides.booking_status, sides.row
    booking = booking_status.booking if booking_status else sides.known_booking
    is_negative = sides.kind is DocumentKind.CREDIT_NOTE
    reference = str(sides.ref)
    if sides.is_second and booking_status is not None:
        reference = f"{reference}#{booking_status.booking.finance_id}"
    return ReconciledDocument(
        reference=reference,
        number=sides.number or sides.ref.source_id,
        customer=sides.customer or "",
        kind=str(sides.kind or ""),
        date=sides.date,
        currency=sides.currency or "",
        total=-sides.total if is_negative and sides.total is not None else sides.total,
        outcome=_OUTCOMES.get(row.state, str(row.state)) if row else NOT_IN_LEDGER,
        source=str(sides.source_word),
        ledger=str(row.state) if row else "not there",
        finance=_finance_word(sides),
        finance_number=booking.number if booking else "",
        finance_link=(booking.link or (sides.known_booking.link if sides.known_booking else None) or "")
        if booking
        else "",
        source_paid_on=sides.payment.told_on if sides.payment and sides.source_word is SourceWord.PAID else None,
        finance_paid_on=booking_status.paid_in_full_on if booking_status and booking_status.is_paid_in_full else None,
        differences=tuple(differences(sides, systems)),
        is_counted=not sides.is_second,
        sale=sale_word(sides, systems) if systems.route.sales.enabled else None,
        source_link=source_link(systems.route.source.document_link, _facts(sides)) or "",
    )


def _facts(sides: Sides) -> DocumentFacts:
    if sides.document is not None:
        return DocumentFacts.from_document(sides.document)
    return sides.row.facts if sides.row is not None else DocumentFacts(ref=sides.ref)


def _finance_word(sides: Sides) -> str:
    if len(sides.living) > 1:
        return f"{len(sides.living)} bookings"
    if sides.booking_status is not None:
        return sides.booking_status.booking.status.lower()
    if not sides.is_finance_asked:
        return "not asked"
    if sides.known_booking is not None:
        return "not there"
    # Something may stand there, of which nobody knows yet whether it is this document: the reason says what.
    return "in doubt" if sides.row and sides.row.state is DocumentState.IN_DOUBT else "no booking"
