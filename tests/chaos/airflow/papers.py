"""The documents of a round: more than a hundred of all kinds, over the four routes at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.ixpole.tenants import TENANTS
from tests.chaos.documents import (
    BOOKED,
    CARD,
    CREDIT,
    HELD,
    INVOICE,
    REFUND,
    REJECTED,
    ROUTES,
    paper,
    route_of,
)
from tests.chaos.journeys import Journey
from tests.systems.ixpole import instalments as ixpole

if TYPE_CHECKING:
    from random import Random

    from invoice_bridge_core.routes.model import Route
    from sandbox.sandbox import Sandbox
    from tests.chaos.documents import Paper

SHARES = {"qondor_xero": 0.31, "qondor_quiddly": 0.23, "ixpole_xero": 0.24, "ixpole_quiddly": 0.22}
CUSTOMERS = 5
"""Few, so that several documents of one new customer move side by side."""


def journeys_of(rng: Random, documents: int) -> list[Journey]:
    """One journey for each route, with at least so many documents in all."""
    journeys = []
    for place, name in enumerate(ROUTES):
        route = route_of(name)
        # Both Qondor routes read one queue, and numbers are unique in it.
        first = 1 + place * 1000
        journeys.append(Journey(name, route, tuple(_papers(rng, route, first, round(documents * SHARES[name]) + 1))))
    return journeys


def plant(sandbox: Sandbox, journeys: list[Journey]) -> None:
    """Begin anew with these documents, their customers and products, and nothing else."""
    sandbox.reset(documents=0, data="plain")
    tenants = {tenant.conn_id: tenant for tenant in TENANTS.values()}
    for tenant in tenants.values():
        sandbox.ixpole.add_product(ixpole.product(), tenant)
    for journey in journeys:
        system, conn_id = journey.source
        for each in journey.papers:
            if system == "qondor":
                sandbox.qondor.add(each.row)
            else:
                sandbox.ixpole.add_customer(each.customer, tenants[conn_id])
                sandbox.ixpole.add(each.row, tenants[conn_id])


def _papers(rng: Random, route: Route, first: int, count: int) -> list[Paper]:
    papers: list[Paper] = []
    is_qondor = route.source.system == "qondor"
    while len(papers) < count:
        number, who, day = first + len(papers), rng.randint(1, CUSTOMERS), rng.randint(3, 12)
        kind = rng.choice((INVOICE, INVOICE, CARD) if is_qondor else (INVOICE, INVOICE, INVOICE, CREDIT))
        end = _end(rng, route, kind)
        papers.append(paper(route, kind, number, who=who, day=day, end=end))
        if is_qondor and end == BOOKED and rng.random() < 0.35:
            credit = CREDIT if kind == INVOICE else REFUND
            papers.append(paper(route, credit, number + 1, of=papers[-1], day=rng.randint(day, 15)))
    return papers


def _end(rng: Random, route: Route, kind: str) -> str:
    if kind == CREDIT and route.finance.system == "quiddly":
        return HELD
    if route.route != "qondor_xero" or rng.random() > 0.1:
        return BOOKED
    return HELD if kind == CARD else REJECTED
