"""The way to the ledger's PostgreSQL: reading the URL, transactions, and failures in one sentence."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from invoice_bridge_core.errors import LedgerError
from invoice_bridge_core.ledger.database.dialect import DRIVER
from invoice_bridge_core.ledger.database.engines import CONNECT_SECONDS, MOST_THREADS, engine_of, new_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["CONNECTION_NAME", "MOST_THREADS", "Database", "sql_state"]

CONNECTION_NAME = "invoice_bridge_ledger"

# A statement or a row lock that takes longer than this is broken; a task that dies is noticed by its keepalives.
_SERVER_SETTINGS = (
    "-c timezone=UTC -c statement_timeout=30s -c lock_timeout=15s -c idle_in_transaction_session_timeout=60s"
    " -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
)
_CLIENT_SETTINGS: dict[str, Any] = {
    "application_name": "invoice_bridge",
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
_DATA_EXCEPTION = "22"
"""Class of the error codes whose messages quote the value that was wrong."""
_QUOTED = re.compile(r'".*"', re.DOTALL)
_LIBPQ_PREFIXES = ("ssl", "gss", "krb", "keepalives", "host", "port", "options", "application_name", "connect_timeout")
_LIBPQ_OTHERS = ("channel_binding", "passfile", "require_auth", "service", "target_session_attrs", "tcp_user_timeout")


class Database:
    """A small pool of connections to the ledger. Making one connects to nothing yet.

    :param url: `postgresql://` or `postgres://`, as Airflow's connection gives it. What only Airflow's own hook
        understands among its parameters is left out.
    :param driver: SQLAlchemy's name of dialect and driver, where connections are made in another way.
    :param creator: makes them.
    :raises LedgerError: when the URL cannot be read.
    """

    def __init__(self, url: str, *, driver: str = DRIVER, creator: Callable[[], Any] | None = None) -> None:
        parsed = _read_url(url).set(drivername=driver)
        self._password = parsed.password or ""
        self.name = _name(parsed)
        if creator is not None:
            self._engine = new_engine(parsed, creator=creator)
            return
        options = f"{_SERVER_SETTINGS} {_only(parsed.query.get('options', ''))}".strip()
        settings = {key: value for key, value in _CLIENT_SETTINGS.items() if key not in parsed.query}
        self._engine = engine_of(parsed.difference_update_query(["options"]), {**settings, "options": options})

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Everything in the block is committed together, or not at all.

        :raises LedgerError: for whatever the database or the way to it objects to.
        """
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise self._error(error) from None

    @contextmanager
    def look(self) -> Iterator[sa.Connection]:
        """For one statement that only reads: the database is not told of a transaction around it.

        :raises LedgerError: for whatever the database or the way to it objects to.
        """
        try:
            with self._engine.connect() as connection, _without_transaction(connection), connection.begin():
                yield connection
        except SQLAlchemyError as error:
            raise self._error(error) from None

    @contextmanager
    def outside_transactions(self) -> Iterator[sa.Connection]:
        """A connection of its own, closed at the end, on which every statement stands alone.

        :raises LedgerError: as of `transaction`.
        """
        try:
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                yield connection
                connection.invalidate()
        except SQLAlchemyError as error:
            state = sql_state(error) if isinstance(error, DBAPIError) else ""
            raise LedgerError(self._sentence(error), sql_state=state) from None

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._engine.dispose()

    def _error(self, error: SQLAlchemyError) -> LedgerError:
        """The database's own text holds the row that it objects to, so nothing may be raised from it."""
        state = sql_state(error) if isinstance(error, DBAPIError) else ""
        return LedgerError(self._sentence(error), sql_state=state)

    def _sentence(self, error: SQLAlchemyError) -> str:
        cause = self._cause(error)
        if isinstance(error, DBAPIError) and (error.statement is None or error.connection_invalidated):
            return f"The ledger at {self.name} cannot be reached: {cause}; check the connection {CONNECTION_NAME}"
        return f"The ledger at {self.name} cannot be used: {cause}"

    def _cause(self, error: SQLAlchemyError) -> str:
        text = _said(error)
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith("\t")]
        cause = "; ".join(" ".join(line.split()) for line in lines).rstrip(".") or type(error).__name__
        return cause.replace(self._password, "***") if self._password else cause


@contextmanager
def _without_transaction(connection: sa.Connection) -> Iterator[None]:
    raw: Any = connection.connection.dbapi_connection
    raw.autocommit = True
    try:
        yield
    finally:
        if not raw.closed:
            raw.autocommit = False


def _said(error: SQLAlchemyError) -> str:
    """What is wrong, without values: PostgreSQL's details, hints and contexts quote the row."""
    if not isinstance(error, DBAPIError) or error.orig is None:
        # What SQLAlchemy itself objects to: its first line; the statement comes after.
        return str(error).partition("\n")[0]
    said: str | None = getattr(getattr(error.orig, "diag", None), "message_primary", None)
    if said is None:
        return str(error.orig)
    return _QUOTED.sub("…", said) if sql_state(error).startswith(_DATA_EXCEPTION) else said


def sql_state(error: DBAPIError) -> str:
    """PostgreSQL's five-letter error code, or an empty text when the server never answered."""
    return getattr(error.orig, "pgcode", None) or ""


def _read_url(text: str) -> sa.URL:
    try:
        url = sa.make_url(text)
    except (ArgumentError, ValueError):
        # The original text may hold the password.
        raise LedgerError(f"The URL of the connection {CONNECTION_NAME} cannot be read as a URL") from None
    if url.drivername.split("+")[0] not in ("postgres", "postgresql"):
        raise LedgerError(
            f"The connection {CONNECTION_NAME} is of the type {url.drivername!r}: the ledger needs PostgreSQL"
        )
    host = unquote(url.host) if url.host else None
    if host and "@" in host:
        raise LedgerError(
            f"The URL of the connection {CONNECTION_NAME} has an @ in its password: it must be written as %40"
        )
    if host and host.startswith("/"):
        url = url.update_query_dict({"host": host})
        host = None
    parameters = {key: value for key, value in {**url.query, **_extra(url)}.items() if _is_libpq(key)}
    return sa.URL.create(DRIVER, url.username, url.password, host, url.port, url.database, parameters)


def _extra(url: sa.URL) -> dict[str, str]:
    """What Airflow puts into `__extra__` when a connection's extra is not a flat set of texts."""
    try:
        extra = json.loads(_only(url.query.get("__extra__", "{}")))
    except ValueError:
        return {}
    if not isinstance(extra, dict):
        return {}
    return {key: str(value) for key, value in extra.items() if isinstance(value, str | int)}


def _is_libpq(parameter: str) -> bool:
    return parameter.startswith(_LIBPQ_PREFIXES) or parameter in _LIBPQ_OTHERS


def _only(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else value[-1]


def _name(url: sa.URL) -> str:
    return f"{url.host or _only(url.query.get('host', 'localhost'))}/{url.database or ''}"
