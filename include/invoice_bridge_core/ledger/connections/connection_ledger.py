"""The ledger's part for connections: their limits, pauses and refused credentials, each change in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.ledger.connections import call_slots, health

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from invoice_bridge_core.ledger.connections.call_slots import Slot
    from invoice_bridge_core.ledger.connections.fingerprints import Keys
    from invoice_bridge_core.ledger.connections.health import ConnectionHealth
    from invoice_bridge_core.ledger.database.database import Database


class ConnectionLedger:
    """What one ledger knows of connections. All methods raise `LedgerError` when the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def health(self, conn_ids: Collection[str]) -> dict[str, ConnectionHealth]:
        """What these connections told last, by id; one query. Those that never told anything are left out."""
        with self._database.look() as connection:
            return health.records_of(connection, conn_ids)

    def keep_observations(self, conn_id: str, system: str, *, day_left: int | None, accepted: bool) -> None:
        """Note what the answers of one task told of a connection.

        :param system: the system's name as people write it.
        :param day_left: calls that are left of the day; `None` when that is nothing new.
        :param accepted: whether credentials that were refused work again.
        """
        with self._database.transaction() as connection:
            if day_left is not None:
                health.note_day(connection, conn_id, system, day_left)
            if accepted:
                health.accept(connection, conn_id)

    def refuse(self, conn_id: str, system: str, reason: str, *, run: str, credentials: str, keys: Keys = ()) -> None:
        """Note that the system does not accept the credentials.

        :param run: the run that says so to people, unless another one has said it lately.
        :param credentials: the connection's own, of which only a salted hash is kept.
        :param keys: secrets that are not in the ledger, for that hash.
        """
        with self._database.transaction() as connection:
            health.refuse(connection, conn_id, system, reason, run=run, credentials=credentials, keys=keys)

    def close(self, conn_id: str, system: str, reason: str, wait: dt.timedelta | None) -> None:
        """Note that the system wants no calls for so long; without a time, until the next midnight in UTC."""
        with self._database.transaction() as connection:
            health.close(connection, conn_id, system, reason, wait)

    def reopen(self, conn_id: str) -> bool:
        """Forget that the connection is closed or refused; whether there was anything to forget."""
        with self._database.transaction() as connection:
            return health.reopen(connection, conn_id)

    def take_slot(self, conn_id: str, slots: int, per_day: int | None) -> Slot:
        """One of the connection's calls, where one may be made now; see `call_slots`."""
        with self._database.transaction() as connection:
            return call_slots.take(connection, conn_id, slots, per_day)

    def give_slot_back(self, conn_id: str, slot: int, rest: dt.timedelta) -> None:
        """The call was answered; its slot may be used again after so long."""
        with self._database.transaction() as connection:
            call_slots.give_back(connection, conn_id, slot, rest)
