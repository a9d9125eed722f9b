"""A fault at any call leaves a state from which the next attempts finish, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.errors import BridgeError
from tests.systems.ixpole.instalments import instalment
from tests.transfer.ixpole.ixpole_world import FIRST, SECOND, transferred_once

if TYPE_CHECKING:
    from tests.world import World


WRITES = [
    ("ixpole", "PUT", "*instalments"),
    ("ixpole", "PATCH", "*customers*"),
    ("xero", "PUT", "*Items*"),
    ("xero", "PUT", "*Invoices*"),
    ("xero", "GET", "*Invoices*"),
    ("ixpole", "GET", "*"),
]
FAULTS: list[dict[str, Any]] = [
    {"kind": "close", "when": "before"},
    {"kind": "close", "when": "after"},
    {"kind": "error", "when": "after"},
    {"kind": "cut_short"},
    {"kind": "html", "when": "after"},
    {"kind": "empty", "when": "after"},
    {"kind": "unavailable", "when": "before", "retry_after": 0},
    {"kind": "unauthorised", "when": "before"},
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: "-".join(map(str, fault.values())))
@pytest.mark.parametrize(("system", "method", "path"), WRITES, ids=lambda part: str(part).strip("*"))
def test_a_fault_at_any_call_books_nothing_twice_and_loses_nothing(
    world: World, system: str, method: str, path: str, fault: dict[str, Any]
) -> None:
    for number in (1, 2):
        world.sandbox.ixpole.add(instalment(number))
    world.sandbox.fault(system=system, method=method, path=path, nth=1, **fault)
    for _ in range(6):
        try:
            if not world.run():
                break
        except BridgeError:
            continue
    transferred_once(world, FIRST, SECOND)
    assert world.sandbox.ixpole.customers["club/311"]["CustomerCode"] is not None
