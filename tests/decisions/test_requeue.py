"""Whether a document goes back into its queue, asked and answered; without Airflow."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.decisions.all_kinds import kind_named, open_questions
from invoice_bridge_core.decisions.kind import Answer, Question, plain
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import NotResolvedError, UnknownNameError
from tests.payments.backflow import IXPOLE_XERO, ON, QONDOR_QUIDDLY, QONDOR_XERO, backflow
from tests.set_back.people import People

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.sandbox import Sandbox

_days = 0


@pytest.fixture(params=[QONDOR_XERO, QONDOR_QUIDDLY])
def people(request: pytest.FixtureRequest, sandbox: Sandbox, ledger_url: str) -> Iterator[People]:
    """Document 1 was reported, and its booking is gone by the last payment run; 2 is as it was."""
    people = People(backflow(sandbox, ledger_url, request.param))
    # Of real invoices Quiddly tells nothing but payments.
    drafts = {"invoice_status": "DRAFT"} if people.back.into_xero else {"activate": False}
    people.back.change_route("finance", **drafts)
    people.back.book(1, 2)
    let_go(people)
    yield people
    people.world.close()


def let_go(people: People) -> None:
    if people.back.into_xero:
        people.back.bookkeeper.delete(people.back.name_of(1))
    else:
        people.void()
    see(people)


def see(people: People) -> None:
    """A payment run so much later that it asks for every booking by its id, changed or not."""
    global _days
    _days += 2
    people.world.run_payments(people.world.now() + dt.timedelta(days=_days))


def asked(people: People) -> list[Question]:
    people.world.new_run()
    return open_questions(people.world.session())


def answered(
    people: People, question: Question, *, approved: bool, by: str = "Anna Berg", reason: str | None = None
) -> str:
    people.world.new_run()
    answer = Answer(is_approved=approved, by=by, reason=reason, claimant=f"{by}, by a task")
    return kind_named(question.kind).carry_out(people.world.session(), question, answer)


def notes(people: People) -> list[str]:
    return [change.note for change in people.world.ledger.history(people.row())]


def test_what_is_gone_is_asked_with_both_sides(people: People) -> None:
    people.world.sandbox.traffic.reset()
    [question] = asked(people)
    text = kind_named(question.kind).text(people.world.session(), question)
    assert text is not None
    assert people.world.calls("qondor") == []
    assert people.world.calls(people.world.route.finance.system) == []
    assert text.subject == f"Put {people.row().label} back into Qondor's queue?"
    name = people.world.booking("50001")
    assert f"| Number | T-1 | {plain(name.number)} |" in text.body
    assert f"| Id | 50001 | {plain(name.finance_id)} |" in text.body
    assert "processed, told 20" in text.body


def test_approved_it_is_put_back_and_booked_again_once(people: People) -> None:
    [question] = asked(people)
    said = answered(people, question, approved=True, reason="wrong month")
    assert "waits in Qondor again" in said
    assert people.put_back() == [{"invoiceId": 50001}]
    assert any(note.startswith("Anna Berg approves that it is put back") for note in notes(people))
    assert any(note.startswith("Anna Berg put it back in Qondor: wrong month (") for note in notes(people))
    assert {"Anna Berg, by a task"} <= {change.actor for change in people.world.ledger.history(people.row())}
    assert people.outcome()[0] == "transferred"
    assert people.living().count(people.back.name_of(1)) == 1
    assert people.told() == people.reference()
    assert asked(people) == []


def test_carried_out_twice_it_does_nothing_more(people: People) -> None:
    [question] = asked(people)
    answered(people, question, approved=True)
    before = notes(people)
    assert answered(people, question, approved=True).startswith("Nothing was left to do: Anna Berg put it back")
    assert notes(people) == before
    people.outcome()
    assert "is transferred" in answered(people, question, approved=True)
    assert len(people.put_back()) == 1


def test_refused_it_is_not_asked_again_until_something_changes(people: People) -> None:
    [question] = asked(people)
    assert "Anna Berg refused it" in answered(people, question, approved=False, reason="it was credited")
    assert people.put_back() == []
    assert people.row().state is DocumentState.TRANSFERRED
    assert any(
        "Anna Berg refuses that it is put back into the queue of Qondor: it was" in note for note in notes(people)
    )
    assert asked(people) == []
    see(people)
    assert asked(people) == []
    people.requeues()
    people.outcome()
    let_go(people)
    assert [one.about != question.about for one in asked(people)] == [True]


def test_what_was_refused_may_be_approved_when_its_task_is_cleared(people: People) -> None:
    [question] = asked(people)
    answered(people, question, approved=False)
    assert "waits in Qondor again" in answered(people, question, approved=True, by="Bo Lund")
    assert len(people.put_back()) == 1


def test_what_the_command_did_is_shown_as_done(people: People) -> None:
    [question] = asked(people)
    people.requeues(by="Bo Lund", reason="by command")
    assert kind_named(question.kind).text(people.world.session(), question) is None
    assert "Bo Lund put it back in Qondor: by command" in answered(people, question, approved=True)
    assert "Bo Lund put it back in Qondor: by command" in answered(people, question, approved=False)
    assert len(people.put_back()) == 1
    assert asked(people) == []


def test_a_rule_that_forbids_it_by_now_is_said_and_it_is_asked_again(people: People) -> None:
    [question] = asked(people)
    people.world.sandbox.qondor.administrator.set_paid("50001", ON)
    with pytest.raises(NotResolvedError, match="is paid") as refused:
        answered(people, question, approved=True)
    assert not refused.value.may_pass
    assert people.put_back() == []
    assert [one.source_id for one in asked(people)] == ["50001"]


def test_an_answer_that_was_lost_is_tried_again_by_the_same_answer(people: People) -> None:
    [question] = asked(people)
    people.world.sandbox.fault("close", system="qondor", method="PUT", nth=1)
    with pytest.raises(NotResolvedError) as refused:
        answered(people, question, approved=True)
    assert refused.value.may_pass
    assert "waits in Qondor again" in answered(people, question, approved=True)
    assert [note for note in notes(people) if "approves" in note] == [
        note for note in notes(people) if note.startswith("Anna Berg approves")
    ][:1]
    assert people.outcome()[0] == "transferred"


def test_what_its_source_was_told_to_be_paid_is_not_asked(people: People) -> None:
    if not people.back.into_xero:
        pytest.skip("a payment cannot be taken back in Quiddly")
    people.back.bookkeeper.authorise("T-2")
    see(people)
    people.back.pay(2)
    see(people)
    assert people.back.source_says(2)[0] == "Paid"
    people.back.bookkeeper.unpay("T-2")
    people.void(2)
    see(people)
    assert [one.source_id for one in asked(people)] == ["50001"]


def test_of_ixpole_nothing_is_asked(sandbox: Sandbox, ledger_url: str) -> None:
    people = People(backflow(sandbox, ledger_url, IXPOLE_XERO))
    people.back.book(1)
    people.void()
    people.world.run_payments()
    assert asked(people) == []
    people.world.close()


def test_text_of_documents_means_nothing_in_markdown() -> None:
    assert plain("[x](http://e)|`a`\n<b>&amp;") == r"\[x\]\(http://e\)\|\`a\` \<b\>\&amp;"


def test_a_kind_that_nobody_knows_is_no_question() -> None:
    with pytest.raises(UnknownNameError):
        kind_named("horoscope")
