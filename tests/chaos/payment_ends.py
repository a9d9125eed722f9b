"""What has to be true of payments when all is quiet: what sources were told, what the ledger counts, what is marked."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import DocumentRef
from tests.chaos.documents import INVOICE
from tests.chaos.phases import PAYMENTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from tests.chaos.documents import Expected
    from tests.chaos.journeys import Journey
    from tests.chaos.state import Receipt, State
    from tests.chaos.world import ChaosWorld


def wrong_payments(world: ChaosWorld, journey: Journey, state: State) -> Iterator[str]:
    """Everything that is not as what people paid calls for, one sentence each."""
    if PAYMENTS not in journey.phases:
        return
    owners = {}
    for one in (paper.expected for paper in journey.papers):
        ref = DocumentRef(system=journey.source[0], conn_id=journey.source[1], source_id=one.source_id)
        owners[one.number] = str(ref)
        receipts = [receipt for receipt in state.receipts if receipt.number == one.number]
        if one.kind == INVOICE:
            yield from _in_finance(one, receipts)
            yield from _in_ledger(one, world.ledger.payments.status(ref))
        yield from _number_told(journey, one, state, receipts)
    if journey.route.finance.system == "quiddly":
        yield from _kept_and_marked(world, state, owners)


def _in_finance(one: Expected, receipts: Sequence[Receipt]) -> Iterator[str]:
    paid = sum((each.amount for each in receipts if each.is_live and not each.is_credit), Decimal(0))
    if paid != one.paid:
        yield f"people paid {paid} of {one.number} instead of {one.paid}"


def _in_ledger(one: Expected, entry: PaymentStatusRow | None) -> Iterator[str]:
    if entry is None:
        if one.told_on or one.paid:
            yield f"the ledger does not know that {one.number} is paid"
        return
    told_on = entry.told_on.isoformat() if entry.told_on else None
    if told_on != one.told_on or entry.telling_on is not None:
        yield f"by the ledger {one.number} was told of {told_on} instead of {one.told_on}; noted is {entry.telling_on}"
    counted = entry.booking_status.paid if entry.booking_status else Decimal(0)
    if counted != one.paid:
        yield f"the ledger counts {counted} of {one.number} as paid instead of {one.paid}"
    if entry.reason is not None:
        yield f"the source of {one.number} cannot be told: {entry.reason}"


def _number_told(journey: Journey, one: Expected, state: State, receipts: Sequence[Receipt]) -> Iterator[str]:
    if journey.route.source.system == "qondor" or one.told_on is None:
        return
    money = [each for each in receipts if each.amount > 0 and not each.is_credit]
    if one.paid >= one.total:
        right = {max((each for each in money if each.is_live), key=lambda each: (each.day, each.payment_id)).payment_id}
    else:
        # Taken back since, or never paid with money.
        right = {each.payment_id for each in (money or receipts)}
    if state.told[one.source_id].paid not in right:
        yield f"iXpole was told of {state.told[one.source_id].paid} for {one.number}, which was paid by {right}"


def _kept_and_marked(world: ChaosWorld, state: State, owners: dict[str, str]) -> Iterator[str]:
    kept = sorted(payment_id for (payment_id,) in world.execute("SELECT payment_id FROM payments"))
    if kept != sorted(each.payment_id for each in state.receipts if each.number in owners):
        yield f"the ledger keeps the payments {kept}"
    for each in state.receipts:
        if each.marked != owners.get(each.number):
            yield f"payment {each.payment_id} of {each.number} is marked as {each.marked}"
