"""What people answered when they were asked about documents."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from invoice_bridge_core.ledger.database.decision_tables import decisions
from invoice_bridge_core.ledger.database.leases import NO_LEASE
from invoice_bridge_core.ledger.database.tables import NOW

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from invoice_bridge_core.ledger.database.database import Database
    from invoice_bridge_core.ledger.documents.claim import Claim


@dataclass(frozen=True)
class Decision:
    """The newest answer of one kind about one document.

    :param about: what was asked; another question has another text.
    :param reason: why, as the person said it; `None` where they said nothing.
    :param carried_out_at: `None` until an approval was carried out.
    """

    kind: str
    about: str
    is_approved: bool
    decided_by: str
    reason: str | None
    decided_at: dt.datetime
    carried_out_at: dt.datetime | None

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do about it: refused, or approved and carried out."""
        return not self.is_approved or self.carried_out_at is not None


class DecisionLedger:
    """The decisions of one ledger. All methods raise `LedgerError` when the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def made(self, kind: str, document_ids: Collection[int]) -> dict[int, Decision]:
        """The newest decisions of this kind, by the document row's id; one query."""
        wanted = sa.any_(sa.literal(list(document_ids), ARRAY(sa.BigInteger)))
        query = sa.select(decisions).where(decisions.c.kind == kind, decisions.c.document_id == wanted)
        with self._database.transaction() as connection:
            return {record["document_id"]: _decision(record) for record in connection.execute(query).mappings()}

    def carried_out(self, kind: str, document_id: int) -> None:
        """Note that what was approved is done."""
        row = (decisions.c.kind == kind) & (decisions.c.document_id == document_id)
        with self._database.transaction() as connection:
            connection.execute(sa.update(decisions).where(row).values(carried_out_at=NOW))


def decided(claim: Claim, kind: str, about: str, *, is_approved: bool, by: str, reason: str | None, note: str) -> None:
    """Note a person's answer, under the document's lease, which is released.

    :param note: the line of the history.
    :raises LeaseLostError: somebody else has taken the document over.
    """
    values = {
        "about": about,
        "is_approved": is_approved,
        "decided_by": by,
        "reason": reason,
        "decided_at": NOW,
        "carried_out_at": None,
    }
    claim.leased.change(NO_LEASE, note, also=partial(_upsert, document_id=claim.row.id, kind=kind, values=values))


def _upsert(connection: sa.Connection, *, document_id: int, kind: str, values: dict[str, Any]) -> None:
    connection.execute(
        insert(decisions)
        .values(document_id=document_id, kind=kind, **values)
        .on_conflict_do_update(index_elements=["document_id", "kind"], set_=values)
    )


def _decision(record: sa.RowMapping) -> Decision:
    return Decision(**{name: value for name, value in record.items() if name != "document_id"})
