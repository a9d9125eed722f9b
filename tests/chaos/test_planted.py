"""Defects put into the package on purpose, to see that the harness finds them."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge.hooks.http import session
from invoice_bridge.hooks.http.retry import CallRetry
from invoice_bridge_core.ledger import Claim
from invoice_bridge_core.ledger.database import leases
from invoice_bridge_core.ledger.documents import lease
from invoice_bridge_core.ledger.payments.payment_ledger import PaymentLedger
from invoice_bridge_core.ports.booking_status import PaymentChanges
from invoice_bridge_core.transfer.booking_step import BookingStep
from tests.chaos.cases import Case, run_case
from tests.chaos.overlaps import OVERLAPS, run_overlap

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.ledger.payments.polls import Poll, PollResult
    from invoice_bridge_core.ports import Booking
    from tests.chaos.report import Finding
    from tests.chaos.world import ChaosWorld

    Plant = Callable[[pytest.MonkeyPatch], None]


def no_search_before_a_second_create(patch: pytest.MonkeyPatch) -> None:
    def nothing(_: BookingStep, claim: Claim, *__: Any) -> None:
        claim.not_found()

    patch.setattr(BookingStep, "recovered", nothing)


def report_before_the_commit(patch: pytest.MonkeyPatch) -> None:
    booked, transferred = Claim.booked, Claim.transferred
    made: list[Booking] = []

    def later(claim: Claim, note: str = "") -> None:
        booked(claim, made.pop())
        transferred(claim, note)

    patch.setattr(Claim, "booked", lambda _, booking: made.append(booking))
    patch.setattr(Claim, "update_booking", lambda *_: None)
    patch.setattr(Claim, "transferred", later)


def writes_tried_again_by_the_http_layer(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(session, "CallRetry", lambda *, is_read: CallRetry(is_read=True))


def a_claim_without_lease(patch: pytest.MonkeyPatch) -> None:
    """Neither is the lease of another heeded, nor does a token of its own fence off whoever has lost it."""
    locked = lease._locked_record

    def free(*asked: Any) -> Any:
        record = locked(*asked)
        return record and {**record, "is_leased": False}

    patch.setattr(lease, "_locked_record", free)
    patch.setattr(leases, "uuid", SimpleNamespace(uuid4=lambda: SimpleNamespace(hex="the same for all")))


def a_cursor_moved_early(patch: pytest.MonkeyPatch) -> None:
    keep = PaymentLedger.keep_poll

    def early(ledger: PaymentLedger, poll: Poll) -> PollResult:
        keep(ledger, replace(poll, changes=PaymentChanges(cursor=poll.changes.cursor), asked={}, payment_numbers={}))
        return keep(ledger, poll)

    patch.setattr(PaymentLedger, "keep_poll", early)


FOUND: list[tuple[Plant, str, str]] = [
    (
        no_search_before_a_second_create,
        "qondor_xero invoice | xero PUT /api.xro/2.0/Invoices #1 | dropped after | next run",
        "without looking in between",
    ),
    (
        report_before_the_commit,
        "qondor_xero invoice | qondor PUT /Invoicing/v1/Invoice/SetAsProcessed #1 | refused | next run",
        "while the ledger knows it as None",
    ),
    (
        writes_tried_again_by_the_http_layer,
        "qondor_quiddly invoice | quiddly POST /invoices #1 | dropped after | next run",
        "without looking in between",
    ),
    (
        a_claim_without_lease,
        "qondor_quiddly invoice | quiddly POST /invoices #1 | scheduled run before | next run",
        "at the same time",
    ),
    (
        a_cursor_moved_early,
        "qondor_xero paid in full and in parts"
        " | commit payment_statuses, history, cursors #1 | killed before | next run",
        "instead of Paid",
    ),
]
"""The defect, the case that finds it, and what the harness says."""


@pytest.mark.parametrize(
    ("plant", "case", "says"), [pytest.param(*found, id=found[0].__name__.replace("_", " ")) for found in FOUND]
)
def test_a_planted_defect_is_found(
    world: ChaosWorld, monkeypatch: pytest.MonkeyPatch, plant: Plant, case: str, says: str
) -> None:
    assert play(world, case) is None
    plant(monkeypatch)
    finding = play(world, case)
    assert finding is not None
    assert any(says in violation for violation in finding.violations), finding.violations


def play(world: ChaosWorld, name: str) -> Finding | None:
    case = Case.parse(name)
    return run_overlap(world, case) if case.trouble in OVERLAPS else run_case(world, case)
