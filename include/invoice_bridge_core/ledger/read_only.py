"""A ledger for those who only look, such as a preflight: nothing that they do is kept.

What a run reads once for all its tasks is kept in memory, and what is learned of connections as well. Two things go to
the real ledger, since no call can be made without them: the slots that keep all callers together within a system's
limits, and the tokens, which are opened there.
"""

from __future__ import annotations

import datetime as dt
import json
from contextlib import nullcontext
from dataclasses import replace
from decimal import Decimal
from threading import RLock
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.ledger.connections.connection_ledger import ConnectionLedger
from invoice_bridge_core.ledger.connections.fingerprints import salted_hash
from invoice_bridge_core.ledger.connections.health import ConnectionHealth
from invoice_bridge_core.ledger.database.read_only import ReadOnlyDatabase
from invoice_bridge_core.ledger.foreseen import ForeseenDocuments
from invoice_bridge_core.ledger.ledger import Ledger
from invoice_bridge_core.ports import ReferenceData

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from contextlib import AbstractContextManager

    from invoice_bridge_core.documents import DocumentRef
    from invoice_bridge_core.ledger.connections.call_slots import Slot
    from invoice_bridge_core.ledger.connections.fingerprints import Keys
    from invoice_bridge_core.ledger.database.database import Database
    from invoice_bridge_core.ledger.foreseen import Foreseen


class ReadOnlyLedger(Ledger):
    """What somebody takes for the ledger who may change nothing; one for each look.

    :param real: the ledger that is read.
    """

    def __init__(self, real: Ledger) -> None:
        super().__init__(ReadOnlyDatabase(real._database))
        self.connections = _LookedAtConnections(real.connections, self._database)
        self._snapshots: dict[tuple[str, str], ReferenceData] = {}
        self._reading = RLock()

    def locked(self, *keys: str, seconds: int = 0) -> AbstractContextManager[None]:
        """No lock: nothing is written that two could write."""
        return nullcontext()

    def reference_data(self, finance_conn: str, run_key: str, read: Callable[[], ReferenceData]) -> ReferenceData:
        """The snapshot of this look; read once."""
        key = (finance_conn, run_key)
        with self._reading:
            if key not in self._snapshots:
                snapshot = read()
                body = json.loads(json.dumps(snapshot.model_dump(mode="json")["body"]), parse_float=Decimal)
                self._snapshots[key] = ReferenceData(body=body, fingerprint=snapshot.fingerprint)
            return self._snapshots[key]

    def kept_reference_data(self, finance_conn: str, run_key: str) -> ReferenceData | None:
        """What this look has read under the name."""
        return self._snapshots.get((finance_conn, run_key))

    def foreseen(self, route: str, run_key: str) -> ForeseenDocuments:
        """What this look foresees of the route's documents."""
        return _ForeseenInMemory(self._database, route, run_key)


class _LookedAtConnections(ConnectionLedger):
    """What is learned of connections is known to this look alone."""

    def __init__(self, real: ConnectionLedger, database: Database) -> None:
        super().__init__(database)
        self._real = real
        self._learned: dict[str, ConnectionHealth] = {}

    def health(self, conn_ids: Collection[str]) -> dict[str, ConnectionHealth]:
        learned = {conn_id: self._learned[conn_id] for conn_id in conn_ids if conn_id in self._learned}
        return {**super().health(conn_ids), **learned}

    def keep_observations(self, conn_id: str, system: str, *, day_left: int | None, accepted: bool) -> None:
        pass

    def refuse(self, conn_id: str, system: str, reason: str, *, run: str, credentials: str, keys: Keys = ()) -> None:
        known = self._known(conn_id, system)
        self._learned[conn_id] = replace(
            known,
            refused_at=known.now,
            refused_last_at=known.now,
            refused_reason=reason,
            refused_run=run,
            refused_credentials=salted_hash(credentials, keys),
        )

    def close(self, conn_id: str, system: str, reason: str, wait: dt.timedelta | None) -> None:
        known = self._known(conn_id, system)
        midnight = known.now.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0) + dt.timedelta(
            days=1
        )
        until = midnight if wait is None else known.now + wait
        self._learned[conn_id] = replace(known, closed_until=until, closed_reason=reason)

    def take_slot(self, conn_id: str, slots: int, per_day: int | None) -> Slot:
        return self._real.take_slot(conn_id, slots, per_day)

    def give_slot_back(self, conn_id: str, slot: int, rest: dt.timedelta) -> None:
        self._real.give_slot_back(conn_id, slot, rest)

    def _known(self, conn_id: str, system: str) -> ConnectionHealth:
        known = self.health([conn_id]).get(conn_id)
        if known is not None:
            return known
        nothing: dict[str, Any] = dict.fromkeys(ConnectionHealth.__dataclass_fields__)
        return ConnectionHealth(**{**nothing, "conn_id": conn_id, "system": system, "now": dt.datetime.now(dt.UTC)})


class _ForeseenInMemory(ForeseenDocuments):
    """What is foreseen of documents, in the order in which it was noted."""

    def __init__(self, database: Database, route: str, run_key: str) -> None:
        super().__init__(database, route, run_key)
        self._noted: dict[DocumentRef, Foreseen] = {}

    def note(self, ref: DocumentRef, foreseen: Foreseen) -> None:
        self._noted.pop(ref, None)
        self._noted[ref] = foreseen

    def others_than(self, ref: DocumentRef) -> list[Foreseen]:
        return [foreseen for other, foreseen in self._noted.items() if other != ref]
