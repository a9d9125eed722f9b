"""Acts on the desk: checked, done once, told to whoever comes second, and kept in the history with the name."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import UnknownNameError
from tests.builders import route
from tests.desk.clerk import Clerk, notes
from tests.transfer.test_resolution import ends_once, in_doubt, made_by_hand
from tests.world import World, line, payment

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox


def test_a_doubt_is_resolved_with_the_name_in_the_history(world: World) -> None:
    made_by_hand(world)
    row = in_doubt(world)
    anna = Clerk(world)
    why = anna.may_not("booked_as", row, booking="T-1")
    assert "say “It carries no mark of ours, and it is this document”" in why
    assert "--" not in why
    assert "is booked as T-1" in anna.did("booked_as", row, booking="T-1", despite_missing_mark=True)
    assert any(
        actor == "Anna Berg, on the desk" and "said to be booked as T-1" in note for actor, note in notes(world, 50001)
    )
    ends_once(world, row)


def test_whoever_comes_second_is_told_what_was_done_and_by_whom(world: World) -> None:
    made_by_hand(world)
    row = in_doubt(world)
    Clerk(world).did("booked_as", row, booking="T-1", despite_missing_mark=True)
    calls = len(world.calls("xero"))
    for person in ("Bo Lund", "Anna Berg"):
        why = Clerk(world, person).may_not("not_booked", row)
        assert why.startswith("It is not as you saw it.")
        assert "is booked" in why
        assert "Anna Berg: said to be booked as T-1" in why
    assert len(world.calls("xero")) == calls


def test_of_two_at_once_one_does_it(world: World) -> None:
    made_by_hand(world)
    row = in_doubt(world)

    def act(person: str) -> bool:
        [done] = Clerk(world, person).does("booked_as", row, booking="T-1", despite_missing_mark=True)
        return done.is_done

    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(act, ["Anna Berg", "Bo Lund"] * 3))
    assert sum(done) == 1
    assert sum("said to be booked" in note for _, note in notes(world, 50001)) == 1
    ends_once(world, row)


def test_one_that_fails_leaves_the_others(world: World) -> None:
    world.sandbox.fault("refuse", system="xero", method="PUT", path="*Invoices")
    for number in (1, 2, 3):
        world.sandbox.qondor.add(payment(number))
    world.run()
    rows = [world.row(50000 + number) for number in (1, 2, 3)]
    anna = Clerk(world)
    anna.did("retry", rows[1])
    done = anna.does("retry", *rows)
    assert [one.is_done for one in done] == [True, False, True]
    assert [one.id for one in done] == [row.id for row in rows]
    assert anna.started[1][:2] == ("invoice_transfer__qondor_xero", ["50001", "50003"])


def test_asked_twice_within_a_minute_one_run_is_started(world: World) -> None:
    world.sandbox.fault("refuse", system="xero", method="PUT", path="*Invoices")
    world.sandbox.qondor.add(payment(1))
    world.run()
    row, anna = world.row(50001), Clerk(world)
    anna.did("retry", row)
    assert "Anna Berg asked for another try" in Clerk(world, "Bo Lund").may_not("retry", world.row(50001))
    [(_, _, note)] = anna.started
    assert note == "Anna Berg asks for another try of T-1"
    assert ("Anna Berg, on the desk", "Anna Berg asks for another try now") in notes(world, 50001)
    world.sandbox.faults.clear()
    world.select(only=["50001"])
    assert world.transfer(50001).outcome is Outcome.TRANSFERRED


def test_a_run_that_cannot_be_started_is_said_and_may_be_asked_again(world: World) -> None:
    world.sandbox.fault("refuse", system="xero", method="PUT", path="*Invoices")
    world.sandbox.qondor.add(payment(1))
    world.run()
    anna = Clerk(world, trouble="invoice_transfer__qondor_xero is paused")
    assert anna.may_not("retry", world.row(50001)) == "invoice_transfer__qondor_xero is paused."
    assert "no run could be started" in notes(world, 50001)[-1][1]
    anna.trouble = None
    anna.did("retry", world.row(50001))
    assert len(anna.started) == 1


@pytest.fixture
def kept(sandbox: Sandbox, ledger_url: str) -> World:
    """Payment 1 would be rejected, and its route has booked nothing yet."""
    world = World(sandbox, ledger_url, route(policy={"unmapped_article": "reject"}))
    sandbox.qondor.add(payment(1, lines=[line("ROOM-DLX")]))
    world.run()
    return world


def test_a_rejection_is_confirmed_once(kept: World) -> None:
    row, anna = kept.row(50001), Clerk(kept)
    assert {"confirm_rejection", "drop_rejection"} <= anna.has(row)
    anna.did("confirm_rejection", row)
    why = Clerk(kept, "Bo Lund").may_not("confirm_rejection", kept.row(50001))
    assert "There is nothing to do" in why
    assert "Anna Berg lets it be rejected" in why
    assert kept.run()["50001"].outcome is Outcome.REJECTED
    kept.close()


def test_a_rejection_is_dropped_as_a_refusal_of_the_question_does(kept: World) -> None:
    row, anna = kept.row(50001), Clerk(kept)
    assert "stays held" in anna.did("drop_rejection", row, reason="the mapping is wrong")
    assert "drop_rejection" not in anna.has(kept.row(50001))
    assert "confirm_rejection" in anna.has(kept.row(50001))
    assert kept.run() == {}
    assert (
        "Anna Berg, on the desk",
        "Anna Berg refuses that it is rejected: the mapping is wrong",
    ) in notes(kept, 50001)
    kept.close()


def test_what_its_source_offers_again_is_taken_up(world: World) -> None:
    world.sandbox.qondor.add(payment(1))
    world.run()
    anna = Clerk(world)
    why = anna.may_not("take_up_again", world.row(50001))
    assert "Qondor does not offer" in why
    assert world.row(50001).state is DocumentState.TRANSFERRED
    world.sandbox.qondor.administrator.set_back(50001, despite_rules=True)
    assert "takes it up" in anna.did("take_up_again", world.row(50001))
    assert world.row(50001).state is DocumentState.BOOKED
    assert world.run()["50001"].outcome is Outcome.TRANSFERRED
    assert len(world.sandbox.xero.invoices.rows()) == 1


def test_what_was_voided_goes_back_into_the_queue_with_a_reason(world: World) -> None:
    world.sandbox.qondor.add(payment(1))
    world.run()
    anna = Clerk(world)
    assert "missing" in anna.may_not("requeue", world.row(50001))
    assert "Void or delete it" in anna.may_not("requeue", world.row(50001), reason="wrong month")
    world.sandbox.xero.bookkeeper.void("T-1")
    assert "waits in Qondor again" in anna.did("requeue", world.row(50001), reason="wrong month")
    assert any(note.startswith("Anna Berg put it back in Qondor: wrong month") for _, note in notes(world, 50001))


def test_what_is_no_answer_is_not_taken(world: World) -> None:
    made_by_hand(world)
    row, anna = in_doubt(world), Clerk(world)
    before = notes(world, 50001)
    for inputs in ({}, {"booking": ""}, {"booking": "x" * 201}, {"booking": "a\x00b"}, {"booking": "T-1", "more": "x"}):
        anna.may_not("booked_as", row, **inputs)
    assert "“" in anna.may_not("booked_as", row, booking="T-1", i_looked="yes")
    assert notes(world, 50001) == before
    with pytest.raises(UnknownNameError):
        anna.does("dance", row)


def test_what_is_put_aside_leaves_the_open_list_until_it_is_taken_back(world: World) -> None:
    world.sandbox.fault("refuse", system="xero", method="PUT", path="*Invoices")
    world.sandbox.qondor.add(payment(1))
    world.run()
    row, anna = world.row(50001), Clerk(world)
    assert "missing" in anna.may_not("put_aside", row)
    anna.did("put_aside", row, reason="the customer pays in cash")
    assert world.row(50001).aside_by == "Anna Berg"
    why = Clerk(world, "Bo Lund").may_not("put_aside", world.row(50001), reason="mine")
    assert "Anna Berg put it aside: the customer pays in cash" in why
    assert "take_back" in anna.has(world.row(50001))
    anna.did("take_back", world.row(50001))
    assert world.row(50001).aside_by is None
    assert ("Anna Berg, on the desk", "Anna Berg took it back to the open list") in notes(world, 50001)


def test_what_was_changed_in_finance_is_agreed_to_or_put_right(world: World) -> None:
    world.sandbox.qondor.add(payment(1))
    world.sandbox.qondor.add(payment(2))
    world.run()
    anna = Clerk(world)
    for number in (1, 2):
        world.sandbox.xero.bookkeeper.changes.total(f"T-{number}", Decimal(9000))
    world.run_payments()
    one, two = world.row(50001), world.row(50002)
    assert {"agreed", "mended"} <= anna.has(one)
    assert "is not as it was sent yet: total is 9 000.00" in anna.may_not("mended", one)
    anna.did("agreed", one, reason="a discount")
    assert not {"agreed", "mended"} & anna.has(world.row(50001))
    world.sandbox.xero.bookkeeper.changes.total("T-2", Decimal(10000))
    assert "as it was sent" in anna.did("mended", two)
    assert not {"agreed", "mended"} & anna.has(world.row(50002))
    assert any(note == "Anna Berg agrees to what was changed in finance: a discount" for _, note in notes(world, 50001))
