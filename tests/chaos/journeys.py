"""Journeys: a few documents in their source, and what happens to them until nothing is left to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.chaos.documents import (
    BOOKED,
    CARD,
    CREDIT,
    DRAFTED,
    HELD,
    INVOICE,
    REFUND,
    REJECTED,
    Paper,
    paper,
    route_of,
)
from tests.chaos.phases import PHASES

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.routes.model import Route
    from include.sandbox.sandbox import Sandbox
    from tests.chaos.phases import Phase


@dataclass(frozen=True)
class Journey:
    """Documents of one route and the bookkeeper's acts.

    :param acts: each is done when the runs have become quiet, and may be done twice; the runs go on after it.
    """

    name: str
    route: Route
    papers: tuple[Paper, ...]
    acts: tuple[Callable[[Sandbox], None], ...] = ()
    phases: tuple[Phase, ...] = PHASES

    @property
    def source(self) -> tuple[str, str]:
        """System and connection of the source."""
        return self.route.source.system, self.route.source.conn_id


def journeys() -> dict[str, Journey]:
    """One document of each kind on each route."""
    made = [
        *_qondor("qondor_xero"),
        _one("qondor_xero", "rejected", INVOICE, end=REJECTED),
        _one("qondor_xero", "held card payment", CARD, end=HELD),
        *_qondor("qondor_quiddly"),
        *_ixpole("ixpole_xero"),
        *_ixpole("ixpole_quiddly"),
    ]
    return {journey.name: journey for journey in made}


def _qondor(name: str) -> list[Journey]:
    route = route_of(name)
    invoice, card = paper(route, INVOICE, 1), paper(route, CARD, 1)
    return [
        _one(name, "invoice", INVOICE),
        Journey(f"{name} credit note", route, (invoice, paper(route, CREDIT, 2, of=invoice))),
        _one(name, "card payment", CARD),
        Journey(f"{name} card refund", route, (card, paper(route, REFUND, 2, of=card))),
    ]


def _ixpole(name: str) -> list[Journey]:
    return [
        _one(name, "instalment", INVOICE),
        # Quiddly wants the invoice that a credit is for, and iXpole does not say.
        _one(name, "negative instalment", CREDIT, end=HELD if name == "ixpole_quiddly" else BOOKED),
        _one(name, "draft", INVOICE, end=DRAFTED, drafts=True),
    ]


def _one(route_name: str, what: str, kind: str, *, end: str = BOOKED, drafts: bool = False) -> Journey:
    route = route_of(route_name, drafts=drafts)
    return Journey(f"{route_name} {what}", route, (paper(route, kind, 1, end=end),))
