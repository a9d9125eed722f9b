"""Defects put into the lane of batches on purpose, to see that the harness finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge.hooks.xero import document_calls
from invoice_bridge.hooks.xero.answers import named_outcomes
from invoice_bridge_core.transfer.ahead import book_ahead, sending
from invoice_bridge_core.transfer.ahead.looking import Looking
from invoice_bridge_core.transfer.ahead.sending import Sending
from tests.chaos.cases import Case, run_case
from tests.chaos.overlaps import SLOW, run_overlap

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from invoice_bridge_core.transfer.ahead.member import Member
    from tests.chaos.report import Finding
    from tests.chaos.world import ChaosWorld

    Plant = Callable[[pytest.MonkeyPatch], None]

_FIRST = "qondor_xero in batches | xero PUT /api.xro/2.0/Invoices #1"


class _InOrder(dict[str, Any]):
    """Whoever asks gets the next element of the answer, whatever number it is asked for."""

    def get(self, _: str, default: Any = None) -> Any:
        return self.pop(next(iter(self))) if self else default


def matching_by_position(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(document_calls, "named_outcomes", lambda *asked: _InOrder(named_outcomes(*asked)))


def resending_after_a_400_without_a_look(patch: pytest.MonkeyPatch) -> None:
    def none_is_there(_: Looking, members: Sequence[Member], __: int) -> list[Member]:
        return list(members)

    patch.setattr(Looking, "_not_found", none_is_there)


def a_key_from_the_run(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sending, "idempotency_key", lambda *_: "run_1#0/book_ahead")


def noting_after_the_next_batch(patch: pytest.MonkeyPatch) -> None:
    told = Sending._told
    late: list[tuple[Any, ...]] = []

    def later(*what: Any) -> None:
        for earlier in late:
            told(*earlier)
        late[:] = [what]

    patch.setattr(Sending, "_told", later)


def a_lease_shorter_than_the_time_out(patch: pytest.MonkeyPatch) -> None:
    begin = book_ahead.BookAhead.__init__
    patch.setattr(book_ahead, "require_lasting_lease", lambda *_: None)
    patch.setattr(book_ahead.BookAhead, "__init__", lambda *what, **how: begin(*what, **how, lease_seconds=60))


FOUND: list[tuple[Plant, str, str]] = [
    (matching_by_position, f"{_FIRST} | shuffled | next run", "the ledger knows"),
    (resending_after_a_400_without_a_look, f"{_FIRST} | 400 after | next run", "without looking in between"),
    (a_key_from_the_run, f"{_FIRST} | shuffled | next run", "has the key of another call with another body"),
    (noting_after_the_next_batch, f"{_FIRST} | shuffled | next run", "of an earlier batch of the run is not noted"),
    (a_lease_shorter_than_the_time_out, f"{_FIRST} | cleared task after, slow | next run", "is sending"),
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
    return run_overlap(world, case) if case.trouble in SLOW else run_case(world, case)
