"""Whatever dies or gets lost between two calls or commits of a payment run: told once, none missed.

Three of five documents are paid. Each case goes back to that moment, breaks one boundary of the run that is due, and
lets fresh processes carry on.
"""

from __future__ import annotations

import gc
import json
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from invoice_bridge_core.documents.states import StepState
from invoice_bridge_core.errors import BridgeError
from invoice_bridge_core.ledger.database.tables import SCHEMA
from invoice_bridge_core.ledger.payments.payment_claim import PAYMENT_REPORT
from invoice_bridge_core.payments.findings import Finding
from tests.chaos.boundary import CALL, COMMIT, GO, STAGE
from tests.payments.backflow import IXPOLE_XERO, ON, backflow
from tests.payments.snapshot import Snapshot, leases_run_out, new_process, pauses_run_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.sandbox import Sandbox
    from tests.chaos.boundary import Boundary
    from tests.payments.backflow import Backflow

pytestmark = pytest.mark.slow

PAID, OPEN = (1, 3, 5), (2, 4)
FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "close", "when": "before"},
    {"kind": "close", "when": "after"},
    {"kind": "error", "when": "before"},
    {"kind": "error", "when": "after"},
    {"kind": "html", "when": "after"},
    {"kind": "empty", "when": "after"},
    {"kind": "half_json", "when": "after"},
    {"kind": "cut_short", "when": "after"},
    {"kind": "wrong_type", "when": "after"},
    {"kind": "too_many_requests", "when": "before", "retry_after": 3000, "limit": "day"},
    {"kind": "unavailable", "when": "before", "retry_after": 3000},
)


class Crash(BaseException):
    """The process is gone."""


class Breaking:
    """A plan that lists the boundaries of a run, and breaks one of them."""

    def __init__(self, at: int | None = None, *, dies: bool = False, fault: dict[str, Any] | None = None) -> None:
        self.met: list[Boundary] = []
        self._at, self._dies, self._fault = at, dies, fault
        self.sandbox: Any = None

    def before(self, boundary: Boundary) -> str:
        self.met.append(boundary)
        if len(self.met) - 1 == self._at and self._fault is not None:
            self.sandbox.fault(
                system=boundary.system, method=boundary.method, path=boundary.path, count=1, **self._fault
            )
        return GO

    def after(self, boundary: Boundary) -> str:
        if len(self.met) - 1 == self._at and self._dies:
            raise Crash
        return GO

    def slept(self, seconds: float) -> None:
        """Nobody waits here."""


@pytest.fixture
def due(back: Backflow) -> Iterator[tuple[Backflow, Snapshot, dict[int, str]]]:
    """Five documents are open as far as the ledger knows, and three of them are paid since."""
    back.book(*PAID, *OPEN)
    payments = {number: back.pay(number) for number in PAID}
    with STAGE.installed():
        yield back, Snapshot(back.world), payments


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_a_process_that_dies_at_any_call_or_commit(due: tuple[Backflow, Snapshot, dict[int, str]]) -> None:
    back, snapshot, payments = due
    wrong = []
    boundaries = boundaries_of(back, snapshot)
    for at, boundary in enumerate(boundaries):
        if boundary.kind not in (CALL, COMMIT):
            continue
        snapshot.restore()
        dies(back, at)
        found = [*moved_too_far(back), *carried_on(back, payments, lost=0)]
        wrong += [f"after {boundary}: {text}" for text in found]
    # The dead leave sockets open.
    gc.collect()
    assert wrong == []
    assert sum(boundary.kind in (CALL, COMMIT) for boundary in boundaries) >= 20


def test_an_answer_that_is_lost_or_garbled_at_any_call(due: tuple[Backflow, Snapshot, dict[int, str]]) -> None:
    back, snapshot, payments = due
    wrong = []
    for at, boundary in enumerate(boundaries_of(back, snapshot)):
        # Further calls of the same kind differ in nothing but the documents that are through already.
        for fault in FAULTS[: {1: None, 2: 2}.get(boundary.nth, 0)] if boundary.kind == CALL else ():
            snapshot.restore()
            plan = Breaking(at, fault=fault)
            plan.sandbox = back.world.sandbox
            with STAGE.under(plan):
                run(back)
                back.world.sandbox.faults.clear()
                pauses_run_out(back.world)
                found = [*moved_too_far(back), *carried_on(back, payments, lost=1)]
            wrong += [f"{fault} at {boundary}: {text}" for text in found]
    assert wrong == []


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_a_process_that_dies_while_drafts_become_real_and_numbers_change(sandbox: Sandbox, ledger_url: str) -> None:
    """The first draft became real and was paid, the second became real, the third got another number and was paid."""
    back = backflow(sandbox, ledger_url, IXPOLE_XERO)
    back.change_route("finance", invoice_status="DRAFT")
    back.book(1, 2, 3)
    back.bookkeeper.authorise(back.name_of(3))
    back.world.run_payments()
    for number in (1, 2):
        back.bookkeeper.authorise(back.name_of(number))
    back.bookkeeper.renumber(back.name_of(3), "IX-77")
    paid = {1: back.pay(1), 3: back.bookkeeper.pay("IX-77", on=ON)}
    with STAGE.installed():
        snapshot, wrong = Snapshot(back.world), []
        for at, boundary in enumerate(boundaries_of(back, snapshot)):
            if boundary.kind not in (CALL, COMMIT):
                continue
            snapshot.restore()
            dies(back, at)
            run(back)
            leases_run_out(back.world)
            run(back)
            run(back)
            wrong += [f"after {boundary}: {text}" for text in real_ones(back, paid)]
    gc.collect()
    back.world.close()
    assert wrong == []


def real_ones(back: Backflow, paid: dict[int, str]) -> Iterator[str]:
    """What is wrong with what iXpole was told of the three."""
    rows = {number: back.world.sandbox.ixpole.told(back.source_id(number)) for number in (1, 2, 3)}
    told = {number: (row["InvoiceNumber"], row.get("PaymentNo")) for number, row in rows.items()}
    if told != {1: (back.name_of(1), paid[1]), 2: (back.name_of(2), None), 3: ("IX-77", paid[3])}:
        yield f"iXpole was told {told}"
    if back.world.found() != {back.source_id(2): Finding.OPEN}:
        yield f"the ledger says {back.world.found()}"
    for number in (1, 2, 3):
        sent = [
            "payment" if "PaymentNo" in entry.body else entry.body["InvoiceNumber"]
            for entry in back.world.calls("ixpole", "PUT")
            if entry.body["InstalmentCode"] == back.source_id(number)
        ]
        if sent != sorted(sent, key=lambda what: what == "payment") or max(map(sent.count, sent)) > 2:
            yield f"{number} was told {sent}"


def boundaries_of(back: Backflow, snapshot: Snapshot) -> list[Boundary]:
    """All that a payment run does when nothing breaks."""
    snapshot.restore()
    plan = Breaking()
    with STAGE.under(plan):
        run(back)
    return plan.met


def dies(back: Backflow, at: int) -> None:
    """A run whose process ends right after a boundary, which is also right before the next one."""
    with STAGE.under(Breaking(at, dies=True)), pytest.raises(Crash):
        run(back)
    new_process(back.world)


def run(back: Backflow) -> None:
    """A payment run whose tasks no later run's tasks take for their own."""
    world = back.world
    try:
        chosen = [entry.row.ref.source_id for entry in world.poll().to_tell(world.now())]
    except BridgeError:
        return
    for source_id in chosen:
        try:
            world.report_paid(source_id, claimant=f"{world.run_key}/{source_id}")
        except BridgeError:
            continue


def moved_too_far(back: Backflow) -> Iterator[str]:
    """The cursor, or a mark in Quiddly, that says more than the ledger holds."""
    open_ones = sum(finding is Finding.OPEN for finding in back.world.found().values())
    knows_nothing = open_ones == len(OPEN) + len(PAID)
    with back.world.ledger.transaction() as connection:
        moved = connection.scalar(sa.text(f"SELECT c.polled_at > k.polled_at FROM {SCHEMA}.cursors c, kept.cursors k"))
    if moved and knows_nothing:
        yield "the cursor has moved, and the ledger knows nothing of the payments"
    if not back.into_xero and marked(back) and knows_nothing:
        yield "payments are marked which the ledger does not know"


def marked(back: Backflow) -> list[str]:
    """The payments that Quiddly hands out no more."""
    return [row["id"] for row in back.world.sandbox.quiddly.vouchers.table.rows() if row["exported"] is not None]


def carried_on(back: Backflow, payments: dict[int, str], *, lost: int) -> Iterator[str]:
    """What is wrong after the next runs: one while the dead one's leases last, and two more."""
    run(back)
    leases_run_out(back.world)
    run(back)
    before = len(back.world.sandbox.traffic.log())
    run(back)
    writes = [entry for entry in back.world.sandbox.traffic.log()[before:] if entry.method != "GET"]
    if [entry for entry in writes if "token" not in entry.path and "authenticate" not in entry.path]:
        yield f"the last run still wrote: {[entry.path for entry in writes]}"
    for number, payment_id in payments.items():
        if back.source_says(number) != back.paid(payment_id):
            yield f"{number} is {back.source_says(number)}"
        yield from told_once(back, number, lost)
        yield from noted(back, number)
    for number in OPEN:
        if back.source_says(number) != back.unpaid():
            yield f"{number} is {back.source_says(number)}, and nobody paid it"
    if not back.into_xero:
        yield from counted_once(back, payments, lost)


def told_once(back: Backflow, number: int, lost: int) -> Iterator[str]:
    """Qondor shows what it was told, so it is told no second time; iXpole may be told the same again."""
    source_id = back.source_id(number)
    entries = [
        entry
        for entry in back.world.calls(back.world.route.source.system, "PUT")
        if source_id in (str(entry.body.get("invoiceId")), entry.body.get("InstalmentCode"))
    ]
    arrived = [entry for entry in entries if not (entry.fault or "").endswith("before")]
    most = 1 if back.from_qondor else 2
    if not 1 <= len(arrived) <= most or len(entries) > most + lost:
        yield f"{number} was told {len(entries)} times, {len(arrived)} of them arrived"
    if len({json.dumps(entry.body, default=str) for entry in entries}) > 1:
        yield f"{number} was told different things: {[entry.body for entry in entries]}"


def noted(back: Backflow, number: int) -> Iterator[str]:
    """The ledger's own account of a paid document."""
    entry = back.world.ledger.payments.status(back.world.ref(back.source_id(number)))
    assert entry is not None
    if entry.told_on is None or entry.told_on.isoformat() != "2026-11-20" or entry.telling_on is not None:
        yield f"{number} was told on {entry.told_on} by the ledger"
    if entry.reason is not None or entry.row.lease_owner is not None:
        yield f"{number} is left with {entry.reason}, {entry.row.lease_owner}"
    steps = {step.step: step.state for step in back.world.ledger.steps(entry.row)}
    if steps.get(PAYMENT_REPORT) is not StepState.DONE:
        yield f"{number} has the steps {steps}"


def counted_once(back: Backflow, payments: dict[int, str], lost: int) -> Iterator[str]:
    """Each payment is marked, at most once more than answers were lost, and no sum is too high."""
    if sorted(marked(back)) != sorted(payments.values()):
        yield f"{marked(back)} are marked"
    exports = [entry.path for entry in back.world.calls("quiddly", "PUT")]
    if len(exports) > len(set(exports)) + lost:
        yield f"marked again and again: {exports}"
    for number in payments:
        entry = back.world.ledger.payments.status(back.world.ref(back.source_id(number)))
        assert entry is not None
        assert entry.booking_status is not None
        if entry.booking_status.paid != back.total:
            yield f"{entry.booking_status.paid} are paid of {number}"
