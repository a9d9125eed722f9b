"""The tasks of `decisions__<route>` without a scheduler: what they list, ask, take for an answer, and say."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from airflow.providers.standard.operators import hitl
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException, TaskAwaitingInput

from invoice_bridge.operators.decisions.ask import ANSWER_WITHIN, AskOperator, person_of
from invoice_bridge.operators.decisions.carry_out import CarryOutOperator
from invoice_bridge.operators.decisions.find import FindQuestionsOperator
from invoice_bridge_core.errors import TransientError
from tests.operators.airflow_run import Run
from tests.world import payment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.world import World

ANNA = {"id": "17", "name": "Anna Berg"}
NAME = "{{ 1/0 }} *Acme* <b>"


@pytest.fixture
def world(world: World) -> World:
    """Payment 1 was reported, and is voided by the last payment run; another `number_prefix` is set."""
    sent = payment(1)
    sent["customer"] = {**sent["customer"], "name": NAME, "legalName": NAME}
    world.sandbox.qondor.add(sent)
    world.run()
    world.sandbox.xero.bookkeeper.void("T-1")
    world.run_payments()
    finance = world.route.finance.model_copy(update={"number_prefix": "N-"})
    world.route = world.route.model_copy(update={"finance": finance})
    return world


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What Airflow was given to ask."""
    requests: list[dict[str, Any]] = []
    monkeypatch.setattr(hitl, "upsert_hitl_detail", lambda **request: requests.append(request))
    return requests


class OneRun:
    """The tasks of one run, one after the other."""

    def __init__(self, world: World) -> None:
        self.run, self.route = Run(world.route), world.route

    def find(self) -> list[dict[str, str]]:
        return FindQuestionsOperator(task_id="find", route=self.route).execute(self._context("find"))

    def ask(self, question: dict[str, str]) -> AskOperator:
        task = AskOperator(task_id="ask", route=self.route, question=question)
        task.execute(self._context("ask"))
        return task

    def parked(self, question: dict[str, str]) -> AskOperator:
        """The task once it has asked, and waits."""
        task = AskOperator(task_id="ask", route=self.route, question=question)
        with pytest.raises(TaskAwaitingInput):
            task.execute(self._context("ask"))
        return task

    def answered(self, question: dict[str, str], option: str) -> AskOperator:
        """The task in the process that goes on with an answer."""
        task = AskOperator(task_id="ask", route=self.route, question=question)
        event = {
            "chosen_options": [option],
            "params_input": {"reason": None},
            "responded_at": dt.datetime.now(dt.UTC),
            "responded_by_user": ANNA,
        }
        task.execute_complete(self._context("ask"), event)
        return task

    def answer(
        self, question: dict[str, str], option: str, user: Mapping[str, str] | None = ANNA, reason: str | None = None
    ) -> dict[str, Any]:
        task = AskOperator(task_id="ask", route=self.route, question=question)
        event = {
            "chosen_options": [option],
            "params_input": {"reason": reason},
            "responded_at": dt.datetime.now(dt.UTC),
            "responded_by_user": user,
        }
        answer = task.execute_complete(self._context("ask"), event)
        assert task.label.startswith(question["label"])
        return answer

    def carry_out(self, question: dict[str, str], answer: dict[str, Any]) -> CarryOutOperator:
        task = CarryOutOperator(task_id="carry_out", route=self.route, question=question, answer=answer)
        task.execute(self._context("carry_out"))
        return task

    def _context(self, task_id: str) -> Any:
        return {**self.run.context(task_id, 0), "task_instance": SimpleNamespace(id="1")}


def put_back(world: World) -> list[Any]:
    return [call.body for call in world.calls("qondor", "PUT") if call.path.endswith("SetAsUnprocessed")]


def test_nothing_is_called_to_find_and_to_ask(world: World, asked: list[dict[str, Any]]) -> None:
    run = OneRun(world)
    world.sandbox.traffic.reset()
    [question] = run.find()
    assert sorted(question) == ["about", "kind", "label", "source_id"]
    with pytest.raises(TaskAwaitingInput) as parked:
        run.ask(question)
    assert parked.value.timeout == ANSWER_WITHIN
    [request] = asked
    assert request["options"] == ["Approve", "Refuse"]
    assert request["defaults"] is None
    assert list(request["params"]) == ["reason"]
    assert request["subject"] == f"Put {question['label']} back into Qondor's queue?"
    assert r"| Customer | \{\{ 1/0 \}\} \*Acme\* \<b\> |" in request["body"]
    assert "it is voided now" in request["body"]
    assert world.calls("qondor") == world.calls("xero") == []


def test_an_approval_is_carried_out_and_the_document_is_booked_again_once(world: World) -> None:
    run = OneRun(world)
    [question] = run.find()
    answer = run.answer(question, "Approve", reason=" voided\nby mistake ")
    assert answer == {"is_approved": True, "by": "Anna Berg", "reason": "voided by mistake"}
    assert "waits in Qondor again" in run.carry_out(question, answer).label
    assert put_back(world) == [{"invoiceId": 50001}]
    history = [(change.actor, change.note) for change in world.ledger.history(world.row(50001))]
    assert any(
        actor.startswith("Anna Berg, by ") and note.startswith("Anna Berg put it back in Qondor: voided by mistake")
        for actor, note in history
    )
    assert "Nothing was left to do" in run.carry_out(question, answer).label
    world.run()
    numbers = [row["InvoiceNumber"] for row in world.sandbox.xero.invoices.rows() if row["Status"] != "VOIDED"]
    assert numbers == ["N-T-1"]
    assert world.run() == {}
    assert OneRun(world).find() == []


def test_a_question_and_its_answer_lead_to_the_document(world: World, asked: list[dict[str, Any]]) -> None:
    run = OneRun(world)
    [question] = run.find()
    row, link = world.row(50001), world.booking(50001).link
    tasks: list[Any] = [run.parked(question), run.answered(question, "Refuse")]
    tasks.append(run.carry_out(question, run.answer(question, "Refuse")))
    for task in tasks:
        assert task.desk_url.endswith(f"text=qondor%3Aqondor_default%3A50001&document={row.id}")
        assert task.finance_url == link
        assert [one.name for one in task.operator_extra_links] == ["In Xero", "In Qondor", "On the desk"]
    assert len(asked) == 1


def test_a_refusal_is_kept_and_not_asked_again(world: World) -> None:
    run = OneRun(world)
    [question] = run.find()
    task = run.carry_out(question, run.answer(question, "Refuse"))
    assert task.label.endswith("is left as it is: Anna Berg refused it")
    assert put_back(world) == []
    assert OneRun(world).find() == []


def test_silence_is_no_answer(world: World) -> None:
    run = OneRun(world)
    [question] = run.find()
    task = AskOperator(task_id="ask", route=world.route, question=question)
    with pytest.raises(AirflowSkipException, match="the next run asks again"):
        task.execute_complete({}, {"error": "", "error_type": "timeout"})
    assert task.label.endswith(" · nobody answered")
    assert OneRun(world).find() == [question]


def test_what_was_decided_elsewhere_is_no_question(world: World, asked: list[dict[str, Any]]) -> None:
    run = OneRun(world)
    [question] = run.find()
    run.carry_out(question, run.answer(question, "Approve"))
    with pytest.raises(AirflowSkipException, match="nothing left to decide"):
        run.ask(question)
    assert asked == []


def test_what_a_rule_forbids_fails_for_good_and_says_why(world: World) -> None:
    run = OneRun(world)
    [question] = run.find()
    world.sandbox.qondor.administrator.set_paid(50001, dt.date(2026, 11, 20))
    answer = run.answer(question, "Approve")
    with pytest.raises(AirflowFailException, match="is paid, and it takes back processed payments only"):
        run.carry_out(question, answer)
    assert put_back(world) == []


def test_trouble_that_may_pass_is_tried_again(world: World) -> None:
    run = OneRun(world)
    [question] = run.find()
    answer = run.answer(question, "Approve")
    world.sandbox.fault("error", system="qondor", method="GET")
    with pytest.raises(TransientError, match="could not be asked"):
        run.carry_out(question, answer)
    world.sandbox.faults.clear()
    assert "waits in Qondor again" in run.carry_out(question, answer).label
    assert len(put_back(world)) == 1


@pytest.mark.parametrize(
    ("user", "name"),
    [
        (ANNA, "Anna Berg"),
        ({"id": "17", "name": ""}, "17"),
        ({"id": "17", "name": "A\n\x1b[31mB"}, "A [31mB"),
        (None, "somebody in Airflow"),
        ({"id": "1", "name": "x" * 200}, f"{'x' * 79}…"),
    ],
)
def test_who_answered_is_one_printable_line(user: Mapping[str, Any] | None, name: str) -> None:
    assert person_of(user) == name
