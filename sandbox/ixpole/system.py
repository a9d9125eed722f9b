"""iXpole as a system of the sandbox (contract page ixpole.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sandbox.ixpole.app import TOKEN_PATH, ixpole_app, json_answer, message
from sandbox.ixpole.identity import Identity
from sandbox.ixpole.instalments import TODO, Instalments
from sandbox.ixpole.seller import IxpoleSeller
from sandbox.ixpole.tenants import CLUB, TENANTS, Tenant
from sandbox.limits import Limits, Window
from sandbox.store import Row, Table
from sandbox.system import Settings, System, ToldBack

if TYPE_CHECKING:
    from starlette.responses import Response

    from sandbox.clock import Clock
    from sandbox.scene import Scene
    from sandbox.store import Store
    from sandbox.traffic import Call

# Nobody publishes iXpole's limits: these are what a small web application may allow.
CALLS_PER_SECOND, CALLS_PER_DAY = 10, 50_000
_TOKEN_FACTOR = 2
"""An iXpole token lives an hour, twice as long as the setting's default, which is Xero's."""


class Ixpole(System):
    """State, access and limits of both tenants."""

    name: ClassVar[str] = "ixpole"
    base_path: ClassVar[str] = "/ixpole"

    def __init__(self, store: Store, clock: Clock, settings: Settings) -> None:
        super().__init__(store, clock, settings)
        self.instalments = Table(store, self.name, "instalments", "key")
        self.customers = Table(store, self.name, "customers", "key")
        self.products = Table(store, self.name, "products", "key")
        self.identity = Identity(store, clock, settings.token_seconds * _TOKEN_FACTOR)
        self.rules = Instalments(self.instalments, clock)
        self.seller = IxpoleSeller(store, self.rules)
        self.limits = Limits(
            Window("second", settings.rate(CALLS_PER_SECOND), 1.0, clock),
            Window("day", settings.rate(CALLS_PER_DAY), 86_400.0, clock),
        )
        self.app = ixpole_app(self.identity, self.rules, self.customers, self.products)

    def plant(self, scene: Scene) -> None:
        """Fill the tenants' instalments, customers and products."""
        for row in scene.rows("ixpole", "instalments"):
            self.rules.add(row["tenant"], row["instalment"])
        for row in scene.rows("ixpole", "customers"):
            self.customers.put(row)
        for row in scene.rows("ixpole", "products"):
            self.products.put(row)

    def add(self, instalment: Row, tenant: Tenant = CLUB) -> Row:
        """Put an instalment of your own into a tenant; it waits unless its `Status` says otherwise."""
        added = self.rules.add(tenant.name, instalment)
        self.store.flush()
        return added

    def add_customer(self, customer: Row, tenant: Tenant = CLUB) -> Row:
        """Put a customer of your own into a tenant."""
        added = self.customers.put({"key": f"{tenant.name}/{customer['CustomerId']}", **customer})
        self.store.flush()
        return added

    def add_product(self, product: Row, tenant: Tenant = CLUB) -> Row:
        """Put a product of your own into a tenant."""
        added = self.products.put({"key": f"{tenant.name}/{product['ProductId']}", **product})
        self.store.flush()
        return added

    def told(self, code: str, tenant: Tenant = CLUB) -> Row:
        """An instalment with its status and all that was written back."""
        return self.rules.row(tenant.name, code)

    def waiting(self, tenant: Tenant = CLUB) -> list[Row]:
        """The instalments that need an invoice."""
        return [row for row in self.instalments.rows() if row["tenant"] == tenant.name and row["Status"] == TODO]

    def told_back(self) -> list[ToldBack]:
        """The instalments of both tenants that got an invoice."""
        rows = [self.rules.row(row["tenant"], row["instalment"]["InstalmentCode"]) for row in self.instalments.rows()]
        return [
            ToldBack(
                row["key"], row["Status"], f"{row.get('InvoiceNumber') or ''} {row.get('PaymentNo') or ''}".strip()
            )
            for row in rows
            if row["Status"] != TODO
        ]

    def connections(self, url: str) -> dict[str, dict[str, Any]]:
        """`ixpole_default` and `ixpole_second`, one per tenant; the token URL is the default one."""
        return {
            tenant.conn_id: {
                "conn_type": "ixpole",
                "host": f"{url}{self.base_path}/{tenant.name}",
                "login": tenant.client_id,
                "password": tenant.client_secret,
            }
            for tenant in TENANTS.values()
        }

    def is_token_call(self, path: str) -> bool:
        """Tokens are asked for without one, and not counted for the limits."""
        return path.endswith(TOKEN_PATH)

    def admit(self, call: Call) -> Response | None:
        """The tenant's own token first, then the limits."""
        if call.is_token:
            return None
        if not self.identity.opens(call.headers.get("authorization", ""), call.path.split("/")[1]):
            return self.unauthorised()
        full = self.limits.take()
        return None if full is None else self.throttled(full.name, full.retry_after())

    def throttled(self, limit: str, retry_after: int | None) -> Response:
        """A 429; iXpole does not say which limit."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        return json_answer({"message": "Too many requests."}, 429, headers)

    def unauthorised(self) -> Response:
        """A token that is unknown, expired or another tenant's."""
        return message("The access token is invalid or has expired.", 401)


SYSTEM = Ixpole
