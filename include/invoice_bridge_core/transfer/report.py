"""Telling the source the truth: first the booking or the problem is certain, then the source is told, once.

A "no" of the source is checked by reading the document again before it is believed (contract qondor.md, states).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import SourceState
from invoice_bridge_core.documents.problems import FixedBy, join_messages
from invoice_bridge_core.errors import (
    BridgeError,
    ConfigurationError,
    HeldError,
    NotFoundError,
    RefusedError,
    WakesOn,
    certainly_not_done,
)
from invoice_bridge_core.transfer.ways_to_say import ToSay

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.documents.problems import Problem
    from invoice_bridge_core.ledger import Claim
    from invoice_bridge_core.ports import Attachments, Booking, FinanceSystem, SourceSystem

REPORT, DRAFT_REPORT = "report", "report of the draft"
"""The steps by which the ledger knows that a source was told of a booking, where the source does not show it."""


@dataclass(frozen=True)
class BookedAttachments:
    """The attachments of one booking, fetched from the finance system when the source wants them."""

    finance: FinanceSystem
    booking: Booking

    def pdf(self) -> bytes:
        """The booked document as a PDF.

        :raises ConfigurationError: the finance system gives out none.
        """
        if self.finance.files is None:
            raise ConfigurationError(f"{self.finance.name} gives out no PDF of {self.booking.number}")
        return self.finance.files.pdf(self.booking)


def held_message(source: SourceSystem, document: Document, problems: Sequence[Problem]) -> str:
    """The problems of a document that is not rejected, and where its author can mend what is theirs."""
    message = join_messages(problems)
    if all(problem.fixed_by is FixedBy.US for problem in problems):
        return message
    if source.rejections is None:
        return f"{message}. {source.name} takes no rejections: correct it there"
    if document.is_card_payment or document.is_card_refund:
        return message  # Its money was taken, and nobody can edit it there.
    return f"{message}. Have it corrected in {source.name}: it is not rejected for this, since that is final"


def report_transferred(
    claim: Claim, source: SourceSystem, document: Document, booking: Booking, attachments: Attachments
) -> None:
    """Report the booking, unless the source knows it: from an attempt that did not note it, or from a person.

    :raises HeldError: the source says something else; a person has to bring the two sides together.
    """
    if _knows_booking(document, booking):
        return
    if _names_another(document, booking):
        other = document.source_reference
        raise HeldError(
            f"{document.number} is booked in finance as {booking.number} ({booking.finance_id}), but {source.name} "
            f"says {document.state} with reference {other}: somebody else says that they booked it. Look for {other} "
            f"in finance. If {booking.number} is right, write {booking.finance_id} as "
            f"its reference in {source.name}, or say {ToSay(claim.row.ref).told}. If the other one is right, void "
            f"or delete {booking.number}"
        )
    try:
        _tell(claim, source, booking, lambda: source.report_transferred(document, booking, attachments))
    except (RefusedError, NotFoundError) as refusal:
        now = _read_again(source, document, booking, refusal)
        if not _knows_booking(now, booking):
            raise HeldError(
                f"{document.number} is booked in finance as {booking.number}, but {source.name} refuses the report. "
                f"It says {now.state}{_with_reference(now)}: {refusal}. If it was reported there by hand, say "
                f"{ToSay(claim.row.ref).told}"
            ) from refusal


def report_again(claim: Claim, source: SourceSystem, booking: Booking, attachments: Attachments) -> None:
    """Report the booking of a document that its source no longer shows.

    :raises HeldError: the source refuses it; a person has to look.
    """
    known = f"{claim.row.number} is booked in finance as {booking.number}, but {source.name} no longer shows it"
    repeated = source.repeated_reports
    if repeated is None:
        raise HeldError(f"{known} and takes no second report")
    try:
        _tell(claim, source, booking, lambda: repeated.report_again(claim.row.facts, booking, attachments))
    except (RefusedError, NotFoundError) as refusal:
        raise HeldError(
            f"{known} and refuses the report: {refusal}. If it was reported there by hand, say "
            f"{ToSay(claim.row.ref).told}",
            wakes_on={WakesOn.OFFERED},
        ) from refusal


def told_booking(claim: Claim, source: SourceSystem, finance: str, error: NotFoundError) -> Booking | None:
    """The booking of a document that its source no longer shows, to be told once more; `None` where there is none.

    A report that was refused counts as tried: somebody may have entered the number by hand since.

    :param finance: the finance system's name.
    :param error: what the source said.
    :raises HeldError: it is booked, but its source was never told of it by us.
    """
    booking = claim.row.booking
    if booking is None:
        return None
    if not source.shows_reported and any(map(claim.steps.was_tried, (DRAFT_REPORT, REPORT))):
        return booking
    raise HeldError(
        f"{claim.row.number} is booked in {finance} as {booking.number}, and was not reported. {error}. If "
        f"{source.name} knows of {booking.number}, say {ToSay(claim.row.ref).told}. If it must not count, void or "
        f"delete {booking.number} in {finance}"
    ) from error


def _tell(claim: Claim, source: SourceSystem, booking: Booking, send: Callable[[], None]) -> None:
    if source.shows_reported:
        claim.renew()
        send()
        return
    step = DRAFT_REPORT if booking.is_draft else REPORT
    if claim.steps.is_done(step):
        return
    tried_before = claim.steps.was_tried(step)
    claim.steps.intend(step)
    try:
        send()
    except BridgeError as error:
        # An earlier report whose answer was lost stays tried, whatever became of this one. So does one that was
        # refused, since a person may enter by hand what was refused to us.
        is_untold = isinstance(error, NotFoundError) or (
            certainly_not_done(error) and not isinstance(error, RefusedError)
        )
        if not tried_before and is_untold:
            claim.steps.refused(step)
        raise
    claim.steps.done(step)


def _knows_booking(document: Document, booking: Booking) -> bool:
    """Whether the source refers to the booking, by its id as we write it, or by its number as a person does."""
    return _is_told(document) and _reference(document) in (booking.finance_id.casefold(), booking.number.casefold())


def _names_another(document: Document, booking: Booking) -> bool:
    return _is_told(document) and bool(_reference(document)) and not _knows_booking(document, booking)


def _is_told(document: Document) -> bool:
    return document.state in (SourceState.PROCESSED, SourceState.PAID)


def _reference(document: Document) -> str:
    return (document.source_reference or "").strip().casefold()


def _with_reference(document: Document) -> str:
    return f" with reference {document.source_reference}" if document.source_reference else ""


def _read_again(
    source: SourceSystem, document: Document, booking: Booking, refusal: RefusedError | NotFoundError
) -> Document:
    try:
        return source.read(document.ref.source_id)
    except NotFoundError:
        raise HeldError(
            f"{document.number} is booked in finance as {booking.number}, but {source.name} "
            f"no longer knows it: {refusal}"
        ) from refusal
