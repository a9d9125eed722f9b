"""Asks which of several contacts a document's customer is."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from invoice_bridge_core.decisions.kind import Answer, Box, Question, QuestionText, plain
from invoice_bridge_core.decisions.last_act import now_text
from invoice_bridge_core.decisions.noted import (
    because,
    close_answer,
    hash_of,
    note_answer,
    row_asked_about,
    rows_of,
    still_to_ask,
)
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.transfer.chosen_contact import ContactChoice, waits_for_contact

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import DocumentRow
    from invoice_bridge_core.transfer.route_session import RouteSession

CONTACT_KIND = "contact"
"""As the ledger keeps it."""

NONE_OF_THESE = "None of these"
_SEPARATOR = " · "


class ContactDecisions:
    """Of the documents that are held because several contacts fit, where the route wants a person to choose."""

    name: ClassVar[str] = CONTACT_KIND
    refusals: ClassVar[frozenset[str]] = frozenset({NONE_OF_THESE})
    options: ClassVar[tuple[str, ...]] = ()
    boxes: ClassVar[tuple[Box, ...]] = ()

    def open(self, session: RouteSession) -> list[Question]:
        """One question for each customer, about its document that changed longest ago."""
        asked = [
            (row.id, Question(self.name, row.ref.source_id, row.label, _about(row)))
            for row in rows_of(session, DocumentState.HELD)
            if waits_for_contact(row)
        ]
        left = still_to_ask(session, asked)
        # What was answered about one of a customer's documents is said of all.
        answered = {question.about for _, question in asked if question not in left}
        return list({one.about: one for one in reversed(left) if one.about not in answered}.values())[::-1]

    def text(self, session: RouteSession, question: Question) -> QuestionText | None:
        """The contacts that fit now; both systems are asked."""
        row = _still(session, question)
        if row is None:
            return None
        candidates = ContactChoice(session).candidates(row)
        if not candidates:
            return None
        finance = session.finance.name
        lines = [
            f"**{plain(row.label)}** waits, because several contacts in {plain(finance)} fit its customer:",
            "",
            *(f"- {plain(one.label)}" for one in candidates),
            "",
            "All documents of this customer are booked on the contact that you choose, from the next run on. It is "
            f"checked to be there and active. **{NONE_OF_THESE}** leaves them held. You are not asked again unless the "
            "reason changes.",
            "",
            "Your name, the time and your reason are kept in the document's history.",
        ]
        options = (*(one.label for one in candidates), NONE_OF_THESE)
        return QuestionText(f"Which contact is the customer of {row.label}?", "\n".join(lines), options)

    def carry_out(self, session: RouteSession, question: Question, answer: Answer) -> str:
        """Keep the choice, as the desk does."""
        row = row_asked_about(session, question)
        if _still(session, question) is None:
            close_answer(session.ledger, row, question)
            return f"Nothing was left to do. {now_text(session.ledger, row)}"
        why = because(answer.reason)
        what = f"booked on the contact {answer.option}{why}"
        note_answer(session.ledger, row, question, answer, what, left=f"wants none of the contacts that fit{why}")
        if not answer.is_approved:
            return f"{row.label} stays held: {answer.by} wants none of the contacts that fit"
        choice = ContactChoice(session, by=answer.by, claimant=answer.claimant)
        done = choice.choose(row, answer.option.rpartition(_SEPARATOR)[2])
        session.ledger.decisions.carried_out(self.name, row.id)
        return done


def _still(session: RouteSession, question: Question) -> DocumentRow | None:
    """The document while what was asked is still so."""
    row = row_asked_about(session, question)
    return row if waits_for_contact(row) and _about(row) == question.about else None


def _about(row: DocumentRow) -> str:
    return hash_of(row.reason)
