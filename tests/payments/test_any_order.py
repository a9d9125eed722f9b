"""Whatever a bookkeeper does, whenever it is looked at, and whatever is lost: what Qondor may hear.

A model keeps, for each invoice, what the last poll saw and what Qondor was told. Qondor hears once, of what was paid
when finance was looked at last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from invoice_bridge_core.errors import BridgeError
from invoice_bridge_core.payments.findings import Finding
from tests.examples import SHARED_FIXTURE, examples
from tests.payments.backflow import ON, QONDOR_QUIDDLY, QONDOR_XERO, Backflow, backflow
from tests.payments.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.sandbox import Sandbox

INVOICES = (1, 2)
BOOKS, REPORTS = (
    ("pay", "pay", "part", "undo", "undo", "credit", "void"),
    ("tell", "lose the answer", "lose the report"),
)
DEEDS = st.sampled_from(BOOKS) | st.just("poll") | st.sampled_from(REPORTS)
STEPS = st.lists(st.tuples(DEEDS, st.sampled_from(INVOICES)), min_size=4, max_size=16)


def steps_on_one(*deeds: str) -> list[tuple[str, int]]:
    return [(deed, 1) for deed in deeds]


@dataclass
class Model:
    """One invoice: what the last poll saw, what Qondor was told, and whether the ledger knows that.

    :param sent: a report was sent whose answer was lost.
    """

    seen: Finding = Finding.OPEN
    told: bool = False
    known: bool = False
    sent: bool = False

    def tell(self, deed: str) -> None:
        """An attempt at telling Qondor."""
        if self.known:
            return
        if self.sent and (self.told or self.seen is not Finding.TO_REPORT):
            # The attempt asks Qondor first.
            self.known, self.sent = self.told, False
            return
        if self.seen is Finding.TO_REPORT:
            self.told = deed != "lose the report"
            self.known = deed == "tell"
            self.sent = not self.known

    def found(self) -> Finding | None:
        """What the ledger has to say of it; `None` when it is over."""
        if self.seen is Finding.GONE or not self.known:
            return self.seen
        return None if self.seen is Finding.TO_REPORT else Finding.REMOVED


@pytest.fixture(params=[QONDOR_XERO, QONDOR_QUIDDLY])
def open_invoices(
    request: pytest.FixtureRequest, sandbox: Sandbox, ledger_url: str
) -> Iterator[tuple[Backflow, Snapshot]]:
    back = backflow(sandbox, ledger_url, request.param)
    back.book(*INVOICES)
    yield back, Snapshot(back.world)
    back.world.close()


@pytest.mark.slow
@settings(max_examples=examples(30), suppress_health_check=SHARED_FIXTURE)
@example(steps=steps_on_one("pay", "poll", "lose the answer", "undo", "poll", "tell", "pay", "poll"))
@example(steps=steps_on_one("pay", "poll", "lose the report", "undo", "poll", "tell", "pay", "poll", "tell"))
@example(steps=steps_on_one("pay", "poll", "tell", "undo", "poll", "part", "poll", "pay", "poll", "tell"))
@given(steps=STEPS)
def test_qondor_hears_once_of_what_was_paid_in_full_at_the_last_poll(
    open_invoices: tuple[Backflow, Snapshot], steps: list[tuple[str, int]]
) -> None:
    back, snapshot = open_invoices
    snapshot.restore()
    models = {number: Model() for number in INVOICES}
    for deed, number in steps:
        if deed == "poll":
            poll(back, models)
        elif deed in ("tell", "lose the answer", "lose the report"):
            tell(back, number, deed)
            models[number].tell(deed)
        else:
            keep_books(back, number, deed)
        as_the_model_says(back, models)
    for _ in range(2):
        poll(back, models)
        for number in INVOICES:
            tell(back, number, "tell")
            models[number].tell("tell")
    as_the_model_says(back, models)
    assert all(model.told for model in models.values() if model.seen is Finding.TO_REPORT)
    assert not any(model.sent for model in models.values())


def poll(back: Backflow, models: dict[int, Model]) -> None:
    back.world.poll()
    for number, model in models.items():
        model.seen = truth(back, number)


def truth(back: Backflow, number: int) -> Finding:
    """What finance holds now."""
    booked = back.bookkeeper.document(back.name_of(number))
    if booked.status == "VOIDED":
        return Finding.GONE
    if booked.due == 0:
        return Finding.TO_REPORT
    return Finding.PART_PAID if booked.paid or booked.credited else Finding.OPEN


def keep_books(back: Backflow, number: int, deed: str) -> None:
    """What the bookkeeper does, if it can be done now."""
    verb = {"part": "pay", "undo": "unpay" if back.into_xero else "correct"}.get(deed, deed)
    booked = back.bookkeeper.document(back.name_of(number))
    if verb not in booked.verbs:
        return
    if deed == "part":
        back.pay(number, min(booked.due, 4000))
    elif deed in ("pay", "credit"):
        getattr(back.bookkeeper, verb)(booked.id, on=ON)
    else:
        getattr(back.bookkeeper, verb)(booked.id)


def tell(back: Backflow, number: int, deed: str) -> None:
    sandbox = back.world.sandbox
    if deed != "tell":
        when = "after" if deed == "lose the answer" else "before"
        sandbox.fault("close", system="qondor", method="PUT", when=when, count=1)
    try:
        back.world.report_paid(back.source_id(number))
    except BridgeError:
        assert deed != "tell"
    sandbox.faults.clear()


def as_the_model_says(back: Backflow, models: dict[int, Model]) -> None:
    found = back.world.found()
    for number, model in models.items():
        assert (back.source_says(number)[0] == "Paid") is model.told
        assert found.get(back.source_id(number)) == model.found()
        effective = [
            entry
            for entry in back.world.calls("qondor", "PUT")
            if str(entry.body["invoiceId"]) == back.source_id(number) and entry.fault != "close before"
        ]
        assert len(effective) == int(model.told)
