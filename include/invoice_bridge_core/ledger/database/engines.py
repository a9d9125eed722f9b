"""SQLAlchemy's engines for ledgers. One may be made before it is known which ledger it is for.

A task's process is forked for one document and opens one ledger. Making an engine takes it longer than a statement, so
the process that it is forked from has one ready.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from invoice_bridge_core.ledger.database.compiled import COMPILED
from invoice_bridge_core.ledger.database.dialect import DRIVER

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_THREADS = 16
"""Threads of one process that may use a ledger at once, each with a lock and a transaction of its own."""
CONNECT_SECONDS = 5


def engine_of(url: sa.URL, settings: Mapping[str, Any]) -> sa.Engine:
    """An engine for the server that the URL names; nothing is opened yet.

    :param settings: further ones for the driver.
    :raises sqlalchemy.exc.ArgumentError: the URL's parameters make no sense.
    """
    try:
        made = _READY.pop()
    except IndexError:
        made = _Made()
    made.reach(url, settings)
    return made.engine


def have_one_ready() -> None:
    """Make an engine for the ledger that is opened next, by this process or by each that is forked from it."""
    if not _READY:
        _READY.append(_Made())


def new_engine(url: sa.URL | str, **ways: Any) -> sa.Engine:
    """An engine as all ledgers have it.

    :param ways: how connections are made, where not by the driver.
    """
    return sa.create_engine(
        url,
        pool_size=2,
        max_overflow=2 * MOST_THREADS - 2,
        pool_timeout=CONNECT_SECONDS * 3,
        hide_parameters=True,
        use_native_hstore=False,
        json_deserializer=_read_json,
        execution_options={"compiled_cache": COMPILED},
        **ways,
    )


class _Made:
    """An engine that is told later where to connect."""

    def __init__(self) -> None:
        self.engine = new_engine(f"{DRIVER}://")
        self._given: dict[str, Any] = {}
        sa.event.listen(self.engine, "do_connect", self._tell)

    def reach(self, url: sa.URL, settings: Mapping[str, Any]) -> None:
        """Say where."""
        _, named = self.engine.dialect.create_connect_args(url)
        self._given = {**named, **settings}

    def _tell(self, _dialect: object, _record: object, positional: list[Any], named: dict[str, Any]) -> None:
        # An address without anything is an empty text; what others who listen have asked for stays.
        positional.clear()
        named.update({**self._given, **named})


_READY: list[_Made] = []


def _read_json(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)
