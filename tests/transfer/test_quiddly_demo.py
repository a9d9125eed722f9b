"""Office 9's documents of the demonstration, under the shipped route file: each ends as its data calls for."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.routes.loader import read_route, routes_folder
from sandbox.quiddly.rules import distribution_faults
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.sandbox import Sandbox


@pytest.fixture
def world(sandbox: Sandbox, ledger_url: str) -> Iterator[World]:
    sandbox.reset()
    world = World(sandbox, ledger_url, read_route(routes_folder() / "qondor_quiddly.yaml"))
    yield world
    world.close()


def test_every_document_ends_as_expected_once_and_a_second_run_writes_nothing(world: World) -> None:
    expected = {
        one["source_id"]: (one["outcome"], one["why"])
        for one in world.sandbox.expectations
        if one["route"] == "qondor_quiddly"
    }
    ended = world.run()
    differing = {
        why: (outcome, ended.get(source_id))
        for source_id, (outcome, why) in expected.items()
        if source_id not in ended or ended[source_id].error or ended[source_id].outcome != outcome
    }
    assert differing == {}
    assert set(ended) == set(expected)
    assert len(expected) >= 20
    assert Counter(outcome for outcome, _ in expected.values()).keys() == {
        "transferred", "rejected", "held", "in doubt",
    }  # fmt: skip

    quiddly = world.sandbox.quiddly
    ours = [row for row in quiddly.invoices.rows() if row["status"] == "ACTIVATED"]
    assert (
        len(ours)
        == len(quiddly.distributions.rows())
        == Counter(outcome for outcome, _ in expected.values())["transferred"]
    )
    assert all(distribution_faults(row, row["distributionCode"]) == {} for row in ours)
    writes = [entry for entry in world.calls("quiddly", "POST", "PUT") if "authenticate" not in entry.path]
    assert len(writes) == 2 * len(ours) + 1  # and one number that was somebody else's

    world.sandbox.traffic.reset()
    assert world.run() == {}
    assert world.calls("quiddly", "POST", "PUT") == []
    assert world.calls("qondor", "PUT") == []
