"""Quiddly as a system of the sandbox (contract page quiddly.md)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from sandbox.limits import Limits, Window
from sandbox.quiddly.app import json_answer, quiddly_app, refusal
from sandbox.quiddly.bookkeeper import QuiddlyBookkeeper
from sandbox.quiddly.identity import PASSWORD, USER, Identity
from sandbox.quiddly.invoices import Invoices
from sandbox.quiddly.vouchers import Vouchers
from sandbox.store import Row, Table
from sandbox.system import Settings, System

if TYPE_CHECKING:
    from starlette.responses import Response

    from sandbox.clock import Clock
    from sandbox.scene import Scene
    from sandbox.store import Store
    from sandbox.traffic import Call

CALLS_PER_SECOND = 10
"""Quiddly publishes no limits; any API has some."""


class Quiddly(System):
    """State, access and limits of Quiddly.

    `duplicate_status` is what a number that exists is answered with: 409, or 400 with a text that says so.
    """

    name: ClassVar[str] = "quiddly"
    base_path: ClassVar[str] = "/quiddly"
    bookkeeper: QuiddlyBookkeeper

    def __init__(self, store: Store, clock: Clock, settings: Settings) -> None:
        super().__init__(store, clock, settings)
        self.invoices = Table(store, self.name, "invoices", "id", {"invoiceNumber": lambda row: row["invoiceNumber"]})
        self.distributions = Table(store, self.name, "distributions", "id")
        self.payments = Table(
            store, self.name, "payments", "id", {"invoiceNumber": lambda row: row["payment"]["invoiceNumber"]}
        )
        self.identity = Identity(store, clock)
        self.deleted = Table(store, self.name, "deleted_invoices", "id")
        self.rules = Invoices(self.invoices, self.distributions, self.deleted)
        self.vouchers = Vouchers(self.payments)
        self.bookkeeper = QuiddlyBookkeeper(store, clock, self.rules, self.vouchers)
        self.duplicate_status = 409
        self.limits = Limits(Window("second", settings.rate(CALLS_PER_SECOND), 1.0, clock))
        self.app = quiddly_app(self.identity, self.rules, self.vouchers, lambda: self.duplicate_status)

    def plant(self, scene: Scene) -> None:
        """Invoices that somebody made in Quiddly before."""
        self.duplicate_status = 409
        for invoice in scene.rows("quiddly", "invoices"):
            self.rules.create(invoice)

    def add_invoice(self, body: Row) -> Row:
        """An invoice that somebody made in Quiddly, by the rules of the API."""
        row = self.rules.create(body)
        self.store.flush()
        return row

    def pay(self, invoice_number: str, amount: Decimal | int, paid_on: str) -> Row:
        """A payment waits to be exported, whatever the invoice's state; the bookkeeper pays what may be paid."""
        [invoice] = self.invoices.find("invoiceNumber", invoice_number)
        row = self.vouchers.add(invoice, Decimal(amount), paid_on)
        self.store.flush()
        return row

    def connections(self, url: str) -> dict[str, dict[str, Any]]:
        """`quiddly_default`, of a user who signs in."""
        connection = {
            "conn_type": "quiddly",
            "host": f"{url}{self.base_path}",
            "login": USER,
            "password": PASSWORD,
        }
        return {"quiddly_default": connection}

    def is_token_call(self, path: str) -> bool:
        """Signing in is not the API: no limits, no token."""
        return path == "/authenticate"

    def admit(self, call: Call) -> Response | None:
        """Token first, then the limits."""
        if call.is_token:
            return None
        if not self.identity.accepts(call.headers.get("authorization", "")):
            return self.unauthorised()
        full = self.limits.take()
        return None if full is None else self.throttled(full.name, full.retry_after())

    def throttled(self, limit: str, retry_after: int | None) -> Response:
        """A 429; Quiddly does not say which limit."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        return json_answer({"message": "Too many requests."}, 429, headers)

    def unauthorised(self) -> Response:
        """A token that is missing, unknown or expired."""
        return refusal(401, "The token is not valid.")


SYSTEM = Quiddly
