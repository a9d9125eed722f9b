"""Batches: documents that are sent in one call, written down before it leaves, and their results after it.

The members' rows, their histories and the batch change in one transaction each time, so that a process may die at any
point: an intent either points at a batch that may have been sent, or there is none.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from invoice_bridge_core.errors import LeaseLostError
from invoice_bridge_core.ledger.database.batch_tables import batches
from invoice_bridge_core.ledger.database.leases import NO_LEASE
from invoice_bridge_core.ledger.database.tables import INSTANT, NOW, steps
from invoice_bridge_core.ledger.documents.claim import Claim
from invoice_bridge_core.ledger.documents.many_changes import (
    Change,
    keep,
    write_histories,
    written_each,
    written_together,
)
from invoice_bridge_core.ledger.documents.members import take_leases
from invoice_bridge_core.ledger.documents.steps import with_steps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from invoice_bridge_core.ledger.database.database import Database

BODY_KEPT = dt.timedelta(days=7)
"""How long the very bytes of a batch are kept; the batch itself stays, as the history does."""

SENT, ANSWERED, UNKNOWN = "sent", "answered", "unknown"


@dataclass(frozen=True)
class BatchNote:
    """A batch as it is written down before it is sent.

    :param kind: what its members are, in the finance system's word.
    :param idempotency_key: derived from the bytes and the members' intents.
    :param body: the very bytes that are sent.
    """

    route: str
    run_key: str
    finance_conn: str
    kind: str
    idempotency_key: str
    body: bytes


@dataclass(frozen=True)
class Refusal:
    """Why finance definitely did not take one member of a batch.

    :param text: the sentence for people.
    :param reasons: the finance system's own texts.
    :param payload_hash: of the document that was refused.
    """

    text: str
    reasons: tuple[str, ...]
    payload_hash: str


@dataclass(frozen=True)
class Told:
    """What a batch told of one member.

    :param run_key: the run whose batch it was.
    :param has_steps: whether anything that follows the booking was sent.
    """

    run_key: str
    refusal: Refusal | None
    has_steps: bool


@dataclass(frozen=True)
class SentBatch:
    """A batch as the ledger knows it.

    :param document_ids: the rows of its members, in their order.
    :param state: `sent`, and nothing more is known; `answered`; `unknown`: it got no answer that could be believed.
    """

    id: int
    run_key: str
    finance_conn: str
    kind: str
    document_ids: tuple[int, ...]
    idempotency_key: str
    body: bytes | None
    state: str
    refusals: Mapping[int, Refusal] = field(default_factory=dict)


_TOLD = sa.select(
    batches.c.run_key,
    batches.c.refusals[sa.bindparam("member", type_=sa.JSON.JSONStrIndexType())].label("refusal"),
    sa.exists().where(steps.c.document_id == sa.bindparam("member_id")).label("has_steps"),
).where(batches.c.id == sa.bindparam("batch_id"))


class BatchLedger:
    """The batches of one ledger. All methods raise `LedgerError` when it cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(
        self,
        system: str,
        conn_id: str,
        claimants: Mapping[str, str],
        *,
        route: str,
        finance_conn: str,
        seconds: int,
    ) -> list[Claim]:
        """Take those of these documents that wait and nothing more, in the order in which they are given.

        Left out is what may be booked, what was rejected, put aside, taken up again, or refused again and again, and
        what another task works on.

        :param claimants: source id → the task that each lease is taken for, which so can take it over.
        """
        leased = take_leases(self._database, system, conn_id, claimants, route=route, seconds=seconds)
        claims = [Claim(each, finance_conn) for each in leased]
        with self._database.look() as connection:
            stepped = with_steps(connection, [claim.row.id for claim in claims])
        for claim in claims:
            if claim.row.id not in stepped:
                claim.steps.are_none()
        return claims

    def give_up(self, run_key: str) -> None:
        """Note that nobody waits any more for the answers to the run's open batches: who sent them has ended.

        Their members keep their intents, and are looked for by their own tasks.
        """
        is_open = (batches.c.run_key == run_key) & (batches.c.state == SENT) & batches.c.body.is_not(None)
        ended = {"state": UNKNOWN, "failure": "the task that noted it ended before its answer", "ended_at": NOW}
        with self._database.transaction() as connection:
            connection.execute(sa.update(batches).where(is_open).values(ended))

    def note(self, batch: BatchNote, changes: Sequence[Change], *, actor: str) -> int:
        """Write down a batch and its members' intents before it is sent; its id.

        :raises LeaseLostError: somebody else has taken one of the documents over; nothing is written then.
        """
        values = {
            "route": batch.route,
            "run_key": batch.run_key,
            "finance_conn": batch.finance_conn,
            "kind": batch.kind,
            "document_ids": [change.claim.row.id for change in changes],
            "idempotency_key": batch.idempotency_key,
            "body": batch.body,
            "state": SENT,
        }
        with self._database.transaction() as connection:
            _forget_old_bodies(connection)
            batch_id: int = connection.execute(sa.insert(batches).values(**values).returning(batches.c.id)).scalar_one()
            members = [Change(one.claim, {**one.values, "batch_id": batch_id}, one.note) for one in changes]
            written, lost = written_together(connection, members)
            if lost:
                raise LeaseLostError(f"{lost[0].row.label} was taken over by another task; its batch is not sent")
            write_histories(connection, written, actor, f", in batch {batch_id} of {len(changes)}")
        keep(written)
        return batch_id

    def end(
        self,
        batch_id: int,
        changes: Sequence[Change],
        *,
        actor: str,
        refusals: Mapping[int, Refusal] | None = None,
        failure: str | None = None,
    ) -> list[Claim]:
        """Write down what became of a batch and of those members of which it is known, all in one transaction.

        :param refusals: why finance did not take a member, by the id of its row.
        :param failure: why nobody knows what became of the batch; `None` where it was answered.
        :return: members of which nothing was written: another task has taken one over, or its booking is another
            document's by the ledger.
        """
        told = {
            str(each): {"text": one.text, "reasons": list(one.reasons), "payload_hash": one.payload_hash}
            for each, one in (refusals or {}).items()
        }
        with self._database.transaction() as connection:
            written, left = written_each(connection, changes, actor)
            ended = {"state": ANSWERED if failure is None else UNKNOWN, "refusals": told, "failure": failure}
            connection.execute(sa.update(batches).where(batches.c.id == batch_id).values(**ended, ended_at=NOW))
        keep(written)
        return left

    def change(self, changes: Sequence[Change], *, actor: str) -> list[Claim]:
        """Write something of each of these documents, all in one transaction; returns as of `end`."""
        with self._database.transaction() as connection:
            written, left = written_each(connection, changes, actor)
        keep(written)
        return left

    def let_go(self, claims: Sequence[Claim], *, actor: str, reason: str | None = None) -> None:
        """Give the leases back; who has lost one does not mind.

        :param reason: what the attempt stumbled over.
        """
        values = {**NO_LEASE, **({"reason": reason, "held_fingerprint": None} if reason else {})}
        self.change([Change(claim, values, reason) for claim in claims], actor=actor)

    def now(self) -> dt.datetime:
        """The time by the clock that sets all instants of the ledger."""
        with self._database.look() as connection:
            now: dt.datetime = connection.execute(sa.select(NOW)).scalar_one()
        return now

    def told(self, batch_id: int, document_id: int) -> Told | None:
        """What a batch has told of one member."""
        given = {"batch_id": batch_id, "member_id": document_id, "member": str(document_id)}
        with self._database.look() as connection:
            record = connection.execute(_TOLD, given).mappings().one_or_none()
        if record is None:
            return None
        refusal = None if record["refusal"] is None else _refusal(record["refusal"])
        return Told(record["run_key"], refusal, has_steps=record["has_steps"])

    def found(self, batch_id: int) -> SentBatch | None:
        """A batch as it was written down."""
        query = sa.select(batches).where(batches.c.id == batch_id)
        with self._database.look() as connection:
            record = connection.execute(query).mappings().one_or_none()
        return None if record is None else _batch(record)


def _batch(record: sa.RowMapping) -> SentBatch:
    return SentBatch(
        id=record["id"],
        run_key=record["run_key"],
        finance_conn=record["finance_conn"],
        kind=record["kind"],
        document_ids=tuple(record["document_ids"]),
        idempotency_key=record["idempotency_key"],
        body=None if record["body"] is None else bytes(record["body"]),
        state=record["state"],
        refusals={int(each): _refusal(one) for each, one in record["refusals"].items()},
    )


def _refusal(told: Mapping[str, Any]) -> Refusal:
    return Refusal(told["text"], tuple(told["reasons"]), told["payload_hash"])


def _forget_old_bodies(connection: sa.Connection) -> None:
    old = sa.func.clock_timestamp(type_=INSTANT) - sa.literal(BODY_KEPT)
    # An open batch keeps its bytes: nobody knows yet what became of it.
    is_old = batches.c.body.is_not(None) & (batches.c.noted_at < old) & batches.c.ended_at.is_not(None)
    connection.execute(sa.update(batches).where(is_old).values(body=None))
