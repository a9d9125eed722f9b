"""What the bookkeepers do between transfer and payment runs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.chaos.documents import BOOKED, INVOICE
from tests.chaos.phases import PHASES

if TYPE_CHECKING:
    from random import Random

    from sandbox.sandbox import Sandbox
    from tests.chaos.documents import Paper
    from tests.chaos.journeys import Journey

PAID_ON = "2026-11-20"
PART = Decimal("1.00")


def pay_some(rng: Random, sandbox: Sandbox, journeys: list[Journey]) -> list[Journey]:
    """Pay many of the invoices, some of them in part only; the journeys, with what the sources have to hear now."""
    return [_pay_some(rng, sandbox, journey) for journey in journeys]


def to_tell(journeys: list[Journey]) -> set[str]:
    """Source ids of the documents whose source has to hear that they are paid."""
    return {paper.expected.source_id for journey in journeys for paper in journey.papers if paper.expected.told_on}


def told(sandbox: Sandbox) -> set[str]:
    """Source ids of the documents whose source was told of it."""
    told = {str(row["id"]) for row in sandbox.qondor.payments.rows() if row["statusText"] == "Paid"}
    instalments = sandbox.ixpole.instalments.rows()
    return told | {row["instalment"]["InstalmentCode"] for row in instalments if row["Status"] == "Received"}


def _pay_some(rng: Random, sandbox: Sandbox, journey: Journey) -> Journey:
    keeper = sandbox.bookkeeper(journey.route.finance.system)
    # Our own credit notes clear what they credit, on their day.
    credited = {paper.expected.credits: paper.row["invoiceDate"] for paper in journey.papers if paper.expected.credits}
    papers: list[Paper] = []
    for paper in journey.papers:
        one, chance = paper.expected, rng.random()
        amount = one.total if chance < 0.45 else PART if chance < 0.6 else Decimal(0)
        if one.kind != INVOICE or one.end != BOOKED:
            papers.append(paper)
        elif one.number in credited:
            papers.append(paper.once_paid(credited[one.number]))
        else:
            if amount:
                keeper.perform("pay", {"document": one.number, "amount": amount, "on": PAID_ON})
            papers.append(paper.once_paid(PAID_ON if amount == one.total else None, amount))
    return replace(journey, papers=tuple(papers), phases=PHASES)
