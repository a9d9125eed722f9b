"""Asks whether documents are rejected that a route keeps back, because it may be that its mapping is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from invoice_bridge_core.decisions.kind import APPROVE, REFUSE, Answer, Box, Question, QuestionText, plain
from invoice_bridge_core.decisions.noted import (
    because,
    close_answer,
    hash_of,
    note_answer,
    row_asked_about,
    still_to_ask,
)
from invoice_bridge_core.errors import NotResolvedError
from invoice_bridge_core.transfer.rejections import let_be_rejected

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import DocumentRow, Ledger
    from invoice_bridge_core.ledger.decisions import Decision
    from invoice_bridge_core.transfer.route_session import RouteSession

REJECTION_KIND = "rejection"
"""As the ledger keeps it."""


class RejectionDecisions:
    """Of the documents that `confirm-rejections` lists."""

    name: ClassVar[str] = REJECTION_KIND
    refusals: ClassVar[frozenset[str]] = frozenset({REFUSE})
    options: ClassVar[tuple[str, ...]] = (APPROVE, REFUSE)
    boxes: ClassVar[tuple[Box, ...]] = ()

    def open(self, session: RouteSession) -> list[Question]:
        """Those that nobody has let go or refused; kept longest ago first."""
        if session.source.rejections is None:
            return []
        asked = [(row.id, Question(self.name, row.ref.source_id, row.label, _about(row))) for row in _kept(session)]
        return still_to_ask(session, asked)

    def text(self, session: RouteSession, question: Question) -> QuestionText | None:
        """What is wrong, why it is kept back, and what either answer leads to."""
        row = _still(session, question)
        if row is None:
            return None
        source = session.source.name
        body = (
            f"**{plain(row.label)}** would be rejected, and is kept back:\n\n> {plain(row.reason or '')}\n\n"
            f"- **Approve**: the next run of invoice\\_transfer\\_\\_{plain(session.route.route)} tells {source}. Its "
            "author gets a message, and it cannot be taken back.\n"
            "- **Refuse**: it stays held. Mend the mapping, or have it corrected; you are not asked again unless the "
            "reason changes.\n\n"
            "Your name, the time and your reason are kept in the document's history."
        )
        return QuestionText(f"Reject {row.label} for good?", body)

    def carry_out(self, session: RouteSession, question: Question, answer: Answer) -> str:
        """Let the next run reject it, as the command does, or note that it is not to be."""
        row = row_asked_about(session, question)
        if _still(session, question) is None:
            close_answer(session.ledger, row, question)
            return f"Nothing was left to do: {row.label} is {row.state}, or was let go elsewhere"
        _note(session.ledger, row, answer)
        if not answer.is_approved:
            return f"{row.label} stays held: {answer.by} refused to reject it"
        route = session.route.route
        if not let_be_rejected(session.ledger, row, route=route, claimant=answer.claimant, by=answer.by):
            raise NotResolvedError(f"{row.label} is being worked on by another task", may_pass=True)
        session.ledger.decisions.carried_out(self.name, row.id)
        return f"{row.label} is rejected by the next run of invoice_transfer__{route}: {answer.by} lets it"


def drop_rejection(ledger: Ledger, row: DocumentRow, *, by: str, reason: str | None, claimant: str) -> None:
    """Note that a document is not rejected for the reason that it is kept back for.

    :raises NotResolvedError: another task works on it.
    """
    _note(ledger, row, Answer(is_approved=False, by=by, reason=reason, claimant=claimant))


def is_dropped(row: DocumentRow, made: Decision | None) -> bool:
    """Whether the newest answer says that the document is not rejected for the reason that it has now."""
    return made is not None and made.about == _about(row) and not made.is_approved


def _note(ledger: Ledger, row: DocumentRow, answer: Answer) -> None:
    question = Question(REJECTION_KIND, row.ref.source_id, row.label, _about(row))
    note_answer(ledger, row, question, answer, f"rejected{because(answer.reason)}")


def _kept(session: RouteSession) -> list[DocumentRow]:
    source = (session.source.system, session.source.conn_id)
    kept = session.ledger.rejections.kept(session.route.route)
    return [one.row for one in kept if one.confirmed_by is None and (one.row.ref.system, one.row.ref.conn_id) == source]


def _still(session: RouteSession, question: Question) -> DocumentRow | None:
    return next(
        (row for row in _kept(session) if row.ref.source_id == question.source_id and _about(row) == question.about),
        None,
    )


def _about(row: DocumentRow) -> str:
    return hash_of(row.reason)
