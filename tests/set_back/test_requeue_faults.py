"""Putting a document back, with something going wrong at each boundary: said again, it ends as if nothing had."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge.hooks.qondor.hook import QondorHook
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import NotResolvedError
from tests.ledger.rows import expire
from tests.payments.backflow import QONDOR_XERO, backflow
from tests.set_back.dying import KilledError, boundaries
from tests.set_back.people import People
from tests.transfer.write_faults import WRITE_FAULTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.sandbox import Sandbox

MOST_BOUNDARIES = 12


@pytest.fixture
def people(sandbox: Sandbox, ledger_url: str) -> Iterator[People]:
    """A document whose draft was deleted in Xero after Qondor was told of it."""
    back = backflow(sandbox, ledger_url, QONDOR_XERO)
    people = People(back)
    back.change_route("finance", invoice_status="DRAFT")
    back.book(1)
    back.bookkeeper.delete("T-1")
    yield people
    back.world.close()


def ends_booked_once(people: People) -> None:
    assert people.outcome()[0] == "transferred"
    assert people.living() == ["T-1"]
    assert people.told() == people.reference()
    assert people.world.run() == {}


def says_it_until_it_is_done(people: People) -> None:
    """As a person does who is told to say it again."""
    for _ in range(3):
        if people.row().booking is None and people.back.source_says(1)[0] == "Unprocessed":
            return
        with suppress(NotResolvedError):
            people.requeues()


@pytest.mark.parametrize("fault", WRITE_FAULTS, ids=lambda fault: "-".join(map(str, fault.values())))
def test_an_answer_that_is_no_plain_yes_is_not_believed(people: People, fault: dict[str, Any]) -> None:
    people.world.sandbox.fault(system="qondor", method="PUT", path="*SetAsUnprocessed", nth=1, **fault)
    try:
        people.requeues()
    except NotResolvedError:
        assert people.back.source_says(1)[0] == "Processed"
        assert people.row().state is DocumentState.TRANSFERRED
    else:
        assert people.back.source_says(1)[0] == "Unprocessed"
    says_it_until_it_is_done(people)
    processed = [entry for entry in people.world.calls("qondor", "PUT") if 200 <= entry.status < 300]
    assert len(processed) <= 1
    ends_booked_once(people)


def test_an_answer_that_is_lost_while_nobody_can_look_is_looked_at_first(people: People) -> None:
    sandbox = people.world.sandbox
    sandbox.fault("close", system="qondor", method="PUT", path="*SetAsUnprocessed", when="after")
    read = QondorHook.invoice
    seen: list[str] = []

    def once(self: QondorHook, source_id: str) -> dict[str, Any]:
        if seen:
            sandbox.fault("error", system="qondor", method="GET", path=f"*/{source_id}")
        seen.append(source_id)
        return read(self, source_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QondorHook, "invoice", once)
        with pytest.raises(NotResolvedError, match="is not known") as refused:
            people.requeues()
    assert refused.value.may_pass
    sandbox.faults.clear()
    sandbox.traffic.reset()
    people.requeues()
    assert people.put_back() == []
    ends_booked_once(people)


@pytest.mark.parametrize("run_first", [False, True], ids=["said again", "a run comes first"])
@pytest.mark.parametrize("boundary", range(MOST_BOUNDARIES))
def test_a_process_that_dies_anywhere_leaves_nothing_twice(people: People, boundary: int, run_first: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        passed = boundaries(patch, boundary)
        try:
            people.requeues()
        except KilledError:
            pass
        else:
            assert len(passed) <= boundary, "nobody died"
            assert boundary > 4, "the boundaries are not where they were"
    expire(people.world.ledger)
    if run_first:
        people.world.let_arrive()
        people.world.run()
    if not people.living():
        says_it_until_it_is_done(people)
        ends_booked_once(people)
    assert people.living() == ["T-1"]
    assert people.told() == people.reference()
    assert people.world.run() == {}
