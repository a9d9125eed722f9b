"""Qondor's endpoints (qondor.md, "Endpoints" and "Customers and contact persons")."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from starlette.responses import Response

from sandbox.exact_json import read_json, write_json
from sandbox.qondor.payments import Payments, RuleBrokenError, UnknownPaymentError
from sandbox.store import Row, Table

_INVOICE = "/Invoicing/v1/Invoice"
_CUSTOMER = "/Customer/v1/Customer"

_Office = Annotated[int | None, Query(alias="officeId")]
_CustomerNumber = Annotated[str, Query(alias="customerNumber")]
_Reference = Annotated[str, Query(alias="externalReference")]


def json_answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer with exact numbers."""
    return Response(write_json(body), status, headers, media_type="application/json")


def problem(field: str, message: str, status: int = 400) -> Response:
    """A broken rule as ASP.NET ProblemDetails."""
    body = {
        "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
        "title": "One or more validation errors occurred.",
        "status": status,
        "errors": {field: [message]},
    }
    return Response(write_json(body), status, media_type="application/problem+json")


def not_found() -> Response:
    """An id that nobody knows."""
    return Response(
        write_json({"type": "https://tools.ietf.org/html/rfc9110#section-15.5.5", "title": "Not Found", "status": 404}),
        404,
        media_type="application/problem+json",
    )


def qondor_app(payments: Payments, customers: Table) -> FastAPI:
    """All of Qondor below its environment segment."""
    app = FastAPI(title="Qondor (sandbox)", openapi_url=None)
    _add_invoices(app, payments)
    _add_customers(app, customers)
    return app


def _add_invoices(app: FastAPI, payments: Payments) -> None:
    @app.get(f"{_INVOICE}/GetAllUnprocessedInvoices")
    async def get_all_unprocessed() -> Response:
        return json_answer(payments.queue_items())

    @app.get(f"{_INVOICE}/{{invoice_id}}")
    async def get_one(invoice_id: str) -> Response:
        try:
            return json_answer(payments.read(invoice_id))
        except UnknownPaymentError:
            return not_found()

    # The body of a PUT's answer means nothing and its status is 200 or 204: two of the calls use either.
    _add_set_call(app, "SetAsProcessed", payments.set_processed, 204)
    _add_set_call(app, "SetAsFailed", payments.set_failed, 204)
    _add_set_call(app, "SetAsPaid", payments.set_paid, 200)
    _add_set_call(app, "SetAsUnprocessed", payments.set_unprocessed, 200)


def _add_set_call(app: FastAPI, name: str, rule: Callable[[Row], None], status: int) -> None:
    async def set_state(request: Request) -> Response:
        try:
            rule(read_json(await request.body()))
        except UnknownPaymentError:
            return not_found()
        except RuleBrokenError as broken:
            return problem(broken.field, broken.message)
        except ValueError:
            return problem("$", "The body is not valid JSON.")
        return Response(status_code=204) if status == 204 else json_answer({"success": True})

    app.add_api_route(f"{_INVOICE}/{name}", set_state, methods=["PUT"])


def _add_customers(app: FastAPI, customers: Table) -> None:
    @app.get(f"{_CUSTOMER}/GetAll")
    async def get_all(office: _Office = None) -> Response:
        return json_answer([row for row in customers.rows() if office in (None, row.get("officeId"))])

    @app.get(f"{_CUSTOMER}/GetAllByCustomerNumber")
    async def get_by_number(number: _CustomerNumber, office: _Office = None) -> Response:
        found = [row for row in customers.rows() if row.get("customerNumber") == number]
        return json_answer([row for row in found if office in (None, row.get("officeId"))])

    @app.get(f"{_CUSTOMER}/GetByExternalReference")
    async def get_by_reference(reference: _Reference) -> Response:
        found = customers.find("externalReference", reference)
        return json_answer(found[0]) if found else not_found()

    @app.get(f"{_CUSTOMER}/{{customer_id}}")
    async def get_customer(customer_id: str) -> Response:
        return json_answer(customers[customer_id]) if customer_id in customers else not_found()
