"""The task that carries an answer out dies at each boundary: its next try ends it, once."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.decisions.all_kinds import kind_named, open_questions
from invoice_bridge_core.decisions.kind import Answer
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import NotResolvedError
from tests.ledger.rows import expire
from tests.payments.backflow import QONDOR_XERO, backflow
from tests.set_back.dying import KilledError, boundaries
from tests.set_back.people import People

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox

MOST_BOUNDARIES = 14


@pytest.mark.parametrize("approved", [True, False], ids=["approved", "refused"])
@pytest.mark.parametrize("run_first", [False, True], ids=["tried again", "a run comes first"])
def test_a_task_that_dies_anywhere_leaves_nothing_twice(
    sandbox: Sandbox, ledger_url: str, approved: bool, run_first: bool
) -> None:
    people = People(backflow(sandbox, ledger_url, QONDOR_XERO))
    people.back.change_route("finance", invoice_status="DRAFT")
    numbers = range(1, MOST_BOUNDARIES + 1)
    people.back.book(*numbers)
    for number in numbers:
        people.back.bookkeeper.delete(people.back.name_of(number))
    people.world.run_payments()
    people.world.new_run()
    questions = {question.source_id: question for question in open_questions(people.world.session())}
    answer = Answer(is_approved=approved, by="Anna Berg", reason="by mistake", claimant="Anna Berg, by a task")
    deaths = 0
    for number in numbers:
        question = questions[people.back.source_id(number)]
        with pytest.MonkeyPatch.context() as patch:
            boundaries(patch, number - 1)
            try:
                kind_named(question.kind).carry_out(people.world.session(), question, answer)
            except KilledError:
                deaths += 1
    assert deaths > (8 if approved else 1)
    expire(people.world.ledger)
    if run_first:
        people.world.let_arrive()
        people.world.run()
    for number in numbers:
        question = questions[people.back.source_id(number)]
        with suppress(NotResolvedError):
            kind_named(question.kind).carry_out(people.world.session(), question, answer)
    people.world.let_arrive()
    people.world.run_until_quiet()
    for number in numbers:
        row, name = people.row(number), people.back.name_of(number)
        made = people.world.ledger.decisions.made("requeue", [row.id])[row.id]
        assert (made.is_approved, made.decided_by, made.is_over) == (approved, "Anna Berg", True), name
        assert row.state is DocumentState.TRANSFERRED, (name, row.reason)
        assert people.living().count(name) == approved
        if approved:
            assert people.told(number) == people.reference(number)
        notes = [change.note for change in people.world.ledger.history(row)]
        assert len([note for note in notes if note.startswith("Anna Berg ") and " that it is put back" in note]) == 1
    people.world.new_run()
    assert open_questions(people.world.session()) == []
    people.world.close()
