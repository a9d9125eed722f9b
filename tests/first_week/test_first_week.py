"""Nothing final on a guess, no second contact and no cent lost, however people wrote the documents."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.first_week.batches import Batch
from tests.first_week.findings import findings
from tests.first_week.play import play

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox
    from tests.postgres import PostgresServer

SIZE = 20
BATCHES = -(-int(os.environ.get("FIRST_WEEK_DOCUMENTS", "80")) // SIZE)
SEED = int(os.environ.get("FIRST_WEEK_SEED", "1"))


@pytest.mark.parametrize("index", range(BATCHES))
def test_documents_as_people_write_them_end_as_the_clean_ones(
    sandbox: Sandbox, postgres: PostgresServer, index: int
) -> None:
    batch = Batch.of(SEED, index, SIZE)
    clean, mangled = (play(sandbox, postgres, batch, mangled=each) for each in (False, True))
    found = list(findings(batch, clean, mangled))
    assert not found, "\n\n".join(finding.text for finding in found)


def test_a_seed_stands_for_the_same_documents() -> None:
    first, second = Batch.of(3, 5, 10), Batch.of(3, 5, 10)
    assert first == second
    assert first != Batch.of(4, 5, 10)
