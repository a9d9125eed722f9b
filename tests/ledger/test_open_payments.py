"""The table of open payments, which triggers keep: never less than what is open, whoever writes, and in which order."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_bridge_core.ledger.anew import AnewClaim
from invoice_bridge_core.ledger.database.open_payment_table import open_payments
from invoice_bridge_core.ledger.database.tables import documents, payment_statuses
from invoice_bridge_core.ledger.payments.payment_claim import PaymentClaim
from invoice_bridge_core.ports.booking_status import BookingStatus
from tests.examples import SHARED_FIXTURE, examples
from tests.ledger.rows import booking, claimed, other_ref, row_of

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import DocumentRow, Ledger
    from invoice_bridge_core.ports import Booking

ACTS = st.sampled_from(
    ["book", "see", "pay", "overpay", "tell", "renumber", "take over", "void", "forget", "draft", "read"]
)


def really_open(ledger: Ledger) -> set[int]:
    """What the definition says, of all rows."""
    found = set()
    with ledger.transaction() as connection:
        query = sa.select(documents, payment_statuses).outerjoin(payment_statuses)
        for record in connection.execute(query).mappings():
            if record[documents.c.finance_id] is None:
                continue
            status = {column.name: record[column] for column in payment_statuses.c}
            is_renumbered = status["number"] != record[documents.c.finance_number]
            if (
                status["document_id"] is None
                or status["told_on"] is None
                or not status["is_paid_in_full"]
                or status["paid"] + status["credited"] > status["total"] - status["tax_reduction"]
                or (is_renumbered and not status["is_gone"] and not status["is_draft"])
            ):
                found.add(record[documents.c.id])
    return found


def noted_as_open(ledger: Ledger) -> set[int]:
    with ledger.transaction() as connection:
        return set(connection.scalars(sa.select(open_payments.c.document_id)))


class Acts:
    """What tasks and polls do to one document; what cannot be done in its state is left out."""

    def __init__(self, ledger: Ledger, number: int) -> None:
        self._ledger = ledger
        self._ref = other_ref(f"open-{number}")
        self._number = number
        self._renumbered = 0

    def do(self, act: str) -> None:
        row = self._ledger.row(self._ref)
        if act == "book" and (row is None or row.booking is None):
            self._book()
        if act != "book" and row is not None and row.booking is not None and not self._seen(act, row.booking):
            self._written(act, row)

    def _book(self) -> None:
        claim = claimed(self._ledger, ref=self._ref, finance_conn="xero_default")
        claim.booked(self._booking(row_of(self._ledger, self._ref).updated_at.isoformat()))
        claim.transferred()

    def _seen(self, act: str, known: Booking) -> bool:
        """What a poll finds; whether this is something that it may find."""
        paid = {"paid": known.total, "is_paid_in_full": True, "paid_in_full_on": dt.date(2026, 11, 20)}
        self._renumbered += 1
        found: dict[str, tuple[dict[str, object], dict[str, object]]] = {
            "see": ({}, {}),
            "pay": ({"is_draft": False}, paid),
            "overpay": ({"is_draft": False}, {**paid, "paid": known.total + 5}),
            "renumber": ({"number": f"R-{self._number}-{self._renumbered}", "is_draft": False}, paid),
            "void": ({}, {"is_gone": True}),
            "draft": ({"is_draft": True}, {}),
        }
        if act not in found:
            return False
        of_booking, of_status = found[act]
        self._see(known.model_copy(update=of_booking), **of_status)
        return True

    def _written(self, act: str, row: DocumentRow) -> None:
        match act:
            case "tell":
                PaymentClaim(claimed(self._ledger, ref=self._ref)).told(dt.date(2026, 11, 20))
            case "take over":
                status = self._ledger.payments.status(self._ref)
                if status is not None and status.booking_status is not None:
                    claim = claimed(self._ledger, ref=self._ref)
                    claim.update_booking(status.booking_status.booking)
                    claim.release()
            case "forget":
                AnewClaim(claimed(self._ledger, ref=self._ref)).forget_booking("gone")
            case "read":
                with self._ledger.transaction() as connection:
                    one = documents.c.id == row.id
                    connection.execute(sa.update(documents).where(one).values(kind="booking invoice"))

    def _booking(self, finance_id: str) -> Booking:
        return booking(f"O-{self._number}", f"f-{self._number}-{finance_id}")

    def _see(self, seen: object, **values: object) -> None:
        status = BookingStatus.model_validate(
            {"booking": seen, "paid": Decimal(0), "credited": Decimal(0), "is_paid_in_full": False, **values}
        )
        self._ledger.payments.keep_booking_status("xero_default", status, actor="poll")


@settings(max_examples=examples(25), suppress_health_check=SHARED_FIXTURE)
@given(acts=st.lists(st.tuples(st.integers(0, 2), ACTS), min_size=1, max_size=14))
def test_whatever_happens_the_table_holds_what_is_open(ledger: Ledger, acts: list[tuple[int, str]]) -> None:
    with ledger.transaction() as connection:
        connection.execute(sa.text("TRUNCATE invoice_bridge.documents CASCADE"))
    those = [Acts(ledger, number) for number in range(3)]
    for number, act in acts:
        those[number].do(act)
        assert noted_as_open(ledger) == really_open(ledger), act


def test_the_table_knows_the_kind_and_the_connection(ledger: Ledger) -> None:
    acts = Acts(ledger, 1)
    for act in ("book", "read"):
        acts.do(act)
    with ledger.transaction() as connection:
        found = connection.execute(sa.select(open_payments)).mappings().one()
    assert (found["kind"], found["finance_conn"], found["is_renumbered"]) == ("booking invoice", "xero_default", False)
    acts.do("renumber")
    with ledger.transaction() as connection:
        assert connection.scalar(sa.select(open_payments.c.is_renumbered))
