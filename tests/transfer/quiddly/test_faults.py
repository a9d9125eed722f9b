"""A fault at any call to Quiddly leaves a state from which the next attempts finish, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.transfer.quiddly_world import everything, everything_once, until_done
from tests.transfer.write_faults import WRITE_FAULTS

if TYPE_CHECKING:
    from tests.world import World

CASES = [
    *(("quiddly", "POST", "/invoices", nth, fault) for nth in (1, 3) for fault in WRITE_FAULTS),
    *(("quiddly", "PUT", "*/activate", nth, fault) for nth in (1, 3) for fault in WRITE_FAULTS),
    *(("quiddly", "POST", "/authenticate", 1, fault) for fault in WRITE_FAULTS[::2]),
    *(("qondor", "PUT", "*SetAsProcessed*", 1, fault) for fault in WRITE_FAULTS[:2]),
]


@pytest.mark.parametrize(("system", "method", "path", "nth", "fault"), CASES)
def test_a_fault_at_a_write_makes_nothing_twice_and_loses_nothing(
    world: World, system: str, method: str, path: str, nth: int, fault: dict[str, Any]
) -> None:
    for one in everything():
        world.sandbox.qondor.add(one)
    struck = world.sandbox.fault(system=system, method=method, path=path, nth=nth, **fault)
    until_done(world)
    assert struck.hits == 1
    everything_once(world)


@pytest.mark.parametrize("kind", ["close", "error", "html", "half_json", "empty", "wrong_type", "unavailable"])
@pytest.mark.parametrize("path", ["/invoices", "/invoices/I.*"])
def test_a_failed_look_up_is_not_taken_for_not_found(world: World, kind: str, path: str) -> None:
    for one in everything():
        world.sandbox.qondor.add(one)
    for method, write in (("POST", "/invoices"), ("PUT", "*/activate")):
        world.sandbox.fault("close", system="quiddly", method=method, path=write, when="after", nth=1)
    struck = world.sandbox.fault(kind, system="quiddly", method="GET", path=path, count=4)
    until_done(world, rounds=12)
    assert struck.hits > 0
    everything_once(world)
