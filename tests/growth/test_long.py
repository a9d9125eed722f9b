"""The same cost with 500,000 finished documents as with 5,000, by the processor time of both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.growth import FOLLOWS_ALL, measured, seed

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox
    from tests.postgres import PostgresServer

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

FEW, MANY = 5_000, 500_000
MOST = 1.2
NOISE = 12.0
"""Milliseconds that a machine with other work adds to a figure."""


def test_half_a_million_finished_documents_cost_what_five_thousand_do(
    postgres: PostgresServer, sandbox: Sandbox
) -> None:
    costs = []
    for count in (FEW, MANY):
        url = postgres.create_ledger()
        seed(url, count)
        costs.append(measured(sandbox, url))
        postgres.drop_database(url)
    few, many = costs
    grown = {
        name: (round(few[name].both), round(many[name].both))
        for name in few
        if name not in FOLLOWS_ALL and many[name].both > few[name].both * MOST + NOISE
    }
    assert grown == {}
