"""The writes that follow a booking, each noted before and after it is sent: the protocol `Steps`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from invoice_bridge_core.documents.states import StepState
from invoice_bridge_core.errors import LedgerError
from invoice_bridge_core.ledger.database.tables import NOW, steps
from invoice_bridge_core.ledger.documents.in_flight import forbid_in_flight

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from invoice_bridge_core.ledger.documents.lease import LeasedRow


@dataclass(frozen=True)
class StepRecord:
    """One step of one document.

    :param token: the idempotency key of the next, or the last, time that it is sent.
    :param refusals: how often the other system definitely did not carry it out.
    :param finance_id: what the finance system made of it, if it made something.
    """

    step: str
    state: StepState
    token: str
    refusals: int
    finance_id: str | None
    intended_at: dt.datetime
    ended_at: dt.datetime | None

    @property
    def is_unanswered(self) -> bool:
        """Whether it was sent and its end is not known; what is merely to be sent again keeps the end that it had."""
        return self.state is StepState.INTENDED and self.ended_at is None


class DocumentSteps:
    """The steps of one document, written under its lease; every write is kept in the document's history."""

    def __init__(self, leased: LeasedRow) -> None:
        self._leased = leased
        self._records: dict[str, StepRecord] | None = None

    def are_none(self) -> None:
        """Take it that the document has none, as whoever has the lease has just found."""
        self._records = {}

    def is_done(self, step: str) -> bool:
        """Whether the step was carried out and noted."""
        record = self._known.get(step)
        return record is not None and record.state is StepState.DONE

    def was_tried(self, step: str) -> bool:
        """Whether the step may have been carried out: it was noted as done, or its end was never noted."""
        record = self._known.get(step)
        return record is not None and record.state is not StepState.REFUSED

    def intend(self, step: str) -> str:
        """Note that the step is about to be sent; returns its idempotency key, the same until it is refused."""
        if self.is_done(step):
            raise LedgerError(f"{self._leased.row.label}: step {step} is done and cannot be sent again")
        values = self._kept(step) | {"state": StepState.INTENDED, "intended_at": NOW, "ended_at": None}
        self._write(step, values, f"step {step}: about to be sent")
        return str(values["token"])

    def done(self, step: str, finance_id: str | None = None) -> None:
        """Note that the step was carried out, by this attempt or, as was found, by an earlier one."""
        values = self._kept(step) | {"state": StepState.DONE, "finance_id": finance_id, "ended_at": NOW}
        self._write(step, values, f"step {step}: done{f' ({finance_id})' if finance_id else ''}")

    def refused(self, step: str) -> None:
        """Note that the other system definitely did not carry it out; the next intent gets a key of its own."""
        record = self._known.get(step)
        if record is None or record.state is not StepState.INTENDED:
            raise LedgerError(f"{self._leased.row.label}: step {step} was not sent, so it cannot have been refused")
        refusals = record.refusals + 1
        values = {"state": StepState.REFUSED, "refusals": refusals, "token": self._token(step, refusals)}
        self._write(step, self._kept(step) | values | {"ended_at": NOW}, f"step {step}: refused")

    def taken_back(self, step: str) -> None:
        """Note that what was sent counts no longer, because somebody took it back: it is as if refused."""
        record = self._known.get(step)
        if record is None or record.state is StepState.REFUSED:
            return
        refusals = record.refusals + 1
        values = {"state": StepState.REFUSED, "refusals": refusals, "token": self._token(step, refusals)}
        self._write(step, self._kept(step) | values | {"ended_at": NOW}, f"step {step}: taken back")

    def not_found(self, step: str) -> None:
        """Note that a step which may have been sent was looked for and not carried out: like a refusal.

        :raises TransientError: it was sent so short a time ago that it may still arrive.
        """
        self._leased.renew()
        record = self._known.get(step)
        if record is not None and record.state is StepState.INTENDED:
            forbid_in_flight(self._leased, f"step {step}", record.intended_at)
        self.refused(step)

    def reopen(self, step: str) -> None:
        """Note that a step which was carried out has to be carried out again, under a key of its own.

        It stays one that was tried: the other system knows of it.
        """
        record = self._known.get(step)
        if record is None or record.state is not StepState.DONE:
            return
        refusals = record.refusals + 1
        values = {"state": StepState.INTENDED, "refusals": refusals, "token": self._token(step, refusals)}
        self._write(step, self._kept(step) | values, f"step {step}: to be sent again")

    @property
    def names(self) -> list[str]:
        """The steps that were ever sent, or about to be."""
        return list(self._known)

    @property
    def _known(self) -> dict[str, StepRecord]:
        if self._records is None:
            self._records = {record.step: record for record in self._leased.read(steps_of)}
        return self._records

    def _kept(self, step: str) -> dict[str, object]:
        """What a write leaves as it is."""
        record = self._known.get(step)
        if record is None:
            return {"token": self._token(step, 0), "refusals": 0, "finance_id": None, "intended_at": NOW}
        return {name: getattr(record, name) for name in ("token", "refusals", "finance_id", "intended_at")}

    def _token(self, step: str, refusals: int) -> str:
        return hashlib.sha256(f"{self._leased.row.ref}\n{step}\n{refusals}".encode()).hexdigest()[:40]

    def _write(self, step: str, values: dict[str, object], note: str) -> None:
        self._leased.change({}, note, also=partial(_upsert, self._leased.row.id, step, values))
        self._records = None


_OF_DOCUMENT = sa.select(steps).where(steps.c.document_id == sa.bindparam("of_document")).order_by(steps.c.intended_at)


def steps_of(connection: sa.Connection, document_id: int) -> list[StepRecord]:
    """The steps of one document, in the order in which they were sent."""
    return [
        StepRecord(
            step=record["step"],
            state=StepState(record["state"]),
            token=record["token"],
            refusals=record["refusals"],
            finance_id=record["finance_id"],
            intended_at=record["intended_at"],
            ended_at=record["ended_at"],
        )
        for record in connection.execute(_OF_DOCUMENT, {"of_document": document_id}).mappings()
    ]


def with_steps(connection: sa.Connection, document_ids: Sequence[int]) -> set[int]:
    """Those of these documents of which any step was ever sent, or was about to be."""
    wanted = sa.any_(sa.literal(list(document_ids), ARRAY(sa.BigInteger)))
    return set(connection.scalars(sa.select(steps.c.document_id).where(steps.c.document_id == wanted).distinct()))


def _upsert(document_id: int, step: str, values: dict[str, object], connection: sa.Connection) -> None:
    connection.execute(
        insert(steps)
        .values(document_id=document_id, step=step, **values)
        .on_conflict_do_update(index_elements=["document_id", "step"], set_=values)
    )
