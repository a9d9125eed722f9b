"""What a seed stands for: a route, documents as they should be, and the same ones as people wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from sandbox.ixpole.tenants import ARENA, CLUB
from tests.chaos.documents import ROUTES, route_of
from tests.first_week.papers import CURRENCIES, ixpole_papers, products, qondor_papers
from tests.first_week.writings import Written, instalment, other_writing, payment, product, register_entry

if TYPE_CHECKING:
    from invoice_bridge_core.routes.model import Route
    from sandbox.sandbox import Sandbox
    from tests.first_week.customers import Customer
    from tests.first_week.papers import Paper

RATES = {"xero": (25, 15, 12, 6, 0), "quiddly": (25, 12, 6, 0)}
TOLERANCES = (Decimal("0.01"), Decimal("0.01"), Decimal(0), Decimal("0.05"), Decimal(1))
_MORE_CURRENCIES = tuple(CURRENCIES)


@dataclass(frozen=True)
class Batch:
    """One queue.

    :param contacts: what somebody entered in Xero by hand, before.
    :param written: what became of each paper, by its source id.
    """

    name: str
    route: Route
    papers: tuple[Paper, ...]
    customers: tuple[Customer, ...]
    products: tuple[dict[str, Any], ...]
    contacts: tuple[dict[str, Any], ...]
    written: dict[str, Written]
    mangled_customers: dict[int, dict[str, Any]]
    mangled_products: tuple[dict[str, Any], ...]

    @classmethod
    def of(cls, seed: int, index: int, count: int) -> Batch:
        """The batch of a seed: the same one for ever, however many others are played.

        :param count: documents in it.
        """
        name = f"--seed {seed} --size {count} --batch {index}"
        rng = Random(f"{seed}/{count}/{index}")
        route = _route(rng, ROUTES[index % len(ROUTES)])
        rates = RATES[route.finance.system]
        is_qondor = route.source.system == "qondor"
        if is_qondor:
            papers, customers = qondor_papers(rng, count, office=9 if rates == RATES["quiddly"] else 7, rates=rates)
        else:
            papers, customers = ixpole_papers(rng, count, rates=rates)
        sold = () if is_qondor else tuple(products(rates))
        by_hand = tuple(_by_hand(rng, customers)) if route.finance.system == "xero" else ()
        written = {paper.source_id: _written(rng, paper, is_qondor=is_qondor) for paper in papers}
        registered = {
            one.number: register_entry(rng, one.in_ixpole(), one.company)
            for one in customers
            if one.company is not None
        }
        mangled_products = tuple(product(rng, one) for one in sold)
        return cls(name, route, tuple(papers), tuple(customers), sold, by_hand, written, registered, mangled_products)

    def plant(self, sandbox: Sandbox, *, mangled: bool) -> None:
        """Begin anew with these documents and nothing else."""
        sandbox.reset(documents=0, data="plain")
        for currency in _MORE_CURRENCIES:
            sandbox.xero.books.currencies.put({"Code": currency, "Description": currency})
        for contact in self.contacts:
            sandbox.xero.add_contact(**contact)
        tenant = CLUB if self.route.source.conn_id == CLUB.conn_id else ARENA
        for paper in self.papers:
            row = self.written[paper.source_id].row if mangled else paper.row
            if self.route.source.system == "qondor":
                sandbox.qondor.add(row)
            else:
                sandbox.ixpole.add(row, tenant)
        if self.route.source.system == "ixpole":
            for one in self.customers:
                sandbox.ixpole.add_customer(self.mangled_customers[one.number] if mangled else one.in_ixpole(), tenant)
            for each in self.mangled_products if mangled else self.products:
                sandbox.ixpole.add_product(each, tenant)


def _route(rng: Random, name: str) -> Route:
    route = route_of(name)
    policy = {
        "unmapped_article": rng.choice(("hold", "reject")),
        "total_tolerance": rng.choice(TOLERANCES),
        # The brake is tested elsewhere; here it would make an outcome depend on those before it.
        "most_rejections": 1000,
    }
    finance: dict[str, Any] = {}
    if route.finance.system == "xero":
        finance["rounding_account"] = rng.choice(("860", None))
    else:
        finance["exchange_rates"] = {currency: Decimal("1.5") for currency in CURRENCIES if currency != "SEK"}
        if rng.random() < 0.5 and route.source.system == "qondor":
            finance["account_codes"] = {f"VAT{rate}": "3000" for rate in (25, 12, 6, 0)}
    return route.model_copy(
        update={
            "policy": route.policy.model_copy(update=policy),
            "finance": route.finance.model_copy(update=finance),
        }
    )


def _written(rng: Random, paper: Paper, *, is_qondor: bool) -> Written:
    if not is_qondor:
        return instalment(rng, paper.row)
    return payment(rng, paper.row, paper.customer.company if paper.customer else None)


def _by_hand(rng: Random, customers: list[Customer]) -> list[dict[str, Any]]:
    """Contacts of some customers, by name and number, name and address, or name alone."""
    contacts: list[dict[str, Any]] = []
    for position, one in enumerate(customers):
        if one.company is None or rng.random() > 0.3:
            continue
        contact = {"Name": one.name}
        # Those who share a name or an address with others are told apart by number alone.
        way = 0 if position < 5 else rng.randint(0, 2)
        if way == 0:
            contact["TaxNumber"] = other_writing(rng, one.company)
        if way == 1:
            contact["EmailAddress"] = one.email.upper()
        if one.name not in (each["Name"] for each in contacts):
            contacts.append(contact)
    return contacts
