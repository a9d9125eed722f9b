"""Quiddly's endpoints."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from starlette.responses import Response

from sandbox.exact_json import read_json, write_json
from sandbox.quiddly.identity import Identity
from sandbox.quiddly.invoices import ActivatedError, Invoices, RefusedError, TakenError
from sandbox.quiddly.pdf import invoice_pdf
from sandbox.quiddly.vouchers import UnknownVoucherError, Vouchers

_Number = Annotated[str | None, Query(alias="invoiceNumber")]


def json_answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer with exact numbers."""
    return Response(write_json(body), status, headers, media_type="application/json")


def refusal(status: int, message: str, errors: dict[str, list[str]] | None = None) -> Response:
    """A no, with what is wrong by field."""
    return json_answer({"message": message, **({"errors": errors} if errors else {})}, status)


def quiddly_app(
    identity: Identity, invoices: Invoices, vouchers: Vouchers, duplicate_status: Callable[[], int]
) -> FastAPI:
    """All of Quiddly.

    `duplicate_status` says how a number that exists is answered: 409, or 400 with a text that says so.
    """
    app = FastAPI(title="Quiddly (sandbox)", openapi_url=None)
    _add_identity(app, identity)
    _add_writing(app, invoices, duplicate_status)
    _add_reading(app, invoices)
    _add_vouchers(app, vouchers)
    return app


def _add_identity(app: FastAPI, identity: Identity) -> None:
    @app.post("/authenticate")
    async def authenticate(request: Request) -> Response:
        answer = identity.sign_in(await _body(request))
        return refusal(401, "Wrong user name or password.") if answer is None else json_answer(answer)


def _add_writing(app: FastAPI, invoices: Invoices, duplicate_status: Callable[[], int]) -> None:
    @app.post("/invoices")
    async def create(request: Request) -> Response:
        try:
            return json_answer(invoices.create(await _body(request)), 201)
        except RefusedError as refused:
            return refusal(400, "The invoice is not valid.", refused.faults)
        except TakenError as taken:
            return refusal(duplicate_status(), str(taken))

    @app.put("/invoices/{invoice_id}/activate")
    async def activate(invoice_id: str, request: Request) -> Response:
        try:
            return json_answer(invoices.activate(invoice_id, await _body(request)))
        except KeyError:
            return refusal(404, f"There is no invoice {invoice_id}.")
        except ActivatedError as activated:
            return refusal(409, str(activated))
        except RefusedError as refused:
            return refusal(400, "The invoice cannot be activated.", refused.faults)


def _add_reading(app: FastAPI, invoices: Invoices) -> None:
    @app.get("/invoices")
    async def find(number: _Number = None, page: int | None = None, limit: int = 10) -> Response:
        found = invoices.numbered(number)
        if page is None:
            return json_answer(found)
        if page < 1 or limit < 1:
            return refusal(400, "page and limit are counted from 1.")
        return json_answer(found[(page - 1) * limit : page * limit])

    @app.get("/invoices/{invoice_id}")
    async def read(invoice_id: str) -> Response:
        if invoice_id not in invoices.table:
            return refusal(404, f"There is no invoice {invoice_id}.")
        return json_answer(invoices.table[invoice_id])

    @app.get("/invoices/{invoice_id}/pdf")
    async def pdf(invoice_id: str) -> Response:
        if invoice_id not in invoices.table:
            return refusal(404, f"There is no invoice {invoice_id}.")
        return Response(invoice_pdf(invoices.table[invoice_id]), media_type="application/pdf")


def _add_vouchers(app: FastAPI, vouchers: Vouchers) -> None:
    @app.get("/vouchers/external/export/payments")
    async def payments(page: int = 1, limit: int = 10) -> Response:
        if page < 1 or limit < 1:
            return refusal(400, "page and limit are counted from 1.")
        return json_answer(vouchers.waiting(page, limit))

    def add_put(name: str, rule: Callable[[str, Any], str | None]) -> None:
        async def put(voucher_id: str, request: Request) -> Response:
            try:
                fault = rule(voucher_id, await _body(request))
            except UnknownVoucherError:
                return refusal(404, f"There is no voucher {voucher_id}.")
            return refusal(400, fault) if fault else json_answer({"id": voucher_id})

        app.add_api_route(f"/vouchers/{{voucher_id}}/external/{name}", put, methods=["PUT"])

    add_put("export", vouchers.export)
    add_put("bookkeep", vouchers.bookkeep)


async def _body(request: Request) -> Any:
    """The request's JSON; nothing at all for what is none, which every rule refuses."""
    try:
        return read_json(await request.body())
    except ValueError:
        return None
