"""One short round on a real Airflow; `make chaos-airflow` plays more and longer ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chaos.airflow.rounds import Measure, play
from tests.chaos.airflow.stage import Stage, stage
from tests.chaos.airflow.strikes import API_SERVER, POSTGRES, SCHEDULER_TREE, TASK

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(1200)]

SEED = 2026


@pytest.fixture(scope="module")
def here() -> Iterator[Stage]:
    with stage() as here:
        yield here


def test_documents_move_once_while_processes_die(here: Stage) -> None:
    played = play(
        here,
        SEED,
        Measure(
            documents=100,
            transfer_strikes=10,
            payment_strikes=3,
            transfer_servers=(SCHEDULER_TREE, POSTGRES),
            payment_servers=(API_SERVER,),
        ),
    )
    assert not played.violations, "\n".join([str(played), *played.violations, *played.told])
    assert played.documents >= 100
    assert played.paid >= 10
    assert played.interrupted >= 1
    assert played.struck[TASK] >= 3
    assert all(played.struck[server] for server in (SCHEDULER_TREE, POSTGRES))
