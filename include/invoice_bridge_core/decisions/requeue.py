"""Asks whether a document goes back into its source's queue, because its booking was seen voided or deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from invoice_bridge_core.decisions.kind import APPROVE, REFUSE, Answer, Box, Question, QuestionText, plain
from invoice_bridge_core.decisions.noted import (
    answer_to,
    close_answer,
    instant,
    note_answer,
    row_asked_about,
    still_to_ask,
)
from invoice_bridge_core.documents import DocumentKind, format_amount
from invoice_bridge_core.documents.source_link import source_link
from invoice_bridge_core.transfer.requeue import Requeueing

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import DocumentRow
    from invoice_bridge_core.ledger.decisions import Decision
    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.transfer.route_session import RouteSession

REQUEUE_KIND = "requeue"
"""As the ledger keeps it."""


class RequeueDecisions:
    """Of the documents that their source was told of, and whose booking is gone by what payment runs saw since."""

    name: ClassVar[str] = REQUEUE_KIND
    refusals: ClassVar[frozenset[str]] = frozenset({REFUSE})
    options: ClassVar[tuple[str, ...]] = (APPROVE, REFUSE)
    boxes: ClassVar[tuple[Box, ...]] = ()

    def open(self, session: RouteSession) -> list[Question]:
        """Those that no rule forbids by what the ledger knows, and that nobody has decided; oldest first."""
        if session.source.requeue is None:
            return []
        found = [entry for entry in _gone(session) if entry.row.facts.kind is not DocumentKind.CREDIT_NOTE]
        asked = [
            (entry.row.id, Question(self.name, entry.row.ref.source_id, entry.row.label, _about(entry)))
            for entry in found
        ]
        return still_to_ask(session, asked)

    def text(self, session: RouteSession, question: Question) -> QuestionText | None:
        """Both sides beside each other, and what either answer leads to."""
        entry = self._still(session, question)
        if entry is None:
            return None
        source, finance, booking = session.source.name, session.finance.name, entry.booking
        status = entry.booking_status
        state = status.booking.status.lower() if status is not None else "gone"
        row = entry.row
        sides = {
            "Number": (row.number, booking.number),
            "Customer": (row.facts.contact_name, None),
            "Date": (row.facts.document_date, None),
            "Total": (_money(row), f"{format_amount(booking.total)} {booking.currency}"),
            "State": (f"processed, told {instant(row.reported_at)}", f"{state}, seen {instant(entry.seen_at)}"),
            "Id": (row.ref.source_id, booking.finance_id),
            "Link": (source_link(session.route.source.document_link, row.facts), booking.link),
        }
        lines = [
            f"{source} was told that **{plain(row.number)}** is booked, and in {finance} it is {plain(state)} now. "
            f"Shall it go back into {source}'s queue, so that it is booked again?",
            "",
            f"| | {source} | {finance} |",
            "|---|---|---|",
            *(f"| {name} | {_cell(one)} | {_cell(other)} |" for name, (one, other) in sides.items()),
            "",
            f"- **Approve**: {source} and {finance} are asked first. Where both still allow it, {source} is told, and "
            "the next run takes the document up. It is booked again under its number. Where that is kept for what was "
            f"voided, it is held, and its reason says what to do.",
            "- **Refuse**: nothing is sent. You are not asked again unless the booking changes.",
            "",
            "Your name, the time and your reason are kept in the document's history.",
        ]
        return QuestionText(f"Put {row.label} back into {source}'s queue?", "\n".join(lines))

    def carry_out(self, session: RouteSession, question: Question, answer: Answer) -> str:
        """Put it back by what the command does; what was done elsewhere meanwhile is said."""
        row = row_asked_about(session, question)
        made = answer_to(session.ledger, row, question)
        is_carried_out = made is not None and made.carried_out_at is not None
        is_still_so = self._still(session, question) is not None or _is_under_way(made, row)
        if is_carried_out or not is_still_so:
            close_answer(session.ledger, row, question)
            return f"Nothing was left to do: {_what_happened(session, row)}"
        reason = answer.reason or f"seen {question.about.partition(' ')[2] or 'gone'} in {session.finance.name}"
        note_answer(
            session.ledger, row, question, answer, f"put back into the queue of {session.source.name}: {reason}"
        )
        if not answer.is_approved:
            return f"{row.label} is left as it is: {answer.by} refused it"
        requeueing = Requeueing(
            route=session.route,
            source=session.source,
            finance=session.finance,
            ledger=session.ledger,
            by=answer.by,
            claimant=answer.claimant,
        )
        done = requeueing.requeue(row, reason)
        session.ledger.decisions.carried_out(self.name, row.id)
        return done

    def _still(self, session: RouteSession, question: Question) -> PaymentStatusRow | None:
        """The document while what was asked is still so."""
        found = [entry for entry in _gone(session) if entry.row.ref.source_id == question.source_id]
        return next((entry for entry in found if _about(entry) == question.about), None)


def _is_under_way(made: Decision | None, row: DocumentRow) -> bool:
    """Whether an approval was begun, and the booking is still the one that was asked about."""
    if made is None or made.is_over:
        return False
    return row.booking is not None and row.booking.finance_id == made.about.partition(" ")[0]


def _gone(session: RouteSession) -> list[PaymentStatusRow]:
    source, finance = session.source, session.finance
    found = session.ledger.payments.gone(source.system, source.conn_id, finance.conn_id)
    return [entry for entry in found if entry.row.route == session.route.route]


def _about(entry: PaymentStatusRow) -> str:
    status = entry.booking_status
    return f"{entry.booking.finance_id} {status.booking.status.lower() if status is not None else 'gone'}"


def _what_happened(session: RouteSession, row: DocumentRow) -> str:
    """Who did it meanwhile, where the history says so."""
    for change in reversed(session.ledger.history(row)):
        if any(words in change.note for words in (" put it back in ", " found it waiting in ")):
            return f"{change.note}, at {instant(change.at)}. {row.label} is {row.state}"
    return f"{row.label} is {row.state} by now"


def _money(row: DocumentRow) -> str | None:
    return f"{format_amount(row.signed_total)} {row.currency or ''}" if row.signed_total is not None else None


def _cell(value: object) -> str:
    return "" if value is None else plain(value)
