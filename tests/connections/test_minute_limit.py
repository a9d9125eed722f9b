"""Many tasks side by side under a limit per minute, scaled down to seconds."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.world import customer, payment

if TYPE_CHECKING:
    from tests.world import World

PARALLEL = 4
WINDOW = 5.0
ALLOWED = 8
DOCUMENTS = 20
SLACK = 6.0
"""Seconds for the work itself, and for Retry-After's whole seconds."""


@pytest.mark.slow
def test_a_limit_is_waited_for_in_place_and_used_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        world.sandbox.qondor.add(payment(1000 + number, customer=customer(900 + number)))
    world.run()
    ids = [
        str(world.sandbox.qondor.add(payment(number, customer=customer(900 + number % 4)))["id"])
        for number in range(DOCUMENTS)
    ]
    minute = world.sandbox.xero.limits.windows["minute"]
    monkeypatch.setattr(minute, "allowed", ALLOWED)
    monkeypatch.setattr(minute, "seconds", WINDOW)
    minute.forget()
    world.sandbox.traffic.reset()

    started = time.monotonic()
    world.select()
    with ThreadPoolExecutor(PARALLEL) as pool:
        ended = list(pool.map(world.transfer, ids))
    took = time.monotonic() - started

    assert [result.outcome for result in ended] == ["transferred"] * DOCUMENTS
    answered = [entry for entry in world.calls("xero") if entry.status == 200]
    assert len(answered) == DOCUMENTS + 4, "one call for each document, four for the accounts"
    windows = (len(answered) - 1) // ALLOWED
    assert took < windows * WINDOW + SLACK
