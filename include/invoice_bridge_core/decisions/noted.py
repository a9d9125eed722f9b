"""Notes what a person answered, and reads it again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import DocumentRef
from invoice_bridge_core.errors import NotResolvedError
from invoice_bridge_core.ledger.decisions import decided

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from invoice_bridge_core.decisions.kind import Answer, Question
    from invoice_bridge_core.documents.states import DocumentState
    from invoice_bridge_core.ledger import DocumentRow, Ledger
    from invoice_bridge_core.ledger.decisions import Decision
    from invoice_bridge_core.routes.model import Route
    from invoice_bridge_core.transfer.route_session import RouteSession


def ref_of(route: Route, question: Question) -> DocumentRef:
    """The document that somebody is asked about."""
    source = route.source
    return DocumentRef(system=source.system, conn_id=source.conn_id, source_id=question.source_id)


def row_asked_about(session: RouteSession, question: Question) -> DocumentRow:
    """The document's row as it is now.

    :raises NotResolvedError: the ledger no longer has it.
    """
    row = session.ledger.row(ref_of(session.route, question))
    if row is None:
        raise NotResolvedError(f"The ledger no longer knows {question.label}")
    return row


def still_to_ask(session: RouteSession, asked: Iterable[tuple[int, Question]]) -> list[Question]:
    """Those of one kind that nobody has decided, or not carried out; by the row's id."""
    by_row = list(asked)
    if not by_row:
        return []
    made = session.ledger.decisions.made(by_row[0][1].kind, [row_id for row_id, _ in by_row])
    return [
        question
        for row_id, question in by_row
        if (before := made.get(row_id)) is None or before.about != question.about or not before.is_over
    ]


def answer_to(ledger: Ledger, row: DocumentRow, question: Question) -> Decision | None:
    """What was answered to this very question; `None` when nobody has."""
    made = ledger.decisions.made(question.kind, [row.id]).get(row.id)
    return made if made is not None and made.about == question.about else None


def close_answer(ledger: Ledger, row: DocumentRow, question: Question) -> None:
    """Note that nothing is left to do about an answer, because what was asked is no longer so."""
    made = answer_to(ledger, row, question)
    if made is not None and not made.is_over:
        ledger.decisions.carried_out(question.kind, row.id)


def note_answer(
    ledger: Ledger, row: DocumentRow, question: Question, answer: Answer, what: str, *, left: str | None = None
) -> None:
    """Keep the answer, in the history too, unless it is kept already.

    :param what: what is approved or refused, after "that it is".
    :param left: what is said instead, after the person's name, where nothing was approved.
    :raises NotResolvedError: another task works on the document.
    """
    made = answer_to(ledger, row, question)
    given = (answer.is_approved, answer.by, answer.reason)
    if made is not None and (made.is_approved, made.decided_by, made.reason) == given:
        return
    claim = ledger.claim(row.ref, route=row.route or "", claimant=answer.claimant)
    if claim is None:
        raise NotResolvedError(f"{row.label} is being worked on by another task", may_pass=True)
    verb = "approves" if answer.is_approved else "refuses"
    decided(
        claim,
        question.kind,
        question.about,
        is_approved=answer.is_approved,
        by=answer.by,
        reason=answer.reason,
        note=f"{answer.by} {f'{verb} that it is {what}' if answer.is_approved or left is None else left}",
    )


def instant(moment: dt.datetime | None) -> str:
    """A moment as people read it."""
    return "at an unknown time" if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"


def hash_of(*parts: str | None) -> str:
    """A short key that changes with any of the parts."""
    return hashlib.sha256("\n".join(part or "" for part in parts).encode()).hexdigest()[:16]


def rows_of(session: RouteSession, state: DocumentState) -> list[DocumentRow]:
    """The documents of the session's route and source in one state; those changed longest ago first."""
    source = (session.source.system, session.source.conn_id)
    rows = session.ledger.outcomes(session.route.route, [state])
    return [row for row in rows if (row.ref.system, row.ref.conn_id) == source]


def because(reason: str | None) -> str:
    """A person's reason at the end of a sentence."""
    return f": {reason}" if reason else ""
