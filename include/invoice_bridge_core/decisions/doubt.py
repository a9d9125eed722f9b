"""Asks whether a document in doubt is booked."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from invoice_bridge_core.decisions.kind import Answer, Box, Question, QuestionText, plain
from invoice_bridge_core.decisions.last_act import now_text
from invoice_bridge_core.decisions.noted import (
    because,
    close_answer,
    hash_of,
    instant,
    note_answer,
    row_asked_about,
    rows_of,
    still_to_ask,
)
from invoice_bridge_core.documents import format_amount
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import NotResolvedError
from invoice_bridge_core.transfer.resolution import Resolution
from invoice_bridge_core.transfer.ways_to_say import BOOKED_AS, BY_BUTTON, I_LOOKED, NO_MARK, NOT_BOOKED

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import DocumentRow
    from invoice_bridge_core.transfer.route_session import RouteSession

DOUBT_KIND = "doubt"
"""As the ledger keeps it."""

LEAVE = "Leave it for now"


class DoubtDecisions:
    """Of the documents that were sent and may be booked, and where looking did not decide it."""

    name: ClassVar[str] = DOUBT_KIND
    refusals: ClassVar[frozenset[str]] = frozenset({LEAVE})
    options: ClassVar[tuple[str, ...]] = (BOOKED_AS, NOT_BOOKED, LEAVE)
    boxes: ClassVar[tuple[Box, ...]] = (
        Box("booking", "Number or id in the finance system, if it is booked"),
        Box("despite_missing_mark", NO_MARK, is_flag=True),
        Box("i_looked", I_LOOKED, is_flag=True),
    )

    def open(self, session: RouteSession) -> list[Question]:
        """Those in doubt that nobody has resolved or left; changed longest ago first."""
        asked = [
            (row.id, Question(self.name, row.ref.source_id, row.label, _about(row)))
            for row in rows_of(session, DocumentState.IN_DOUBT)
            if _is_open(row)
        ]
        return still_to_ask(session, asked)

    def text(self, session: RouteSession, question: Question) -> QuestionText | None:
        """What was sent, why it is in doubt, and what each answer leads to."""
        row = _still(session, question)
        if row is None:
            return None
        finance, number = session.finance.name, plain(row.intent_number)
        total = f"{format_amount(row.signed_total)} {row.currency or ''}" if row.signed_total is not None else ""
        sent = {
            "Sent as": row.intent_number,
            "Sent": instant(row.intent_at),
            "Customer": row.facts.contact_name,
            "Date": row.facts.document_date,
            "Total": total,
        }
        lines = [
            f"**{plain(row.label)}** may be booked in {plain(finance)}:",
            "",
            f"> {plain(row.reason or '')}",
            "",
            "| | |",
            "|---|---|",
            *(f"| {name} | {'' if value is None else plain(value)} |" for name, value in sent.items()),
            "",
            f"Look for {number} in {plain(finance)}, then say what is so. {plain(finance)} is asked too.",
            "",
            f"- **{BOOKED_AS}**: {number}, or what you enter as its number or id. Currency, total and our mark have to "
            f"fit. Where it carries no mark, tick “{NO_MARK}”.",
            f"- **{NOT_BOOKED}**: the next run of invoice\\_transfer\\_\\_{plain(session.route.route)} books it again.",
            f"- **{LEAVE}**: it stays in doubt. You are not asked again unless something changes.",
            "",
            f"Tick “{I_LOOKED}” only where {plain(finance)} cannot be asked. Your name, the time and your reason are "
            "kept in the document's history.",
        ]
        return QuestionText(f"Is {row.label} booked in {finance}?", "\n".join(lines), self.options)

    def carry_out(self, session: RouteSession, question: Question, answer: Answer) -> str:
        """Have it checked and noted, as the command and the desk do."""
        row = row_asked_about(session, question)
        if _still(session, question) is None:
            close_answer(session.ledger, row, question)
            return f"Nothing was left to do. {now_text(session.ledger, row)}"
        if answer.option not in self.options:
            raise NotResolvedError(f"{row.label}: there is no answer {answer.option!r}")
        booking = str(answer.entered.get("booking") or row.intent_number or "").strip()
        what = f"booked as {booking}" if answer.option == BOOKED_AS else "not booked"
        why = because(answer.reason)
        note_answer(session.ledger, row, question, answer, f"{what}{why}", left=f"leaves it in doubt for now{why}")
        if not answer.is_approved:
            return f"{row.label} stays in doubt: {answer.by} left it for now"
        done = self._resolve(session, row, answer, booking)
        session.ledger.decisions.carried_out(self.name, row.id)
        return done

    def _resolve(self, session: RouteSession, row: DocumentRow, answer: Answer, booking: str) -> str:
        resolution = Resolution(
            route=session.route,
            finance=session.finance,
            ledger=session.ledger,
            by=answer.by,
            claimant=answer.claimant,
            ways=BY_BUTTON,
        )
        looked = answer.entered.get("i_looked") is True
        if answer.option == NOT_BOOKED:
            return resolution.not_booked(row, i_looked=looked)
        despite = answer.entered.get("despite_missing_mark") is True
        return resolution.booked_as(row, booking, despite_missing_mark=despite, i_looked=looked)


def _is_open(row: DocumentRow) -> bool:
    return row.state is DocumentState.IN_DOUBT and row.booking is None and row.intent_token is not None


def _still(session: RouteSession, question: Question) -> DocumentRow | None:
    """The document while what was asked is still so."""
    row = row_asked_about(session, question)
    return row if _is_open(row) and _about(row) == question.about else None


def _about(row: DocumentRow) -> str:
    return hash_of(row.intent_token, row.reason)
