"""Changes of many leased documents in one transaction, each with its line in the history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from invoice_bridge_core.errors import LeaseLostError
from invoice_bridge_core.ledger.database.database import sql_state
from invoice_bridge_core.ledger.database.leases import write_many
from invoice_bridge_core.ledger.database.tables import documents
from invoice_bridge_core.ledger.documents.claim import UNIQUE_VIOLATION
from invoice_bridge_core.ledger.documents.history import write_changes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import sqlalchemy as sa

    from invoice_bridge_core.ledger.documents.claim import Claim


@dataclass(frozen=True)
class Change:
    """What is written of one member.

    :param note: what the history says; `None`: nothing.
    """

    claim: Claim
    values: Mapping[str, Any]
    note: str | None = None


@dataclass(frozen=True)
class Written:
    """One member's row before and after a change."""

    change: Change
    before: sa.RowMapping
    after: sa.RowMapping


def written_each(connection: sa.Connection, changes: Sequence[Change], actor: str) -> tuple[list[Written], list[Claim]]:
    """Write what can be written; which were, and the claims of the others."""
    try:
        with connection.begin_nested():
            written, left = written_together(connection, changes)
    except IntegrityError as error:
        if sql_state(error) != UNIQUE_VIOLATION:
            raise
        written, left = _written_alone(connection, changes)
    write_histories(connection, written, actor)
    return written, left


def written_together(connection: sa.Connection, changes: Sequence[Change]) -> tuple[list[Written], list[Claim]]:
    """Write all of them; the claims whose leases are lost are left."""
    writes = [one.claim.leased.to_write(one.values, is_noted=one.note is not None) for one in changes]
    after = write_many(connection, documents, writes)
    written = [
        Written(one, one.claim.leased.record, after[one.claim.row.id]) for one in changes if one.claim.row.id in after
    ]
    return written, [one.claim for one in changes if one.claim.row.id not in after]


def _written_alone(connection: sa.Connection, changes: Sequence[Change]) -> tuple[list[Written], list[Claim]]:
    """Write one after the other, since the booking of one of them is another document's by the ledger."""
    written: list[Written] = []
    left = []
    for change in changes:
        leased = change.claim.leased
        try:
            with connection.begin_nested():
                after = leased.change_within(connection, change.values, is_noted=change.note is not None)
        except IntegrityError as error:
            if sql_state(error) != UNIQUE_VIOLATION:
                raise
            left.append(change.claim)
        except LeaseLostError:
            left.append(change.claim)
        else:
            written.append(Written(change, leased.record, after))
    return written, left


def write_histories(connection: sa.Connection, written: Sequence[Written], actor: str, more: str = "") -> None:
    """Keep the changes in the histories of their documents.

    :param more: what each note ends with.
    """
    lines = [(f"{one.change.note}{more}", one.before, one.after) for one in written if one.change.note is not None]
    write_changes(connection, actor, lines)


def keep(written: Sequence[Written]) -> None:
    """Let the claims know their rows as they were written, once the transaction is over."""
    for one in written:
        one.change.claim.leased.keep(one.after)
