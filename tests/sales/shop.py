"""A route from Qondor that shows sales, with documents to book and people who change them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.builders import route as xero_route
from tests.sales.agreement import wrong_sales
from tests.systems.quiddly.bodies import quiddly_route
from tests.world import World, credit_note, payment

if TYPE_CHECKING:
    from invoice_bridge_core.routes.model import Route
    from sandbox.sandbox import Sandbox

ON = dt.date(2026, 11, 20)


@dataclass
class Shop:
    """One route with sales; its documents are counted from 1, each over 10 000.00."""

    world: World

    @property
    def sandbox(self) -> Sandbox:
        return self.world.sandbox

    @property
    def into_xero(self) -> bool:
        return self.world.route.finance.system == "xero"

    @property
    def bookkeeper(self) -> Any:
        return getattr(self.sandbox, self.world.route.finance.system).bookkeeper

    def name_of(self, number: int) -> str:
        """Its number in finance."""
        return f"{self.world.route.finance.number_prefix}T-{number}"

    def paper(self, number: int, **changes: Any) -> dict[str, Any]:
        currency = {} if self.into_xero else {"currency": "SEK", "currencyCode": 752}
        return payment(number, **{**currency, **changes})

    def book(self, *numbers: int, **changes: Any) -> None:
        """Bring invoices to finance, and forget the traffic."""
        for number in numbers:
            self.sandbox.qondor.add(self.paper(number, **changes))
        self.world.run()
        self.sandbox.traffic.reset()

    def credit(self, number: int, of: int) -> None:
        """Bring a credit note over the whole of an invoice to finance."""
        currency = {} if self.into_xero else {"currency": "SEK", "currencyCode": 752}
        self.sandbox.qondor.add(credit_note(number, self.paper(of), **currency))
        self.world.run_until_quiet()

    def sync(self) -> dict[str, str]:
        """A payment run and a sales run; the outcome of each sale by its number in Qondor, or the error's name."""
        self.world.run_payments()
        ends = self.world.run_sales()
        rows = {sale.key.finance_id: sale for sale in self.rows()}
        return {
            rows[finance_id].facts.number: type(end.error).__name__ if end.error else str(end.outcome)
            for finance_id, end in ends.items()
        }

    def rows(self) -> list[Any]:
        """The ledger's sales."""
        from invoice_bridge_core.ledger.sales.candidates import SaleSource

        route = self.world.route
        return self.world.ledger.sales.sales(
            SaleSource(route.source.system, route.source.conn_id, route.finance.conn_id)
        )

    def sale(self, number: int) -> dict[str, Any]:
        """What Qondor shows of a document, which it shows once."""
        return self.sale_named(self.name_of(number))

    def sale_named(self, name: str) -> dict[str, Any]:
        """The same by its number in finance."""
        [found] = [row for row in self.sandbox.qondor.sales.all() if row["invoiceNumber"] == name]
        return found

    def writes(self) -> list[tuple[str, Any]]:
        """What was sent to Qondor's sales since the traffic was forgotten."""
        calls = [call for call in self.world.calls("qondor", "POST", "PUT") if "/Sale" in call.path]
        return [(call.method, call.body) for call in calls]

    def wrong(self) -> list[str]:
        """All that does not agree between finance and Qondor's sales."""
        return list(wrong_sales(self.sandbox, self.world.ledger, self.world.route))

    def of_office(self, name: str, office: str) -> Route:
        """The same route under another name, for the documents of one office."""
        content = self.world.route.model_dump(mode="json")
        only = {**content, "route": name, "source": {**content["source"], "offices": [office]}}
        return type(self.world.route).model_validate(only)

    def change_route(self, **sales: Any) -> None:
        """Mend the section sales of the route's file."""
        content = self.world.route.model_dump(mode="json")
        content["sales"] = {**content["sales"], **sales}
        self.world.route = type(self.world.route).model_validate(content)


def shop(sandbox: Sandbox, ledger_url: str, finance: str) -> Shop:
    """A route into this finance system on an empty sandbox."""
    return Shop(World(sandbox, ledger_url, with_sales(xero_route() if finance == "xero" else quiddly_route())))


def with_sales(route: Route, **sales: Any) -> Route:
    """The route with the section sales."""
    content = route.model_dump(mode="json")
    return type(route).model_validate({**content, "sales": {"enabled": True, **sales}})
