"""Journeys whose documents are booked ahead in batches, and where a name leads to its journey."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tests.chaos.acts import SavesParts, Spoils, TypesNumber
from tests.chaos.documents import CARD, CREDIT, DRAFTED, INVOICE, REFUND, paper, route_of
from tests.chaos.journeys import Journey, journeys
from tests.chaos.phases import IN_BATCHES

if TYPE_CHECKING:
    from tests.chaos.acts import Act

PHASES = (IN_BATCHES,)


@cache
def batched() -> dict[str, Journey]:
    """Several documents in a call, by name."""
    made = [
        _of_all_kinds(),
        _instalments(),
        _drafts(),
        _with("a spoiler", 50, Spoils),
        _with("a number that is taken", 50, TypesNumber),
        _with("a number that is taken, and a part saved", 2, TypesNumber, SavesParts()),
    ]
    return {journey.name: journey for journey in made}


def journey_named(name: str) -> Journey:
    """The journey of a name, in batches or one by one."""
    return batched().get(name) or journeys()[name]


def _of_all_kinds() -> Journey:
    """Two batches of invoices, the first of one customer, and one of credit notes; some are paid by card."""
    route = route_of("qondor_xero", batch=2)
    papers = [paper(route, INVOICE, 1), paper(route, INVOICE, 2), paper(route, CARD, 3, who=2)]
    papers += [paper(route, INVOICE, 4, who=3)]
    papers += [paper(route, CREDIT, 5, of=papers[0], day=16), paper(route, REFUND, 6, of=papers[2], day=16)]
    return Journey("qondor_xero in batches", route, tuple(papers), phases=PHASES)


def _instalments() -> Journey:
    route = route_of("ixpole_xero", batch=2)
    papers = [paper(route, INVOICE, 1), paper(route, INVOICE, 2, who=2), paper(route, INVOICE, 3)]
    papers.append(paper(route, CREDIT, 4, who=2))
    return Journey("ixpole_xero in batches", route, tuple(papers), phases=PHASES)


def _drafts() -> Journey:
    route = route_of("qondor_xero", drafts=True, mark="link", batch=50)
    papers = tuple(paper(route, INVOICE, number, who=number, end=DRAFTED) for number in (1, 2, 3))
    return Journey("qondor_xero drafts in a batch", route, papers, phases=PHASES)


def _with(what: str, batch: int, trouble: type[Spoils] | type[TypesNumber], *others: Act) -> Journey:
    """The second of four is trouble from the beginning."""
    route = route_of("qondor_xero", batch=batch)
    papers = tuple(paper(route, INVOICE, number, who=number % 2) for number in (1, 2, 3, 4))
    acts = (trouble(papers[1].expected.number), *others)
    return Journey(f"qondor_xero in batches with {what}", route, papers, phases=PHASES, begins_with=acts)
