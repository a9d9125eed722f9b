"""SQLAlchemy's PostgreSQL without its questions: what it asks each server at first, the connection knows already.

A task's process lives for one document, so whatever is asked once per process is asked once per document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2

if TYPE_CHECKING:
    import sqlalchemy as sa

DRIVER = "postgresql+invoice_bridge"
"""For the URL of an engine that uses it."""


class LedgerDialect(PGDialect_psycopg2):
    """For a ledger: all its tables stand in a schema that each statement names, and nobody sets another isolation."""

    supports_statement_cache = True
    # As every server has it since PostgreSQL 9.1, so that what is compiled before the first connect fits.
    _backslash_escapes = False

    def _get_server_version_info(self, connection: sa.Connection) -> tuple[int, ...]:
        version: int = _raw(connection).server_version
        return version // 10_000, version % 10_000

    def _get_default_schema_name(self, connection: sa.Connection) -> str:
        return "public"

    def _set_backslash_escapes(self, connection: sa.Connection) -> None:
        self._backslash_escapes = _raw(connection).get_parameter_status("standard_conforming_strings") == "off"

    def get_default_isolation_level(self, dbapi_conn: Any) -> Any:
        """PostgreSQL's own; the ledger leaves it at that."""
        return "READ COMMITTED"


def _raw(connection: sa.Connection) -> Any:
    return connection.connection.dbapi_connection


registry.register(DRIVER.replace("+", "."), __name__, LedgerDialect.__name__)
