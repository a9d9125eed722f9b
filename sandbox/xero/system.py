"""Xero as a system of the sandbox (contract page xero.md)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from fastapi import APIRouter
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from sandbox.limits import Limits, Window
from sandbox.system import Settings, System
from sandbox.xero.accounting import Accounting
from sandbox.xero.app import TOKEN_PATH, xero_app
from sandbox.xero.bookkeeper import XeroBookkeeper
from sandbox.xero.books import Books
from sandbox.xero.chart import TENANT_ID
from sandbox.xero.idempotency import Replays, fingerprint
from sandbox.xero.identity import CLIENT_ID, CLIENT_SECRET, SCOPES, Identity, allows
from sandbox.xero.refusals import REFUSED, refused_call, refused_names
from sandbox.xero.wire import to_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.answer import Answer
    from sandbox.clock import Clock
    from sandbox.scene import Scene
    from sandbox.store import Row, Store, Table
    from sandbox.traffic import Call

IN_FLIGHT, CALLS_PER_MINUTE, CALLS_PER_DAY = 5, 60, 5_000
QUERY_LENGTH, BODY_BYTES = 2_048, 3_500_000
_AREAS = {"Invoices": "invoices", "CreditNotes": "invoices", "Payments": "payments", "Contacts": "contacts"}


class Xero(System):
    """State, access and limits of Xero; the API is below `/api.xro/2.0`, identity below `/identity`."""

    name: ClassVar[str] = "xero"
    base_path: ClassVar[str] = "/xero"
    bookkeeper: XeroBookkeeper

    def __init__(self, store: Store, clock: Clock, settings: Settings) -> None:
        super().__init__(store, clock, settings)
        self.books = Books(store, clock)
        self.accounting = Accounting(self.books)
        self.bookkeeper = XeroBookkeeper(self.accounting)
        self.identity = Identity(store, clock, settings.token_seconds)
        self.tenant_id: str | None = TENANT_ID
        self.limits = Limits(
            Window("minute", settings.rate(CALLS_PER_MINUTE), 60.0, clock),
            Window("day", settings.rate(CALLS_PER_DAY), 86_400.0, clock),
        )
        self.in_flight = 0
        self._replays = Replays(store, clock)
        self.app = xero_app(self.accounting, self.identity, self._replays)
        self.control = self._control()
        for table in (self.invoices, self.contacts, self.credit_notes, self.payments, self.overpayments):
            for row in table.rows():
                clock.not_before(row["UpdatedDateUTC"])

    @property
    def contacts(self) -> Table:
        """Contacts by id."""
        return self.books.contacts

    @property
    def invoices(self) -> Table:
        """Invoices by id."""
        return self.books.invoices

    @property
    def credit_notes(self) -> Table:
        """Credit notes by id."""
        return self.books.credit_notes

    @property
    def payments(self) -> Table:
        """Payments by id."""
        return self.books.payments

    @property
    def allocations(self) -> Table:
        """Allocations of credit notes by id."""
        return self.books.allocations

    @property
    def overpayments(self) -> Table:
        """What contacts paid too much, by id."""
        return self.books.overpayments

    @property
    def items(self) -> Table:
        """Items by id."""
        return self.books.items

    def add_contact(self, **fields: Any) -> Row:
        """A contact that somebody made in Xero, by the rules of the API (`Name` at least)."""
        row = self.accounting.contacts.create(fields)
        if fields.get("ContactStatus") == "ARCHIVED":
            row = self.contacts.change(row["ContactID"], ContactStatus="ARCHIVED")
        self.store.flush()
        return row

    def merge_contacts(self, merged_id: str, into_id: str) -> Row:
        """What a bookkeeper does with a double: its documents go to the other contact, and it is archived for good."""
        for table in (self.invoices, self.credit_notes, self.overpayments):
            for row in table.rows():
                if row.get("ContactID") == merged_id:
                    table.change(row[table.key], ContactID=into_id, UpdatedDateUTC=self.books.stamp())
        row = self.contacts.change(
            merged_id, ContactStatus="ARCHIVED", MergedToContactID=into_id, UpdatedDateUTC=self.books.stamp()
        )
        self.store.flush()
        return row

    def add_invoice(self, **fields: Any) -> Row:
        """An invoice that somebody made in Xero, by the rules of the API."""
        row = self.accounting.invoices.create({"Type": "ACCREC", **fields}, 4)
        self.store.flush()
        return row

    def plant(self, scene: Scene) -> None:
        """The demo organisation, and what the scene wants to be there already."""
        self.books.saves_parts = False
        self.books.plant_reference_data()
        for contact in scene.rows("xero", "contacts"):
            self.contacts.put({**contact, "UpdatedDateUTC": self.books.stamp()})
        for invoice in scene.rows("xero", "invoices"):
            row = self.accounting.invoices.create(invoice, 4)
            # The sandbox's own ids come from the seed, so that two sandboxes with one seed are equal.
            self.invoices.remove(row["InvoiceID"])
            self.invoices.put({**row, "InvoiceID": invoice["SeededID"]})

    def connections(self, url: str) -> dict[str, dict[str, Any]]:
        """`xero_default`, a custom connection (client credentials)."""
        host = f"{url}{self.base_path}"
        extra = {"token_url": f"{host}{TOKEN_PATH}", "scopes": SCOPES}
        if self.tenant_id:
            extra["tenant_id"] = self.tenant_id
        connection = {"conn_type": "xero", "host": host, "login": CLIENT_ID, "password": CLIENT_SECRET, "extra": extra}
        return {"xero_default": connection}

    def is_token_call(self, path: str) -> bool:
        """Identity is not the API: no limits, no tenant."""
        return path.startswith("/identity/")

    def enter(self, call: Call) -> None:
        """One more call in flight."""
        self.in_flight += not call.is_token

    def leave(self, call: Call) -> None:
        """One call less in flight."""
        self.in_flight -= not call.is_token

    def admit(self, call: Call) -> Response | None:
        """Length of the query, token, tenant, scope, limits: in the order in which Xero looks at them."""
        if call.is_token:
            return None
        if len(call.query) > QUERY_LENGTH:
            return HTMLResponse("<html><head><title>404 - File or directory not found.</title></head></html>", 404)
        if len(call.body) > BODY_BYTES:
            return PlainTextResponse("Request entity too large", 413)
        return self._access_refused(call) or self._limit_exceeded()

    def throttled(self, limit: str, retry_after: int | None) -> Response:
        """A 429 that names its limit; Retry-After comes with minute and day only."""
        headers = {"X-Rate-Limit-Problem": limit}
        if retry_after is not None and limit != "concurrent":
            headers["Retry-After"] = str(retry_after)
        return PlainTextResponse(
            "The API rate limit for this organisation or application has been exceeded", 429, headers
        )

    def unauthorised(self) -> Response:
        """A token that is unknown or expired."""
        return _problem(401, "Unauthorized", "TokenExpired: token expired")

    def failed(self, call: Call, answer: Answer, *, in_part: bool = False) -> None:
        """An error is kept under the call's idempotency key like any other answer."""
        key = call.headers.get("idempotency-key")
        if key is None or call.is_read or (self._replays.is_kept(key) and not in_part):
            return
        request = fingerprint(call.method, call.path, call.query, call.body)
        self._replays.keep(key, request, Response(answer.body, answer.status, headers=answer.headers))

    @contextmanager
    def breaking_off(self) -> Iterator[None]:
        """Of several elements in one body a part is saved."""
        self.books.breaks_off = True
        try:
            yield
        finally:
            self.books.breaks_off = False

    def bad_request(self, call: Call) -> Response:
        """A validation exception that names the last element of the body."""
        resource = call.path.removeprefix("/api.xro/2.0/").partition("/")[0]
        return refused_call(resource, call.body)

    def refused_elements(self, answer: Answer) -> tuple[str, ...]:
        """The numbers, codes or names of elements that the answer says are refused."""
        return refused_names(answer.body) if REFUSED in answer.body else ()

    def extra_headers(self, call: Call) -> Mapping[str, str]:
        """What is left of the limits."""
        if call.is_token:
            return {}
        windows = self.limits.windows
        return {
            "X-DayLimit-Remaining": str(windows["day"].remaining()),
            "X-MinLimit-Remaining": str(windows["minute"].remaining()),
        }

    def _access_refused(self, call: Call) -> Response | None:
        scopes = self.identity.scopes_of(call.headers.get("authorization", ""))
        if scopes is None:
            return self.unauthorised()
        if self.tenant_id and call.headers.get("xero-tenant-id") != self.tenant_id:
            return _problem(403, "Forbidden", "AuthenticationUnsuccessful")
        resource = call.path.removeprefix("/api.xro/2.0/").partition("/")[0]
        area = _AREAS.get(resource, "settings")
        return (
            None
            if allows(scopes, area, reading=call.is_read)
            else _problem(401, "Unauthorized", "AuthorizationUnsuccessful")
        )

    def _limit_exceeded(self) -> Response | None:
        if self.in_flight > IN_FLIGHT:
            return self.throttled("concurrent", None)
        full = self.limits.take()
        return None if full is None else self.throttled(full.name, full.retry_after())

    def _control(self) -> APIRouter:
        router = APIRouter()

        @router.post("/saves_parts")
        async def saves_parts(on: bool = True) -> Response:
            """Whether a batch that is answered 400 leaves its valid elements saved."""
            self.books.saves_parts = on
            return Response(to_json({"saves_parts": on}), media_type="application/json")

        @router.post("/consent")
        async def consent() -> Response:
            return Response(to_json({"refresh_token": self.identity.consent()}), media_type="application/json")

        return router


def _problem(status: int, title: str, detail: str) -> Response:
    body = {
        "Type": None,
        "Title": title,
        "Status": status,
        "Detail": detail,
        "Instance": "00000000-0000-0000-0000-000000000000",
    }
    return Response(to_json({**body, "Extensions": {}}), status, media_type="application/json")


SYSTEM = Xero
