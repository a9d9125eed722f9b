"""A claim on a sale: everything that the task with its lease may write about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from invoice_bridge_core.errors import LeaseLostError
from invoice_bridge_core.ledger.database import leases
from invoice_bridge_core.ledger.database.leases import NO_LEASE
from invoice_bridge_core.ledger.database.sale_tables import sales
from invoice_bridge_core.ledger.database.tables import NOW, documents
from invoice_bridge_core.ledger.documents.history import write_change
from invoice_bridge_core.ledger.documents.in_flight import forbid_early_look
from invoice_bridge_core.ledger.sales.row import SaleKey, SaleRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from invoice_bridge_core.ledger.database.database import Database

_NO_INTENT: dict[str, Any] = {"intent": None, "intent_fingerprint": None, "intent_at": None}
_NO_REASON: dict[str, Any] = {"reason": None, "reason_at": None, "announced": None}


class SaleClaim:
    """A sale that one task works on.

    Every method that writes prolongs the lease. It raises `LeaseLostError` when somebody else has taken the sale over,
    and `LedgerError` when the ledger cannot be used.
    """

    def __init__(self, database: Database, record: sa.RowMapping, seconds: int) -> None:
        self._database = database
        self._token: str = record["lease_token"]
        self._actor: str = record["lease_owner"]
        self._seconds = seconds
        self.row = SaleRow.from_record(record)

    def renew(self) -> None:
        """Prolong the lease; call it before sending anything that must not be sent by two."""
        self._change({})

    def completed(self, amount_excl_vat: Decimal, fingerprint: str) -> None:
        """Note the amount that finance does not tell, and what the source should show with it."""
        self._change({"amount_excl_vat": amount_excl_vat, "fingerprint": fingerprint})

    def intend(self, intent: str, fingerprint: str) -> None:
        """Write down, before it is sent, what is about to be sent."""
        self._change({"intent": intent, "intent_fingerprint": fingerprint, "intent_at": NOW})

    def not_done(self) -> None:
        """Write down that what was intended was certainly not done, or is done with and has to be sent anew."""
        self._change(_NO_INTENT)

    def forbid_in_flight(self) -> None:
        """Take what the source shows for the end of what was sent only when nothing can arrive any longer.

        :raises TransientError: it may still arrive; says after how long to look again.
        """
        row = self.row
        if row.intent_at is None:
            return
        with self._database.transaction() as connection:
            now = connection.scalar(sa.select(NOW))
        if now is not None:
            forbid_early_look(f"the sale of {row.label}", row.intent_at, now)

    def told(self, fingerprint: str, note: str | None) -> None:
        """The end: the source shows it as of this fingerprint. Releases the lease.

        :param note: for the history of our document; `None` where nothing was sent.
        """
        told = {"told_fingerprint": fingerprint, "told_at": NOW, **_NO_INTENT, **_NO_REASON}
        self._change({**told, **NO_LEASE}, note)

    def not_shown(self) -> None:
        """The end of what is gone before the source ever had it. Releases the lease."""
        self._change({"told_fingerprint": None, "told_at": None, **_NO_INTENT, **_NO_REASON, **NO_LEASE})

    def held(self, reason: str) -> None:
        """Leave it to a person. Releases the lease."""
        note = None if self.row.reason == reason else f"not shown as a sale: {reason}"
        self._change({"reason": reason, "reason_at": NOW, **NO_LEASE}, note)

    def release(self) -> None:
        """Give the lease back and leave everything else as it is."""
        self._change(NO_LEASE)

    def _change(self, values: Mapping[str, Any], note: str | None = None) -> None:
        with self._database.transaction() as connection:
            after = leases.write(connection, sales, self.row.id, self._token, self._seconds, values)
            if after is None:
                raise LeaseLostError(
                    f"The sale of {self.row.label} was taken over by another task; this attempt has to stop"
                )
            if note is not None and after["document_id"] is not None:
                query = sa.select(documents).where(documents.c.id == after["document_id"])
                document = connection.execute(query).mappings().one()
                write_change(connection, self._actor, note, before=document, after=document)
        self.row = SaleRow.from_record(after)


def take_sale(database: Database, key: SaleKey, claimant: str, seconds: int) -> SaleClaim | None:
    """Take the lease of a sale; `None` while somebody else has it, or when the ledger has no such sale."""
    with database.transaction() as connection:
        record = leases.locked_record(connection, sales, is_sale(key))
        taken = None if record is None else leases.take(connection, sales, record, claimant, seconds)
    return None if taken is None else SaleClaim(database, taken, seconds)


def is_sale(key: SaleKey) -> sa.ColumnElement[bool]:
    """The one sale of this key."""
    return sa.and_(
        sales.c.source_conn == key.source_conn,
        sales.c.finance_conn == key.finance_conn,
        sales.c.finance_id == key.finance_id,
    )
