"""Whether what a route keeps back is rejected for good, asked and answered; without Airflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.commands.rejections import confirm_rejections
from invoice_bridge_core.decisions.all_kinds import kind_named, open_questions
from invoice_bridge_core.decisions.kind import Answer, Question
from invoice_bridge_core.documents.outcomes import Outcome
from tests.builders import route
from tests.world import World, line, payment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.sandbox import Sandbox


@pytest.fixture
def world(sandbox: Sandbox, ledger_url: str) -> Iterator[World]:
    """Payment 1 would be rejected, and its route has booked nothing yet."""
    world = World(sandbox, ledger_url, route(policy={"unmapped_article": "reject"}))
    sandbox.qondor.add(payment(1, lines=[line("ROOM-DLX")]))
    assert world.run()["50001"].outcome is Outcome.HELD
    yield world
    world.close()


def asked(world: World) -> list[Question]:
    world.new_run()
    return open_questions(world.session())


def answered(world: World, question: Question, *, approved: bool) -> str:
    world.new_run()
    answer = Answer(
        is_approved=approved, by="Anna Berg", reason="the article is wrong", claimant="Anna Berg, by a task"
    )
    return kind_named(question.kind).carry_out(world.session(), question, answer)


def failed(world: World) -> int:
    return sum(entry.path.endswith("/SetAsFailed") for entry in world.calls("qondor", "PUT"))


def test_the_reason_is_asked_and_an_approval_rejects_it_in_the_next_run(world: World) -> None:
    [question] = asked(world)
    text = kind_named(question.kind).text(world.session(), question)
    assert text is not None
    assert text.subject == f"Reject {world.row(50001).label} for good?"
    assert "Article code 'ROOM-DLX' not found in finance system" in text.body
    assert failed(world) == 0
    assert "is rejected by the next run of invoice_transfer__qondor_xero" in answered(world, question, approved=True)
    assert asked(world) == []
    assert world.run()["50001"].outcome is Outcome.REJECTED
    assert failed(world) == 1
    notes = [change.note for change in world.ledger.history(world.row(50001))]
    assert "Anna Berg approves that it is rejected: the article is wrong" in notes
    assert "Anna Berg lets it be rejected" in notes
    assert answered(world, question, approved=True).startswith("Nothing was left to do")


def test_a_refusal_leaves_it_held_and_is_not_asked_again(world: World) -> None:
    [question] = asked(world)
    assert answered(world, question, approved=False).endswith("stays held: Anna Berg refused to reject it")
    assert asked(world) == []
    assert world.run() == {}
    assert failed(world) == 0


def test_what_was_confirmed_by_command_is_no_question(world: World) -> None:
    [question] = asked(world)
    confirm_rejections(world.ledger, "qondor_xero", yes=True, by="Bo Lund")
    assert kind_named(question.kind).text(world.session(), question) is None
    assert answered(world, question, approved=False).startswith("Nothing was left to do")
    assert asked(world) == []
    assert world.run()["50001"].outcome is Outcome.REJECTED
