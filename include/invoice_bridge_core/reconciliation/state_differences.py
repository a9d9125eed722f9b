"""What source and ledger do not agree on about how far a document has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.reconciliation.kinds import Difference, Kind, Severity
from invoice_bridge_core.reconciliation.sides import SourceWord
from invoice_bridge_core.transfer.next_steps import made_anew

if TYPE_CHECKING:
    from collections.abc import Iterator

    from invoice_bridge_core.reconciliation.sides import Sides, Systems


def state(sides: Sides, systems: Systems) -> Iterator[Difference]:
    """The source's state against the ledger's."""
    row, word = sides.row, sides.source_word
    if word is SourceWord.UNREADABLE:
        yield Difference(
            Kind.UNREADABLE,
            Severity.CONTRADICTION,
            f"what {systems.source} says about it cannot be read",
            f"Look at it in {systems.source}; the log of its transfer names the field",
        )
    if row is None or sides.is_second:
        return
    source, number = systems.source, sides.number or sides.ref.source_id
    if row.state is DocumentState.TRANSFERRED and word is SourceWord.WAITING:
        yield _status(
            f"this package reported it, but {source} says {word}",
            f"The next transfer looks it up in {systems.finance}, and reports it again if it still stands there",
        )
    elif row.state is DocumentState.REJECTED and word is SourceWord.WAITING:
        yield _status(
            f"this package rejected it, but {source} says {word}", "The next transfer looks at it as if it were new"
        )
    elif row.state is DocumentState.TRANSFERRED and word is SourceWord.FAILED:
        yield _status(
            f"this package reported it, but {source} says {word}",
            f"Set {number} as processed in {source}, or void its booking in {systems.finance} if it must not count",
        )
    elif row.state is DocumentState.REJECTED and word in _TOLD:
        yield _status(
            f"this package rejected it, but {source} says {word}",
            f"Find out who changed {number} in {source} after it was rejected",
        )
    elif row.booking is None and word in _TOLD and not sides.living:
        yield _status(
            f"{source} says {word}{_with_reference(sides)}, but this package did not book it",
            f"Look whether {number} is in {systems.finance}; if not, set it back to unprocessed in {source}",
        )
    elif row.state in _UNBOOKED and word is SourceWord.FAILED:
        yield _status(
            f"{source} says {word}, but this package did not reject it",
            f"Ask in {source} who set {number} as failed; its author makes a new one if it is still to be invoiced",
        )


_TOLD = (SourceWord.PROCESSED, SourceWord.PAID)
_UNBOOKED = (DocumentState.SEEN, DocumentState.WORKING, DocumentState.HELD, DocumentState.IN_DOUBT)


def _status(text: str, next_step: str) -> Difference:
    return Difference(Kind.STATUS, Severity.CONTRADICTION, text, next_step)


def _with_reference(sides: Sides) -> str:
    reference = sides.document.source_reference if sides.document else None
    return f" with reference {reference}" if reference else ""


def reference(sides: Sides, systems: Systems) -> Iterator[Difference]:
    """The reference that the source was told with the booking."""
    known, document = sides.known_booking, sides.document
    if not systems.shows_reported or known is None or document is None or not sides.is_told or sides.is_second:
        return
    reference = document.source_reference
    if reference in (known.finance_id, known.number):
        return
    if reference is None:
        kind, text = Kind.NO_REFERENCE, f"{systems.source} says {sides.source_word} without a reference"
    else:
        kind, text = Kind.OTHER_REFERENCE, f"{systems.source} refers to {reference}, the ledger to {known.finance_id}"
    yield Difference(
        kind,
        Severity.CONTRADICTION,
        text,
        f"Write {known.finance_id} as the external reference of {sides.number} in {systems.source}"
        + ("" if reference is None else f", unless {reference} is the right document"),
    )


def unfinished(sides: Sides, systems: Systems) -> Iterator[Difference]:
    """Why the document has not come to its end, as its transfer said."""
    row = sides.row
    if row is None:
        if not sides.living:
            yield _open(Kind.WAITING, Severity.PASSING, "no run has seen it yet", "The next transfer takes it")
        return
    if sides.is_second:
        return
    match row.state:
        case DocumentState.HELD:
            step = "Mend what the reason says; the next run notices it and moves the document"
            yield _open(Kind.HELD, Severity.OPEN, row.reason or "held", step)
        case DocumentState.IN_DOUBT:
            step = (
                "Compare the two, then say on the page Invoices what is so; without that page: "
                f"airflow invoice-bridge show {row.number or row.ref.source_id}"
            )
            yield _open(Kind.IN_DOUBT, Severity.OPEN, row.reason or "in doubt", step)
        case DocumentState.REJECTED:
            step = made_anew(systems.source)
            yield _open(Kind.REJECTED, Severity.OPEN, row.reason or "rejected", step)
        case DocumentState.SEEN | DocumentState.WORKING | DocumentState.BOOKED:
            text = row.reason or (
                f"booked, but not reported to {systems.source} yet"
                if row.state is DocumentState.BOOKED
                else "waits for a run"
            )
            yield _open(Kind.WAITING, Severity.PASSING, text, "The next transfer takes it up")


def _open(kind: Kind, severity: Severity, text: str, next_step: str) -> Difference:
    return Difference(kind, severity, text, next_step)
