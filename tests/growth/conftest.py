"""A grown ledger, made once for each process of tests, and a copy of it for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from invoice_bridge_core.ledger import Ledger
from tests.growth.grown import grow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgres import PostgresServer

FINISHED = 12_000


@pytest.fixture(scope="session")
def grown(postgres: PostgresServer) -> Iterator[str]:
    """The name of a database that holds a grown ledger; nobody is connected to it."""
    url = postgres.create_ledger()
    ledger = Ledger.connect(url)
    grow(ledger, FINISHED)
    ledger.close()
    yield str(sa.make_url(url).database)
    postgres.drop_database(url)


@pytest.fixture
def ledger_url(postgres: PostgresServer, grown: str) -> Iterator[str]:
    """The URL of a grown ledger of the test's own."""
    url = postgres.create_database(grown)
    yield url
    postgres.drop_database(url)
