"""A customer that one task works on: everything that the task with its lease may write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from invoice_bridge_core.documents.customer_states import CustomerState
from invoice_bridge_core.errors import LeaseLostError, LedgerError, NeedsHumanError, TransientError
from invoice_bridge_core.ledger.customers import customer_rows
from invoice_bridge_core.ledger.database import leases
from invoice_bridge_core.ledger.database.customer_tables import customer_links, customer_persons
from invoice_bridge_core.ledger.database.leases import NO_LEASE
from invoice_bridge_core.ledger.database.tables import NOW
from invoice_bridge_core.ledger.documents.in_flight import IN_FLIGHT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from invoice_bridge_core.documents.customer_card import CustomerCard
    from invoice_bridge_core.ledger.customers.customer_rows import CustomerRow, Json
    from invoice_bridge_core.ledger.database.database import Database

_UNIQUE_VIOLATION = "23505"


class CustomerClaim:
    """The lease on a customer's row. Every write prolongs it, and raises `LeaseLostError` when it is lost.

    `is_held` says whether it was not given back yet.
    """

    def __init__(self, database: Database, record: sa.RowMapping, seconds: int, persons: dict[str, Json]) -> None:
        self._database = database
        self._token: str = record["lease_token"]
        self._owner: str = record["lease_owner"]
        self._conns = (record["source_conn"], record["finance_conn"])
        self._seconds = seconds
        self.is_held = True
        self.row: CustomerRow = customer_rows.row_of(record, persons)

    def linked(self, *, source_key: str | None = None, finance_id: str | None = None) -> None:
        """Note which customer of the other side this one is; a row that only had that one is taken over.

        :raises NeedsHumanError: another customer is that one already.
        """
        column, key = ("finance_id", finance_id) if finance_id is not None else ("source_key", source_key)
        other_column = customer_links.c.source_key if finance_id is not None else customer_links.c.finance_id
        alone = sa.delete(customer_links).where(
            customer_rows.of_pair(*self._conns),
            customer_links.c[column] == key,
            other_column.is_(None),
            customer_links.c.id != self.row.id,
        )
        try:
            self._change({column: key}, first=alone)
        except LedgerError as error:
            if error.sql_state != _UNIQUE_VIOLATION:
                raise
            raise NeedsHumanError(another_has_it(self.row.label, str(key))) from error

    def intend(self, intent: Json, *, batch_token: str | None = None) -> None:
        """Note, before it is sent, what is about to be written."""
        self._change({"intent": intent, "intent_at": NOW, "batch_token": batch_token})

    def forget_intent(self) -> None:
        """Note that what was intended was certainly not done."""
        self._change({"intent": None, "intent_at": None, "batch_token": None})

    def forbid_in_flight(self, what: str) -> None:
        """Take "not found" for "not done" only when nothing can arrive any longer.

        :raises TransientError: it may still arrive.
        """
        if self.row.intent_at is None:
            return
        with self._database.transaction() as connection:
            now = connection.scalar(sa.select(NOW))
        if now is not None and (left := self.row.intent_at + IN_FLIGHT - now).total_seconds() > 0:
            raise TransientError(
                f"{what} was sent a moment ago, got no answer, and is not there yet. It may still arrive: look for it "
                f"again {IN_FLIGHT.seconds} seconds after it was sent, before sending it again",
                retry_after=left,
            )

    def in_step(
        self,
        *,
        label: str,
        source: CustomerCard,
        finance: CustomerCard,
        base: Json,
        persons: Mapping[str, Json],
        written: Sequence[tuple[str, str, str]],
        reason: str | None = None,
    ) -> None:
        """The end: both sides say the same. Releases the lease.

        :param label: what the master calls the customer.
        :param written: what this attempt changed; empty when nothing had to be.
        :param reason: what the other side does not take, if anything.
        """
        news: dict[str, Any] = {}
        if written:
            news = {"written": [list(one) for one in written], "written_at": NOW, "written_by": self._owner}
        self._change(
            {
                **NO_LEASE,
                **news,
                "source_card": source.as_json(),
                "finance_card": finance.as_json(),
                "label": label,
                "base": base,
                "state": CustomerState.IN_STEP,
                "reason": reason,
                "changes": [],
                "wanted_at": None,
                "intent": None,
                "intent_at": None,
            },
            persons=persons,
        )

    def left(
        self,
        state: CustomerState,
        reason: str,
        *,
        is_refused: bool = False,
        **cards: CustomerCard | None,
    ) -> None:
        """Leave it to a person, or to what somebody mends. Releases the lease; an open intent stays.

        :param is_refused: whether what is wanted was refused, so that the same is not sent again in every run.
        :param cards: `source` and `finance` as they were read now.
        """
        read = {f"{side}_card": card.as_json() for side, card in cards.items() if card is not None}
        kept: dict[str, Any] = {} if is_refused else {"changes": []}
        self._change({**NO_LEASE, **read, **kept, "state": state, "reason": reason, "wanted_at": None})

    def release(self, reason: str | None = None) -> None:
        """Give the lease back; the customer stays wanted.

        :param reason: what the attempt stumbled over.
        """
        self._change({**NO_LEASE, **({"reason": reason} if reason else {})})

    def _change(
        self,
        values: dict[str, Any],
        *,
        first: sa.Delete | None = None,
        persons: Mapping[str, Json] | None = None,
    ) -> None:
        with self._database.transaction() as connection:
            if first is not None:
                connection.execute(first)
            after = leases.write(
                connection,
                customer_links,
                self.row.id,
                self._token,
                self._seconds,
                {**values, "updated_at": NOW},
            )
            if after is None:
                raise LeaseLostError(f"{self.row.label} was taken over by another task; this attempt has to stop")
            if persons:
                keep_persons(connection, self.row.id, persons)
        self.row = customer_rows.row_of(after, {**self.row.persons, **(persons or {})})
        self.is_held = after["lease_token"] is not None


def keep_persons(connection: sa.Connection, link_id: int, persons: Mapping[str, Json]) -> None:
    """Keep what both sides said of the contact persons of a customer."""
    statement = insert(customer_persons)
    statement = statement.on_conflict_do_update(
        index_elements=["link_id", "person_key"], set_={"base": statement.excluded.base, "updated_at": NOW}
    )
    connection.execute(
        statement, [{"link_id": link_id, "person_key": key, "base": base} for key, base in persons.items()]
    )


def another_has_it(label: str, key: str) -> str:
    """Why a customer cannot be linked."""
    return (
        f"{label} is {key} on the other side, but so is another customer. Merge the two, or tell them apart by their "
        "numbers, on the side whose data counts"
    )
