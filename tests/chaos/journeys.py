"""Journeys: a few documents in their source, and what happens to them until nothing is left to do."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.chaos.acts import Act, ApprovesDrafts, Credits, InTurn, Pays, PaysForeign, Postpones, TakesBack
from tests.chaos.documents import (
    BOOKED,
    CARD,
    CREDIT,
    DRAFTED,
    HELD,
    INVOICE,
    REFUND,
    REJECTED,
    ROUTES,
    Paper,
    paper,
    route_of,
)
from tests.chaos.phases import IN_BATCHES, PAYMENTS, PHASES, SALES, TRANSFER

if TYPE_CHECKING:
    from invoice_bridge_core.routes.model import Route
    from tests.chaos.phases import Phase

PART_ON, PAID_ON, LATER = "2026-11-18", "2026-11-20", "2026-11-21"
_DAY = 25 * 3600
APART = 900
"""Seconds between two payments; longer than a poll of Xero goes back behind the newest change."""


@dataclass(frozen=True)
class Journey:
    """Documents of one route and the bookkeeper's acts.

    :param acts: each is done when the runs have become quiet, and may be done twice; the runs go on after it.
    :param begins_with: what was done before everything else.
    :param customers: the names of all customers in the end, where they are kept in step.
    :param begins_booked: whether the documents are in finance, and looked at, before anything can go wrong.
    """

    name: str
    route: Route
    papers: tuple[Paper, ...]
    acts: tuple[Act, ...] = ()
    phases: tuple[Phase, ...] = (TRANSFER,)
    begins_booked: bool = False
    begins_with: tuple[Act, ...] = ()
    customers: tuple[str, ...] = ()

    @property
    def is_ahead(self) -> bool:
        """Whether its documents are booked ahead in batches."""
        return IN_BATCHES in self.phases

    @property
    def source(self) -> tuple[str, str]:
        """System and connection of the source."""
        return self.route.source.system, self.route.source.conn_id


def journeys() -> dict[str, Journey]:
    """One document of each kind on each route, and what can become of its payment."""
    made = [
        *_qondor("qondor_xero"),
        *(_one(name, "draft", INVOICE, end=DRAFTED, drafts=True) for name in ("qondor_xero", "qondor_quiddly")),
        _one("qondor_xero", "rejected", INVOICE, end=REJECTED),
        _one("qondor_xero", "held card payment", CARD, end=HELD),
        *_qondor("qondor_quiddly"),
        *_ixpole("ixpole_xero"),
        *_ixpole("ixpole_quiddly"),
        *_in_other_marks(),
        *(journey for name in ROUTES for journey in _paid(name)),
        *(_sold(name) for name in ROUTES if name.startswith("qondor")),
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


def _in_other_marks() -> list[Journey]:
    """Bookings that carry a mark; the ordinary ones carry none."""
    linked, short = (route_of("qondor_xero", mark=mark) for mark in ("link", "short"))
    invoice = paper(short, INVOICE, 1)
    return [
        Journey("qondor_xero invoice with a link", linked, (paper(linked, INVOICE, 1),)),
        Journey("qondor_xero credit note with a short mark", short, (invoice, paper(short, CREDIT, 2, of=invoice))),
        _one("qondor_quiddly", "invoice with a short mark", INVOICE, mark="short"),
    ]


def _ixpole(name: str) -> list[Journey]:
    return [
        _one(name, "instalment", INVOICE),
        # Quiddly wants the invoice that a credit is for, and iXpole does not say.
        _one(name, "negative instalment", CREDIT, end=HELD if name == "ixpole_quiddly" else BOOKED),
        _one(name, "draft", INVOICE, end=DRAFTED, drafts=True),
    ]


def _one(
    route_name: str, what: str, kind: str, *, end: str = BOOKED, drafts: bool = False, mark: str = "none"
) -> Journey:
    route = route_of(route_name, drafts=drafts, mark=mark)
    return Journey(f"{route_name} {what}", route, (paper(route, kind, 1, end=end),))


def _paid(name: str) -> list[Journey]:
    """The way back of payments on one route."""
    made = [_in_full_and_in_parts(name), _taken_back(name), _drafts(name)]
    if name.startswith("qondor"):
        made.append(_credited(name))
    if name == "ixpole_xero":
        made.append(_credited_by_hand(name))
    if name.endswith("quiddly"):
        made.append(_overpaid(name))
    return made


def _in_full_and_in_parts(name: str) -> Journey:
    """The first is paid at once, the second in two parts, the third in part only."""
    route = route_of(name)
    full, parts, part = (paper(route, INVOICE, number) for number in (1, 2, 3))
    total, half = full.expected.total, full.expected.total / 2
    first: list[Act] = [_pays(route, full, total, PAID_ON), _pays(route, parts, half, PART_ON)]
    if route.finance.system == "quiddly":
        first.insert(0, PaysForeign("F-1", Decimal(500), PART_ON))
    rest = [_pays(route, part, half, PART_ON), _pays(route, parts, total, PAID_ON)]
    papers = [full.once_paid(PAID_ON, total), parts.once_paid(PAID_ON, total), part.once_paid(None, half)]
    if route.source.system == "qondor":
        # Card money was known from the start.
        papers.append(paper(route, CARD, 4))
    return _of_payments(
        name, "paid in full and in parts", tuple(papers), InTurn(tuple(first), APART), InTurn(tuple(rest))
    )


def _taken_back(name: str) -> Journey:
    route = route_of(name)
    one = paper(route, INVOICE, 1)
    back = TakesBack(route.finance.system, one.expected.number, LATER)
    pays = _pays(route, one, one.expected.total, PAID_ON)
    return _of_payments(name, "payment taken back", (one.once_paid(PAID_ON),), pays, back)


def _overpaid(name: str) -> Journey:
    route = route_of(name)
    one = paper(route, INVOICE, 1)
    paid = one.expected.total + 25
    return _of_payments(name, "overpaid", (one.once_paid(PAID_ON, paid),), _pays(route, one, paid, PAID_ON))


def _credited_by_hand(name: str) -> Journey:
    route = route_of(name)
    one = paper(route, INVOICE, 1)
    credits_it = Credits(route.finance.system, one.expected.number, PAID_ON)
    return _of_payments(name, "credited by hand", (one.once_paid(PAID_ON),), credits_it)


def _credited(name: str) -> Journey:
    """Our own credit note settles the invoice, and is not told of itself."""
    route = route_of(name)
    invoice = paper(route, INVOICE, 1, day=15)
    credit = paper(route, CREDIT, 2, of=invoice, day=16)
    return Journey(f"{name} settled by credit", route, (invoice.once_paid("2026-11-16"), credit), phases=PHASES)


def _drafts(name: str) -> Journey:
    """A draft becomes real beside the transfers, and is paid."""
    route = route_of(name, drafts=True)
    one = paper(route, INVOICE, 1)
    # Quiddly's drafts are asked for once an hour.
    approves = ApprovesDrafts(takes=3700 if route.finance.system == "quiddly" else 0)
    pays = _pays(route, one, one.expected.total, PAID_ON)
    papers = (one.once_paid(PAID_ON, one.expected.total),)
    return Journey(f"{name} draft paid", route, papers, (approves, pays), PHASES, begins_booked=True)


def _sold(name: str) -> Journey:
    """One is shown as a sale, and shown again when it is put off, then paid; a card payment is paid at once."""
    route = route_of(name)
    one = paper(route, INVOICE, 1)
    # Quiddly is asked once a day what a person changed.
    puts_off = Postpones(route.finance.system, one.expected.number, "2026-12-24", takes=_DAY)
    pays = _pays(route, one, one.expected.total, PAID_ON)
    papers = (one.once_paid(PAID_ON, one.expected.total), paper(route, CARD, 2))
    return Journey(f"{name} shown as a sale", route, papers, (puts_off, pays), (PAYMENTS, SALES), begins_booked=True)


def _of_payments(name: str, what: str, papers: tuple[Paper, ...], *acts: Act) -> Journey:
    return Journey(f"{name} {what}", route_of(name), papers, acts, (PAYMENTS,), begins_booked=True)


def _pays(route: Route, one: Paper, reach: Decimal, on: str) -> Pays:
    return Pays(route.finance.system, one.expected.number, reach, on)
