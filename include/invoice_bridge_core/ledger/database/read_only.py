"""The ledger's database for those who only look: a write that nobody thought of fails loudly."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa

from invoice_bridge_core.ledger.database.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator


class ReadOnlyDatabase(Database):
    """The same database, over the same connections, in transactions that cannot write."""

    def __init__(self, real: Database) -> None:
        self._password, self.name, self._engine = real._password, real.name, real._engine

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Everything in the block sees the database, and changes nothing."""
        with super().transaction() as connection:
            connection.execute(sa.text("SET TRANSACTION READ ONLY"))
            yield connection

    look = transaction
