"""What becomes of a document whose source offers it again, or whose booking a person changed before it was told.

The source's word counts: a document that came to its end and waits again is looked up in finance. What is still booked
is told again; what is gone, or was changed, waits for a person (`docs/set_back.md`).
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import DocumentKind, SourceState, format_amount
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import HeldError, InDoubtError, NotFoundError, RefusedError, UnreadableError
from invoice_bridge_core.ledger.anew import AnewClaim
from invoice_bridge_core.transfer.report import DRAFT_REPORT, REPORT
from invoice_bridge_core.transfer.ways_to_say import ToSay

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ledger import Claim, DocumentRow
    from invoice_bridge_core.ledger.documents.queue_rows import QueueRow
    from invoice_bridge_core.ports import Booking, FinanceSystem, SourceSystem
    from invoice_bridge_core.ports.booking_status import BookingStatus

ENDED = frozenset({DocumentState.TRANSFERRED, DocumentState.REJECTED})
"""The states of documents that their sources should not offer any more."""

LIST_MAY_BE_OLD = dt.timedelta(minutes=15)
"""A list that tasks of a run share may be older than a report of this age, the machines' clocks included."""


def still_offered(source: SourceSystem, rows: Mapping[str, QueueRow]) -> set[str]:
    """Which documents of an earlier list have ended by the ledger, and are offered all the same.

    A report may have arrived between that list and the reading of the ledger. So the list is asked for once more, and
    only where any of them has ended.

    :param rows: the ledger's rows of what was listed, by source id.
    """
    ended = {source_id for source_id, row in rows.items() if row.state in ENDED}
    return ended & {item.source_id for item in source.waiting()} if ended else set()


def offered_again(source: SourceSystem, row: DocumentRow) -> Document | None:
    """A document that has ended by the ledger, as its source offers it again; `None` when it does not.

    :raises TransientError: the source cannot be asked now.
    """
    source_id = row.ref.source_id
    try:
        may_be_old = not source.shows_reported and _was_just_told(row)
        if may_be_old and source_id not in {item.source_id for item in source.waiting()}:
            return None
        document = source.read(source_id)
    except (NotFoundError, UnreadableError, RefusedError):
        return None
    return document if document.state is SourceState.WAITING else None


def take_up_again(claim: Claim, source: SourceSystem) -> bool:
    """Note that a document that has ended is to be moved once more, if its source offers it again; whether it does.

    :raises TransientError: as of `offered_again`.
    """
    row = claim.row
    if offered_again(source, row) is None:
        return False
    what = "it was rejected" if row.booking is None else f"it was reported as booked as {row.booking.number}"
    AnewClaim(claim).offered_again(f"{what}, and {source.name} offers it again", (REPORT, DRAFT_REPORT))
    return True


def standing_booking(
    claim: Claim,
    known: Booking,
    source: SourceSystem,
    finance: FinanceSystem,
    document: Document | None,
    tolerance: Decimal,
) -> Booking:
    """The booking of an earlier attempt as it stands in finance, before its source is told of it.

    :param known: the booking as the ledger knows it.
    :param document: as its source tells it now; `None` when it is no longer shown.
    :param tolerance: how far totals may differ, in the document's currency.
    :raises HeldError: it is gone; or it is not what was booked, and a person has to decide.
    """
    is_set_back = AnewClaim(claim).is_set_back
    says = f"{source.name} offers {claim.row.number} again" if is_set_back else f"{source.name} was not told yet"
    try:
        status = look_up(finance, known, is_credit_note=_is_credit_note(claim.row))
    except InDoubtError as error:
        if not is_set_back:
            return known
        raise HeldError(f"{says}. Whether {known.number} is still booked cannot be looked up: {error}") from error
    if status is None or status.is_gone:
        raise HeldError(gone_text(claim.row, known, finance, status, says))
    differences = []
    if document is not None and document.currency not in (None, known.currency):
        differences.append(f"{source.name} now says {document.currency}, and it is booked in {known.currency}")
    differences += _changed_amount(known, status, document, tolerance)
    if is_set_back:
        is_card = finance.booking_changes is not None and document is not None and document.is_card_payment
        differences += _changed_in_finance(known, status, finance, is_card=is_card)
    if differences:
        raise HeldError(
            f"{says}, and {known.number} in {finance.name} is not what was booked: {'; '.join(differences)}. "
            f"Put the wrong one right. Or, if {source.name} should be told of it as it is, report it there by hand and "
            f"say {ToSay(claim.row.ref).told}"
        )
    if not is_set_back:
        return known
    now = status.booking
    return known.model_copy(update={name: getattr(now, name) for name in _TAKEN_OVER})


def look_up(finance: FinanceSystem, known: Booking, *, is_credit_note: bool) -> BookingStatus | None:
    """How a booking stands in finance now: by its id, else by its number; `None` when it is there no longer.

    :raises InDoubtError: finance can be asked for neither.
    """
    unknown: InDoubtError | None = None
    was_asked = False
    for look, name in (
        (finance.bookings.find_by_id, known.finance_id),
        (finance.bookings.find_by_number, known.number),
    ):
        try:
            found = look(name, is_credit_note=is_credit_note)
        except InDoubtError as error:
            unknown = error
            continue
        was_asked = True
        if found is not None and found.booking.finance_id == known.finance_id:
            return found
    if not was_asked and unknown is not None:
        raise unknown
    return None


def gone_text(row: DocumentRow, known: Booking, finance: FinanceSystem, status: BookingStatus | None, says: str) -> str:
    """Why a document waits whose booking was voided or deleted, and what a person can do."""
    what = f"was {status.booking.status.lower()}" if status is not None else "is no longer"
    text = f"{says}, but {known.number} ({known.finance_id}) {what} in {finance.name}. "
    to_say = ToSay(row.ref)
    if status is not None and status.booking.status.upper() != "DELETED":
        return (
            f"{text}{finance.name} keeps the number. If it is to be booked anew, book it there by hand under another "
            f"number and say {to_say.booked_as('NUMBER', has_mark=False)}. Or set another number_prefix in the route, "
            f"and say {to_say.not_booked}"
        )
    return f"{text}If it is to be booked anew, say {to_say.not_booked}"


def told_again_text(source: SourceSystem, finance: FinanceSystem, booking: Booking) -> str:
    """What is said of a document that was offered again and told again."""
    return (
        f"{source.name} offered it again. It is still booked in {finance.name} as {booking.number}, so {source.name} "
        "was told again"
    )


_TAKEN_OVER = ("number", "status", "total", "due_date", "is_draft")


def _was_just_told(row: DocumentRow) -> bool:
    return row.reported_at is None or row.reported_at > dt.datetime.now(dt.UTC) - LIST_MAY_BE_OLD


def _changed_amount(known: Booking, status: BookingStatus, document: Document | None, tolerance: Decimal) -> list[str]:
    """What a person changed in the booking's currency or total."""
    now = status.booking
    wanted = known.total if document is None else document.total_incl_vat
    if now.currency != known.currency:
        return [f"its currency was {known.currency} and is {now.currency}"]
    if now.total != known.total and abs(now.total - wanted) > tolerance:
        return [f"its total was {format_amount(known.total)} and is {format_amount(now.total)}"]
    return []


def _changed_in_finance(known: Booking, status: BookingStatus, finance: FinanceSystem, *, is_card: bool) -> list[str]:
    """What else a person changed. Its number may change: the source is told the new one."""
    now, found = status.booking, []
    if _is_another_contact(known.contact_id, now.contact_id, finance):
        found.append(f"its contact was {known.contact_id} and is {now.contact_id}")
    if now.marker is not None and known.marker is not None and now.marker != known.marker:
        found.append(f"its mark was {known.marker!r} and is {now.marker!r}")
    if is_card and known.total and not status.is_paid_in_full:
        found.append(f"its card money is no longer booked, and {format_amount(status.left)} {now.currency} are open")
    return found


def _is_another_contact(known: str | None, now: str | None, finance: FinanceSystem) -> bool:
    """Whether a booking was moved to another contact, which is not what its own was merged into."""
    if not known or not now or known == now:
        return False
    merged = finance.merged_contacts
    return merged is None or now not in merged.successors([known]).get(known, ())


def _is_credit_note(row: DocumentRow) -> bool:
    return row.facts.kind is DocumentKind.CREDIT_NOTE
