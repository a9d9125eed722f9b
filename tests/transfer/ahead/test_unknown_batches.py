"""Unknown is unknown for all members of a batch: each is looked for before anything is sent again."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.ledger.documents.batches import BatchLedger
from tests.builders import route
from tests.transfer.ahead.batch_world import INVOICES, once, sent, states, waiting
from tests.world import credit_note, line, payment

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.world import World

LOST: list[dict[str, Any]] = [
    {"kind": "close", "when": "before"},
    {"kind": "close", "when": "within"},
    {"kind": "close", "when": "after"},
    {"kind": "error", "when": "within"},
    {"kind": "error", "when": "after"},
    {"kind": "half_json"},
    {"kind": "cut_short"},
    {"kind": "html", "when": "after"},
    {"kind": "empty", "when": "after"},
    {"kind": "unavailable", "when": "within", "retry_after": 0},
    {"kind": "bad_request", "when": "before"},
    {"kind": "bad_request", "when": "within"},
    {"kind": "bad_request", "when": "after"},
    {"kind": "refuse", "when": "within"},
    {"kind": "too_many_requests", "when": "before", "retry_after": 1},
]


class KilledError(BaseException):
    """The process is gone."""


def nothing_blind(world: World) -> None:
    """Between two writes that have a number in common there is a look for it."""
    looked: set[str] = set()
    known: set[str] = set()
    for entry in world.calls("xero"):
        if entry.method == "GET" and "Invoices" in entry.path:
            looked = set(known)
        elif entry.method == "PUT" and entry.path.endswith("/Invoices"):
            numbers = {each["InvoiceNumber"] for each in entry.body["Invoices"]}
            assert not (numbers & known) or numbers & known <= looked, f"{numbers} was sent again without a look"
            known |= numbers
            looked -= numbers


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: "-".join(map(str, fault.values())))
def test_whatever_becomes_of_the_answer_every_document_is_booked_once(world: World, fault: dict[str, Any]) -> None:
    documents = waiting(world, 5)
    selection = world.select()
    world.sandbox.traffic.reset()
    world.sandbox.fault(system="xero", method="PUT", path=INVOICES, nth=1, **fault)
    summary = world.book_ahead(selection)
    world.sandbox.faults.clear()
    assert summary.stopped is None
    nothing_blind(world)
    world.run_tasks(selection)
    once(world, documents)
    keys = [
        entry.headers["idempotency-key"] for entry in world.calls("xero", "PUT") if entry.path.endswith("/Invoices")
    ]
    assert len(keys) == len(set(keys))


def test_what_was_saved_behind_a_lost_answer_is_found_in_one_call(world: World) -> None:
    waiting(world, 5)
    selection = world.select()
    world.sandbox.traffic.reset()
    world.sandbox.fault("close", system="xero", method="PUT", path=INVOICES, when="after", nth=1)
    summary = world.book_ahead(selection)
    assert summary.booked == 5
    looks = [entry for entry in world.calls("xero", "GET") if entry.path.endswith("/Invoices")]
    assert len(looks) == 1
    assert looks[0].query.startswith("InvoiceNumbers=T-1%2CT-2%2CT-3%2CT-4%2CT-5")
    assert world.slept == []
    world.sandbox.traffic.reset()
    world.run_tasks(selection)
    assert world.calls("xero") == []


def test_what_got_no_answer_is_not_taken_for_absent_before_it_can_have_arrived(world: World) -> None:
    waiting(world, 3)
    selection = world.select()
    world.sandbox.fault("close", system="xero", method="PUT", path=INVOICES, when="before", nth=1)
    world.book_ahead(selection)
    [slept] = world.slept
    assert 100 < slept <= 120


def test_a_failed_look_sends_nothing(world: World) -> None:
    documents = waiting(world, 4)
    selection = world.select()
    world.sandbox.traffic.reset()
    world.sandbox.fault("bad_request", system="xero", method="PUT", path=INVOICES, when="within", nth=1)
    world.sandbox.fault("error", system="xero", method="GET", path=INVOICES)
    summary = world.book_ahead(selection)
    world.sandbox.faults.clear()
    assert summary.stopped is not None
    assert len(sent(world)) == 1
    assert all(world.row(each["id"]).intent_token is not None for each in documents)
    assert all(world.row(each["id"]).lease_owner is None for each in documents)
    world.run_tasks(selection)
    once(world, documents)


@pytest.mark.parametrize("place", [1, 2, 5])
def test_a_member_that_spoils_its_batch_is_found_by_halving(world: World, place: int) -> None:
    documents = waiting(world, 5)
    selection = world.select()
    world.sandbox.traffic.reset()
    spoiler = f'"T-{place}"'
    world.sandbox.fault("bad_request", system="xero", method="PUT", path=INVOICES, body=spoiler)
    world.book_ahead(selection)
    world.sandbox.faults.clear()
    nothing_blind(world)
    assert states(world, documents)["booked"] == 4
    assert world.row(documents[place - 1]["id"]).intent_token is None
    world.run_tasks(selection)
    once(world, documents)


def test_one_that_finance_fails_on_each_time_costs_a_run_only_a_part_of_its_own_batch(world: World) -> None:
    world.route = route(limits={"batch": 20})
    documents = waiting(world, 60)
    selection = world.select()
    world.sandbox.traffic.reset()
    world.sandbox.fault("error", system="xero", method="PUT", path=INVOICES, body='"T-7"')
    summary = world.book_ahead(selection)
    world.sandbox.faults.clear()
    assert (summary.stopped, summary.booked) == (None, 50)
    assert len(world.slept) == 2
    nothing_blind(world)
    world.run_tasks(selection)
    once(world, documents)


def test_an_outage_ends_the_batches_after_three_in_a_row(world: World) -> None:
    world.route = route(limits={"batch": 20})
    documents = waiting(world, 60)
    selection = world.select()
    world.sandbox.traffic.reset()
    world.sandbox.fault("error", system="xero", method="PUT", path=INVOICES)
    summary = world.book_ahead(selection)
    world.sandbox.faults.clear()
    assert (summary.stopped is not None, summary.booked) == (True, 0)
    assert [len(numbers) for numbers in sent(world)] == [20, 10, 10]
    nothing_blind(world)
    world.run_tasks(selection)
    once(world, documents)


def test_a_limit_is_waited_for_and_everything_is_looked_for_before_it_is_sent_again(world: World) -> None:
    documents = waiting(world, 3)
    selection = world.select()
    world.sandbox.traffic.reset()
    world.sandbox.fault("too_many_requests", system="xero", method="PUT", path=INVOICES, nth=1, retry_after=7)
    summary = world.book_ahead(selection)
    assert (summary.booked, world.slept) == (3, [7.0])
    nothing_blind(world)
    world.run_tasks(selection)
    once(world, documents)


def test_a_day_that_is_used_up_ends_the_batches(world: World) -> None:
    waiting(world, 3)
    selection = world.select()
    world.sandbox.fault("too_many_requests", system="xero", method="PUT", path=INVOICES, nth=1, retry_after=40_000)
    summary = world.book_ahead(selection)
    assert summary.stopped is not None
    assert len(sent(world)) <= 1
    assert {end.outcome for end in world.run_tasks(selection).values()} <= {Outcome.WAITS, Outcome.FAILED}


def test_lost_credit_notes_are_found_many_in_one_call(world: World) -> None:
    invoices = waiting(world, 3)
    notes = [world.sandbox.qondor.add(credit_note(10 + n, each)) for n, each in enumerate(invoices)]
    selection = world.select()
    world.sandbox.fault("close", system="xero", method="PUT", path="*/CreditNotes", when="within", nth=1)
    world.book_ahead(selection)
    world.run_tasks(selection)
    once(world, [*invoices, *notes])
    assert len(world.sandbox.xero.allocations.rows()) == 3


def test_answers_in_another_order_are_each_taken_for_their_own_document(world: World) -> None:
    documents = []
    for times in range(1, 6):
        sums: dict[str, Any] = {"totalExclVat": 8000 * times, "vatAmount": 2000 * times, "totalInclVat": 10000 * times}
        documents.append(world.sandbox.qondor.add(payment(times, lines=[line(quantity=times, **sums)], **sums)))
    selection = world.select()
    world.sandbox.fault("shuffled", system="xero", method="PUT", path=INVOICES)
    world.book_ahead(selection)
    for number, each in enumerate(documents, start=1):
        assert world.booking(each["id"]).number == f"T-{number}"
        assert world.booking(each["id"]).total == 10000 * number
    world.run_tasks(selection)
    once(world, documents)


@pytest.mark.parametrize("method", ["note", "end"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_that_dies_at_any_point_leaves_it_to_the_tasks(
    world: World, monkeypatch: pytest.MonkeyPatch, method: str, when: str
) -> None:
    documents = waiting(world, 4)
    selection = world.select()
    real: Callable[..., Any] = getattr(BatchLedger, method)

    def dying(self: BatchLedger, *args: Any, **kwargs: Any) -> Any:
        if when == "after":
            real(self, *args, **kwargs)
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(BatchLedger, method, dying)
        # A process that is gone gives no lease back.
        patched.setattr(BatchLedger, "let_go", lambda *args, **kwargs: None)
        with pytest.raises(KilledError):
            world.book_ahead(selection)
    world.sandbox.traffic.reset()
    world.run_tasks(selection)
    once(world, documents)
    numbers = list(itertools.chain.from_iterable(sent(world)))
    assert len(numbers) == (0 if method == "end" else 4)


def test_the_next_run_finds_what_a_dead_one_left(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = waiting(world, 3)
    selection = world.select()

    def dying(*args: Any, **kwargs: Any) -> None:
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(BatchLedger, "end", dying)
        patched.setattr(BatchLedger, "let_go", lambda *args, **kwargs: None)
        with pytest.raises(KilledError):
            world.book_ahead(selection)
    ends = world.run_ahead()
    assert {end.outcome for end in ends.values()} == {Outcome.TRANSFERRED}
    once(world, documents)


def test_a_number_that_a_bookkeeper_types_in_between_ends_in_doubt_and_spoils_nothing(world: World) -> None:
    other = world.sandbox.qondor.add(payment(9))
    world.run()
    documents = waiting(world, 3)
    selection = world.select()
    world.sandbox.xero.bookkeeper.renumber("T-9", "T-2")
    world.book_ahead(selection)
    ends = world.run_tasks(selection)
    assert ends[str(documents[1]["id"])].outcome is Outcome.IN_DOUBT
    assert world.row(other["id"]).number == "T-9"
    once(world, [documents[0], documents[2]])
