"""Who pays what in a random round."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.chaos.acts import Act, ApprovesDrafts, Credits, InTurn, Pays, PaysForeign, Postpones, TakesBack
from tests.chaos.documents import BOOKED, CREDIT, DRAFTED, INVOICE, Paper
from tests.chaos.journeys import APART, LATER, PAID_ON, PART_ON
from tests.chaos.phases import PHASES, SALES

if TYPE_CHECKING:
    from random import Random

    from tests.chaos.journeys import Journey

OPEN, PART, FULL, IN_PARTS, OVERPAID, BY_CREDIT, TAKEN_BACK = (
    "open",
    "part",
    "full",
    "in parts",
    "overpaid",
    "credit by hand",
    "taken back",
)


def with_payments(rng: Random, journey: Journey) -> tuple[Journey, list[Act]]:
    """The same documents, paid or not, and what people do while the runs go on.

    All of it is done again when the runs are over, for what was not booked in time; what is taken back is taken back
    then, after its source was told.
    """
    drafts = any(paper.expected.end == DRAFTED for paper in journey.papers)
    if drafts:
        # Quiddly's drafts are asked for once an hour.
        approves = ApprovesDrafts(takes=3700 if journey.route.finance.system == "quiddly" else 0)
        papers = [
            replace(each, expected=replace(each.expected, end=BOOKED)) if each.expected.end == DRAFTED else each
            for each in journey.papers
        ]
        journey = replace(journey, papers=tuple(papers))
    credited = _credited(journey)
    paid: list[Paper] = []
    acts: list[Act] = []
    back: list[Act] = []
    for paper in journey.papers:
        one = paper.expected
        if one.number in credited:
            paid.append(paper.once_paid(credited[one.number]))
        elif one.kind != INVOICE or one.end != BOOKED:
            paid.append(paper)
        else:
            fate = _fate(rng, journey)
            after, done = _FATES[fate](journey.route.finance.system, paper)
            paid.append(after)
            acts += done
            if fate == TAKEN_BACK:
                back.append(TakesBack(journey.route.finance.system, one.number, LATER))
    if journey.route.finance.system == "quiddly":
        acts.append(PaysForeign("F-1", Decimal(500), PART_ON))
    all_again = (InTurn(tuple(acts), APART), *([InTurn(tuple(back))] if back else []))
    first = (approves,) if drafts else ()
    return replace(journey, papers=tuple(paid), acts=(*first, *all_again), phases=PHASES), acts


def with_sales(rng: Random, journey: Journey) -> tuple[Journey, list[Act]]:
    """The same, shown as sales; some invoices get another due date meanwhile, and once more when the runs are over."""
    acts: list[Act] = [
        Postpones(journey.route.finance.system, paper.expected.number, f"2026-12-{rng.randint(10, 28)}")
        for paper in journey.papers
        if paper.expected.kind == INVOICE and paper.expected.end == BOOKED and rng.random() < 0.3
    ]
    # Quiddly is asked once a week what a person changed in what is paid.
    last = InTurn(tuple(acts), takes=8 * 24 * 3600)
    return replace(journey, acts=(*journey.acts, last), phases=(*journey.phases, SALES)), acts


def _credited(journey: Journey) -> dict[str, str]:
    """The invoices that our own credit notes clear, and the days of those."""
    return {
        paper.expected.credits: str(paper.row["invoiceDate"])
        for paper in journey.papers
        if paper.expected.kind == CREDIT and paper.expected.end == BOOKED and paper.expected.credits
    }


def _fate(rng: Random, journey: Journey) -> str:
    fates = [OPEN, PART, FULL, FULL, IN_PARTS, IN_PARTS, TAKEN_BACK]
    if journey.route.finance.system == "quiddly":
        fates.append(OVERPAID)
    elif journey.route.source.system == "ixpole":
        fates.append(BY_CREDIT)
    return rng.choice(fates)


def _open(_: str, paper: Paper) -> tuple[Paper, list[Act]]:
    return paper, []


def _part(system: str, paper: Paper) -> tuple[Paper, list[Act]]:
    half = paper.expected.total / 2
    return paper.once_paid(None, half), [Pays(system, paper.expected.number, half, PART_ON)]


def _full(system: str, paper: Paper) -> tuple[Paper, list[Act]]:
    total = paper.expected.total
    return paper.once_paid(PAID_ON, total), [Pays(system, paper.expected.number, total, PAID_ON)]


def _in_parts(system: str, paper: Paper) -> tuple[Paper, list[Act]]:
    one = paper.expected
    parts: list[Act] = [
        Pays(system, one.number, one.total / 2, PART_ON),
        Pays(system, one.number, one.total, PAID_ON),
    ]
    return paper.once_paid(PAID_ON, one.total), parts


def _overpaid(system: str, paper: Paper) -> tuple[Paper, list[Act]]:
    paid = paper.expected.total + 25
    return paper.once_paid(PAID_ON, paid), [Pays(system, paper.expected.number, paid, PAID_ON)]


def _by_credit(system: str, paper: Paper) -> tuple[Paper, list[Act]]:
    return paper.once_paid(PAID_ON), [Credits(system, paper.expected.number, PAID_ON)]


def _taken_back(system: str, paper: Paper) -> tuple[Paper, list[Act]]:
    return paper.once_paid(PAID_ON), [Pays(system, paper.expected.number, paper.expected.total, PAID_ON)]


_FATES = {
    OPEN: _open,
    PART: _part,
    FULL: _full,
    IN_PARTS: _in_parts,
    OVERPAID: _overpaid,
    BY_CREDIT: _by_credit,
    TAKEN_BACK: _taken_back,
}
