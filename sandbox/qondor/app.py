"""Qondor's endpoints (qondor.md, "Endpoints"); those of the registers are in `register_routes`."""

from collections.abc import Callable

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from sandbox.exact_json import read_json
from sandbox.qondor.answers import json_answer, no_such_path, not_found, problem
from sandbox.qondor.payments import Payments, RuleBrokenError, UnknownPaymentError
from sandbox.store import Row

_INVOICE = "/Invoicing/v1/Invoice"


def qondor_app(payments: Payments, registers: APIRouter) -> FastAPI:
    """All of Qondor below its environment segment."""
    app = FastAPI(title="Qondor (sandbox)", openapi_url=None)
    _add_invoices(app, payments)
    app.include_router(registers)
    app.add_exception_handler(404, _nowhere)
    return app


async def _nowhere(_request: Request, _error: Exception) -> Response:
    return no_such_path()


def _add_invoices(app: FastAPI, payments: Payments) -> None:
    @app.get(f"{_INVOICE}/GetAllUnprocessedInvoices")
    async def get_all_unprocessed() -> Response:
        return json_answer(payments.queue_items())

    def one(invoice_id: str) -> Response:
        try:
            return json_answer(payments.read(invoice_id))
        except UnknownPaymentError:
            return not_found()

    @app.get(f"{_INVOICE}/GetInvoice/{{invoice_id}}")
    async def get_invoice(invoice_id: str) -> Response:
        return one(invoice_id) if payments.read_under == "GetInvoice" else no_such_path()

    @app.get(f"{_INVOICE}/{{invoice_id}}")
    async def get_one(invoice_id: str) -> Response:
        return one(invoice_id) if payments.read_under == "Invoice" else no_such_path()

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
