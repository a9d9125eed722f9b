"""The way back of payments on each of the four routes: documents to pay, and what their sources were told."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.payments.findings import for_a_person
from invoice_bridge_core.payments.unfinished import unfinished_payments
from invoice_bridge_core.routes.loader import read_route, routes_folder
from sandbox.ixpole.tenants import ARENA, CLUB
from tests.builders import route as qondor_xero_route
from tests.systems.ixpole.instalments import customer, instalment, product
from tests.systems.quiddly.bodies import quiddly_route
from tests.transfer.ixpole.ixpole_world import ixpole_route
from tests.world import World, payment

if TYPE_CHECKING:
    from invoice_bridge_core.routes.model import Route
    from sandbox.sandbox import Sandbox
    from sandbox.store import Table

ON = dt.date(2026, 11, 20)
QONDOR_XERO, QONDOR_QUIDDLY = "qondor_xero", "qondor_quiddly"
IXPOLE_XERO, IXPOLE_QUIDDLY = "ixpole_xero", "ixpole_quiddly"
ROUTES = (QONDOR_XERO, QONDOR_QUIDDLY, IXPOLE_XERO, IXPOLE_QUIDDLY)
_PREFIXES = {QONDOR_XERO: "T-", QONDOR_QUIDDLY: "QT-", IXPOLE_XERO: "IX-INST-2026-", IXPOLE_QUIDDLY: "IXINST-2026-"}


@dataclass
class Backflow:
    """One route; its documents are counted from 1, each over the same amount."""

    world: World
    name: str

    @property
    def from_qondor(self) -> bool:
        """Whether Qondor is the source, or else iXpole."""
        return self.world.route.source.system == "qondor"

    @property
    def into_xero(self) -> bool:
        """Whether Xero is the finance system, or else Quiddly."""
        return self.world.route.finance.system == "xero"

    @property
    def bookkeeper(self) -> Any:
        """Who pays."""
        return getattr(self.world.sandbox, self.world.route.finance.system).bookkeeper

    @property
    def total(self) -> int:
        """What each document is over."""
        return 10000 if self.from_qondor else 636

    def source_id(self, number: int) -> str:
        """The document's id in its source."""
        return str(50000 + number) if self.from_qondor else f"INST-2026-{number:04d}"

    def name_of(self, number: int) -> str:
        """Its number in finance."""
        return f"{_PREFIXES[self.name]}{number if self.from_qondor else f'{number:04d}'}"

    def add(self, *numbers: int) -> None:
        """Let documents wait in the source."""
        sandbox = self.world.sandbox
        for number in numbers:
            if self.from_qondor:
                currency = {} if self.into_xero else {"currency": "SEK", "currencyCode": 752}
                sandbox.qondor.add(payment(number, **currency))
            else:
                sandbox.ixpole.add(instalment(number), CLUB if self.into_xero else ARENA)

    def book(self, *numbers: int) -> None:
        """Bring documents to finance, poll once, and forget the traffic."""
        self.add(*numbers)
        self.world.run()
        self.world.run_payments()
        self.world.sandbox.traffic.reset()

    def pay(self, number: int, amount: Decimal | int | None = None, on: dt.date = ON) -> str:
        """Somebody pays; the payment's id."""
        return str(self.bookkeeper.pay(self.name_of(number), _decimal(amount), on=on))

    @property
    def documents(self) -> Table:
        """The source's documents."""
        sandbox = self.world.sandbox
        return sandbox.qondor.payments if self.from_qondor else sandbox.ixpole.instalments

    def document(self, number: int) -> dict[str, Any]:
        """The source's row of a document."""
        [row] = [row for key, row in self.documents.items() if key.endswith(self.source_id(number))]
        return row

    def source_says(self, number: int) -> tuple[str, str | None]:
        """What the source says of the document, and the day or the number of the payment that it was told of."""
        if self.from_qondor:
            row = self.world.sandbox.qondor.payments[self.source_id(number)]
            return row["statusText"], row["paidDate"]
        row = self.world.sandbox.ixpole.told(self.source_id(number), CLUB if self.into_xero else ARENA)
        return row["Status"], row.get("PaymentNo")

    def unpaid(self) -> tuple[str, None]:
        """What the source says of a document that it knows to be booked and not to be paid."""
        return ("Processed" if self.from_qondor else "Open"), None

    def paid(self, payment_id: str, on: dt.date = ON) -> tuple[str, str]:
        """What the source says after it was told of the payment."""
        return ("Paid", on.isoformat()) if self.from_qondor else ("Received", payment_id)

    def reports(self) -> list[dict[str, Any]]:
        """What was sent to the source of payments, since the traffic was forgotten."""
        return [
            entry.body
            for entry in self.world.calls(self.world.route.source.system, "PUT")
            if "paidDate" in entry.body or "PaymentNo" in entry.body
        ]

    def people_read(self) -> list[str]:
        """What the payment summary has to say to people."""
        found = unfinished_payments(self.world.ledger, self.world.route)
        return [text for entry in found if (text := for_a_person(entry, self.world.route)) is not None]

    def change_route(self, section: str, **values: Any) -> None:
        """Mend the route's file."""
        changed = getattr(self.world.route, section).model_copy(update=values)
        self.world.route = self.world.route.model_copy(update={section: changed})


def backflow(sandbox: Sandbox, ledger_url: str, name: str) -> Backflow:
    """The route of this name on an empty sandbox, with the one customer and product that instalments name."""
    for tenant in (CLUB, ARENA):
        sandbox.ixpole.add_customer(customer(CustomerCode="A-1"), tenant)
        sandbox.ixpole.add_product(product(), tenant)
    return Backflow(World(sandbox, ledger_url, _route(name)), name)


def _route(name: str) -> Route:
    if name == IXPOLE_QUIDDLY:
        return read_route(routes_folder() / "ixpole_quiddly.yaml")
    made = {QONDOR_XERO: qondor_xero_route, QONDOR_QUIDDLY: quiddly_route, IXPOLE_XERO: ixpole_route}
    return made[name]()


def _decimal(amount: Decimal | int | None) -> Decimal | None:
    return None if amount is None else Decimal(amount)
