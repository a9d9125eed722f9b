"""Whether a document in doubt is booked, asked and answered; without Airflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.decisions.all_kinds import kind_named, open_questions
from invoice_bridge_core.decisions.doubt import LEAVE
from invoice_bridge_core.decisions.kind import Answer, Question
from invoice_bridge_core.errors import NotResolvedError
from tests.desk.clerk import Clerk, notes
from tests.transfer.test_resolution import ends_once, in_doubt, made_by_hand

if TYPE_CHECKING:
    from tests.world import World


def asked(world: World) -> list[Question]:
    world.new_run()
    return open_questions(world.session())


def answered(world: World, question: Question, option: str, **entered: str | bool) -> str:
    world.new_run()
    claimant = "Anna Berg, by decisions__qondor_xero/run/decision.carry_out/0"
    answer = Answer(option != LEAVE, "Anna Berg", "I know it", claimant, option, entered)
    return kind_named(question.kind).carry_out(world.session(), question, answer)


def test_it_is_asked_by_the_ledger_alone_and_answered_once(world: World) -> None:
    made_by_hand(world)
    row = in_doubt(world)
    [question] = asked(world)
    text = kind_named("doubt").text(world.session(), question)
    assert text is not None
    assert world.calls("xero") == world.calls("qondor") == []
    assert text.subject == f"Is {row.label} booked in Xero?"
    assert text.options == ("It is booked", "It is not booked", LEAVE)
    with pytest.raises(NotResolvedError, match="say “It carries no mark of ours"):
        answered(world, question, "It is booked")
    assert [one.source_id for one in asked(world)] == ["50001"]
    assert "is booked as T-1" in answered(world, question, "It is booked", despite_missing_mark=True)
    assert any(note == "Anna Berg approves that it is booked as T-1: I know it" for _, note in notes(world, 50001))
    assert asked(world) == []
    again = answered(world, question, "It is not booked")
    assert again.startswith("Nothing was left to do.")
    assert "said to be booked as T-1" in again
    assert "is not as you saw it" in Clerk(world, "Bo Lund").may_not("not_booked", row)
    ends_once(world, row)


def test_what_is_not_there_is_booked_again(world: World) -> None:
    made_by_hand(world)
    row = in_doubt(world)
    [question] = asked(world)
    world.sandbox.xero.bookkeeper.renumber("T-1", "X-1")
    world.let_arrive()
    assert "is not booked" in answered(world, question, "It is not booked")
    assert asked(world) == []
    ends_once(world, row)


def test_left_for_now_it_is_not_asked_again(world: World) -> None:
    made_by_hand(world)
    row = in_doubt(world)
    [question] = asked(world)
    assert "stays in doubt" in answered(world, question, LEAVE)
    assert asked(world) == []
    assert world.row(50001).reason == row.reason
    assert any(note == "Anna Berg leaves it in doubt for now: I know it" for _, note in notes(world, 50001))


def test_what_the_desk_did_is_shown_as_done(world: World) -> None:
    made_by_hand(world)
    row = in_doubt(world)
    [question] = asked(world)
    Clerk(world, "Bo Lund").did("booked_as", row, booking="T-1", despite_missing_mark=True)
    assert kind_named("doubt").text(world.session(), question) is None
    assert "Bo Lund: said to be booked as T-1" in answered(world, question, "It is booked")
    assert asked(world) == []


def test_an_answer_that_nobody_offered_is_none(world: World) -> None:
    made_by_hand(world)
    in_doubt(world)
    [question] = asked(world)
    with pytest.raises(NotResolvedError, match="there is no answer"):
        answered(world, question, "Approve")
