"""Qondor as a system of the sandbox (contract page qondor.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from fastapi import APIRouter
from starlette.responses import Response

from sandbox.exact_json import write_json
from sandbox.limits import Limits, Window
from sandbox.qondor.administrator import QondorAdministrator
from sandbox.qondor.answers import json_answer
from sandbox.qondor.app import qondor_app
from sandbox.qondor.contact_persons import ContactPersons
from sandbox.qondor.customers import Customers
from sandbox.qondor.payments import STATES, Payments, QueueOf, ReadUnder
from sandbox.qondor.register_routes import register_routes
from sandbox.qondor.sales import Sales
from sandbox.store import Row, Table
from sandbox.system import Settings, System, ToldBack

if TYPE_CHECKING:
    from sandbox.clock import Clock
    from sandbox.scene import Scene
    from sandbox.store import Store
    from sandbox.traffic import Call

# Two keys per subscription, for rotation (qondor.md, "Base URL and access").
SUBSCRIPTION_KEYS = ("sandbox-qondor-primary", "sandbox-qondor-secondary")
CALLS_PER_SECOND, CALLS_PER_DAY = 10, 100_000
_DAY = 86_400.0


class Qondor(System):
    """State, access and limits of Qondor."""

    name: ClassVar[str] = "qondor"
    base_path: ClassVar[str] = "/qondor/Test"

    def __init__(self, store: Store, clock: Clock, settings: Settings) -> None:
        super().__init__(store, clock, settings)
        self.payments = Table(store, self.name, "payments", "id")
        self.contact_persons = ContactPersons(store)
        self.customers = Customers(store, self.contact_persons)
        self.sales = Sales(store)
        self.rules = Payments(self.payments)
        self.administrator = QondorAdministrator(store, self.rules, self.customers, self.contact_persons, self.sales)
        self.limits = Limits(
            Window("second", settings.rate(CALLS_PER_SECOND), 1.0, clock),
            Window("day", settings.rate(CALLS_PER_DAY), _DAY, clock),
        )
        self.app = qondor_app(self.rules, register_routes(self.customers, self.contact_persons, self.sales))
        self.control = self._control()

    def plant(self, scene: Scene) -> None:
        """Fill the queue and the customer register; Qondor behaves as usual until it is told otherwise."""
        self.rules.behave_as_usual()
        for payment in scene.rows("qondor", "payments"):
            self.payments.put(payment)
        for customer in scene.rows("qondor", "customers"):
            self.customers.put(customer)

    def add(self, payment: Row) -> Row:
        """Put a payment of your own into the register; it waits in the queue unless its `status` says otherwise."""
        added = self.rules.add(payment)
        self.store.flush()
        return added

    def waiting(self) -> list[Row]:
        """The payments in the queue."""
        return self.rules.unprocessed()

    def told_back(self) -> list[ToldBack]:
        """The payments that left the queue."""
        return [
            ToldBack(str(row["invoiceNumber"]), STATES[row["status"]], _told(row))
            for row in self.payments.rows()
            if STATES[row["status"]] != "Unprocessed"
        ]

    def connections(self, url: str) -> dict[str, dict[str, Any]]:
        """`qondor_default`."""
        connection: dict[str, Any] = {
            "conn_type": "qondor",
            "host": f"{url}{self.base_path}",
            "password": SUBSCRIPTION_KEYS[0],
        }
        if self.settings.limits == "relaxed":
            # Who keeps the contract's limits beforehand would not see that these are not. Airflow's masker looks at
            # each value: it takes long over a number, and warns in the task's log of a text under five characters.
            connection["extra"] = {"calls_per_second": "0.000"}
        return {"qondor_default": connection}

    def admit(self, call: Call) -> Response | None:
        """Subscription key first, then the limits, as API Management does it."""
        if call.headers.get("ocp-apim-subscription-key") not in SUBSCRIPTION_KEYS:
            return self.unauthorised()
        full = self.limits.take()
        return None if full is None else self._limited(full.retry_after())

    def throttled(self, limit: str, retry_after: int | None) -> Response:
        """A 429; Qondor does not say which limit."""
        return self._limited(retry_after)

    def unauthorised(self) -> Response:
        """A missing or wrong subscription key."""
        message = (
            "Access denied due to invalid subscription key. "
            "Make sure to provide a valid key for an active subscription."
        )
        return json_answer({"statusCode": 401, "message": message}, 401)

    def _control(self) -> APIRouter:
        router = APIRouter()

        @router.post("/queue")
        async def list_queue_as(entries: QueueOf) -> Response:
            """What the queue's list holds from now on."""
            self.rules.queue_of = entries
            return Response(write_json({"entries": entries}), media_type="application/json")

        @router.get("/sales")
        async def list_sales() -> Response:
            """What Qondor shows of what finance has sent."""
            return Response(write_json({"sales": self.sales.all()}), media_type="application/json")

        @router.post("/reads")
        async def read_payments_under(path: ReadUnder) -> Response:
            """Where one payment is read from now on; the other path leads nowhere."""
            self.rules.read_under = path
            return Response(write_json({"path": path}), media_type="application/json")

        return router

    def _limited(self, retry_after: int | None) -> Response:
        wait = 1 if retry_after is None else retry_after
        message = f"Rate limit is exceeded. Try again in {wait} seconds."
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        return json_answer({"statusCode": 429, "message": message}, 429, headers)


def _told(row: Row) -> str:
    paid, reference, failure = row.get("paidDate"), row.get("externalReference"), row.get("failureMessage")
    return "; ".join([*([f"paid on {paid}"] if paid else []), *(str(each) for each in (reference, failure) if each)])


SYSTEM = Qondor
