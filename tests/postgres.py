"""A real PostgreSQL for tests: one server per session, and a fresh, migrated ledger per test."""

from __future__ import annotations

import itertools
import os
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from invoice_bridge_core.ledger import Ledger
from local.postgres import EmbeddedPostgres
from local.processes import Guard, stop_processes
from local.settings import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

TEMPLATE = "ledger_template"
USER = "postgres"
"""Not named after the ledger's schema, which would then be the default one."""
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""Tests need no data after a crash."""


@dataclass
class PostgresServer:
    """A running server."""

    embedded: EmbeddedPostgres
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def url(self, database: str) -> str:
        return self.embedded.url(database)

    def create_database(self, template: str = "template1") -> str:
        """A new database; returns its URL."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        # Copying files is quicker than writing each page to the log, where nothing waits for the disk.
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return self.url(name)

    def create_ledger(self) -> str:
        """A new database that is a migrated, empty ledger; returns its URL."""
        return self.create_database(TEMPLATE)

    def drop_database(self, url: str) -> None:
        """Remove the database, whoever is still connected to it."""
        name = sa.make_url(url).database
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        """Run one statement outside a transaction, on the server's own database."""
        engine = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.execute(sa.text(statement))


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Start a server, and remove it with all its data at the end."""
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder, ExitStack() as cleanup:
        guard = Guard(PROJECT)
        cleanup.callback(guard.dismiss)
        embedded = EmbeddedPostgres(Path(folder), Path(folder) / "log", user=USER, settings=FORGETFUL)
        process = embedded.start()
        cleanup.callback(stop_processes, [process])
        guard.watch(process)
        embedded.wait()
        server = PostgresServer(embedded)
        server.execute(f"CREATE DATABASE {TEMPLATE}")
        Ledger.connect(server.url(TEMPLATE)).close()
        yield server


@contextmanager
def fresh_ledger_url(server: PostgresServer) -> Iterator[str]:
    """The URL of an empty ledger that is dropped at the end of the block."""
    url = server.create_ledger()
    try:
        yield url
    finally:
        server.drop_database(url)
