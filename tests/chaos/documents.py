"""Documents of all kinds for each route, with what has to become of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.routes.loader import read_route, routes_folder
from sandbox.ixpole.tenants import ARENA, CLUB
from tests.systems.ixpole import instalments as ixpole
from tests.world import card_payment, credit_note, customer, line, payment

if TYPE_CHECKING:
    from invoice_bridge_core.routes.model import Route
    from sandbox.sandbox import Sandbox

ROUTES = ("qondor_xero", "qondor_quiddly", "ixpole_xero", "ixpole_quiddly")
INVOICE, CREDIT, CARD, REFUND = "invoice", "credit note", "card payment", "card refund"
BOOKED, DRAFTED, REJECTED, HELD, TAKEN = "booked", "drafted", "rejected", "held", "taken"


@dataclass(frozen=True)
class Expected:
    """What a document calls for.

    :param number: in the finance system.
    :param total: positive for credits too.
    :param credits: the number, in finance, of the invoice that a credit note is set off against.
    :param paid: the money that people paid in finance, all in all; card money not included.
    :param told_on: the day of payment that the source hears of, if it does.
    """

    source_id: str
    number: str
    kind: str
    total: Decimal
    currency: str
    customer: int
    customer_name: str
    end: str = BOOKED
    credits: str | None = None
    paid: Decimal = Decimal(0)
    told_on: str | None = None

    @property
    def is_credit(self) -> bool:
        """Whether it is a credit note in finance."""
        return self.kind in (CREDIT, REFUND)


@dataclass
class Paper:
    """A document as its source has it."""

    expected: Expected
    row: dict[str, Any]
    customer: dict[str, Any] = field(default_factory=dict)

    def once_paid(self, told_on: str | None, paid: Decimal = Decimal(0)) -> Paper:
        """The same, of which people paid so much in finance, and whose source hears of that day."""
        return replace(self, expected=replace(self.expected, told_on=told_on, paid=paid))


LINK = "https://source.example/documents/{id}"
MARKS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "none": ({}, {}),
    "link": ({"document_link": LINK}, {}),
    "short": ({}, {"printed_mark": "short"}),
    "full": ({}, {"printed_mark": "full"}),
}
"""The forms of our mark, with what the source's and the finance system's settings say for them."""


@cache
def route_of(name: str, *, drafts: bool = False, mark: str = "none", batch: int = 0) -> Route:
    """A shipped route, reading one document at a time so that calls come in one order.

    :param batch: how many documents are booked ahead in one call.
    """
    route = read_route(routes_folder() / f"{name}.yaml")
    if drafts:
        change = {"activate": False} if route.finance.system == "quiddly" else {"invoice_status": "DRAFT"}
        route = route.model_copy(update={"finance": route.finance.model_copy(update=change)})
    of_source, of_finance = MARKS[mark]
    route = route.model_copy(
        update={
            "source": route.source.model_copy(update=of_source),
            "finance": route.finance.model_copy(update=of_finance),
        }
    )
    return route.model_copy(update={"limits": route.limits.model_copy(update={"parallel": 1, "batch": batch})})


def paper(
    route: Route, kind: str, number: int, *, of: Paper | None = None, who: int = 1, day: int = 15, end: str = BOOKED
) -> Paper:
    """One document.

    :param of: the invoice or card payment that a credit note credits.
    :param who: which customer; what is credited has its own.
    :param day: of November, on which it is dated.
    """
    make = _qondor if route.source.system == "qondor" else _ixpole
    made = make(route, kind, number, of, who, end)
    dated = "invoiceDate" if route.source.system == "qondor" else "InvoiceDate"
    return Paper(made.expected, {**made.row, dated: f"2026-11-{day:02}"}, made.customer)


def plant(sandbox: Sandbox, papers: list[Paper], system: str, conn_id: str) -> None:
    """Begin anew with these documents, their customers and products, and nothing else; runs in the sandbox."""
    sandbox.reset(documents=0, data="plain")
    tenant = CLUB if conn_id == CLUB.conn_id else ARENA
    if system == "ixpole":
        sandbox.ixpole.add_product(ixpole.product(), tenant)
    for each in papers:
        if system == "qondor":
            sandbox.qondor.add(each.row)
        else:
            sandbox.ixpole.add_customer(each.customer, tenant)
            sandbox.ixpole.add(each.row, tenant)


def _qondor(route: Route, kind: str, number: int, of: Paper | None, who: int, end: str) -> Paper:
    office, currency, code = (9, "SEK", 752) if route.finance.system == "quiddly" else (7, "NOK", 578)
    who = of.expected.customer if of else who
    more: dict[str, Any] = {
        "currency": currency,
        "currencyCode": code,
        "officeId": office,
        "customer": customer(900 + who),
    }
    if end == HELD:
        more["lines"] = [line("UNHEARD-OF")]
    if end == REJECTED:
        more["customer"] = None
    if kind in (CREDIT, REFUND):
        assert of is not None
        row = credit_note(number, of.row, **more)
    else:
        row = (card_payment if kind == CARD else payment)(number, **more)
    expected = Expected(
        source_id=str(row["id"]),
        number=f"{route.finance.number_prefix}{row['invoiceNumber']}",
        kind=kind,
        total=Decimal(10_000),
        currency=currency,
        customer=who,
        customer_name=customer(900 + who)["name"],
        end=end,
        credits=of.expected.number if of else None,
    )
    return Paper(expected, row)


def _ixpole(route: Route, kind: str, number: int, of: Paper | None, who: int, end: str) -> Paper:
    row = (ixpole.credit if kind == CREDIT else ixpole.instalment)(number, CustomerId=300 + who)
    customer_row = ixpole.customer(300 + who)
    expected = Expected(
        source_id=row["InstalmentCode"],
        number=f"{route.finance.number_prefix}{row['InstalmentCode']}",
        kind=kind,
        total=Decimal(636),
        currency="EUR",
        customer=who,
        customer_name=customer_row["Name"],
        end=end,
    )
    return Paper(expected, row, customer_row)
