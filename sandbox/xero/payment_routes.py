"""`/Payments` (xero.md, "Payments")."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from sandbox.xero.accounting import Accounting
from sandbox.xero.exchange import Resource, elements_of, list_answer, missing, query_of, write_all
from sandbox.xero.pages import Page, select

_Handler = Callable[[Request], Awaitable[Response]]

_PAYMENTS = Resource("Payments", "PaymentID", "HasValidationErrors")


def routes(accounting: Accounting) -> Mapping[tuple[str, str], _Handler]:
    """Handlers by method and path."""
    payments, books = accounting.payments, accounting.books

    async def list_payments(request: Request) -> Response:
        page = select(books.payments.rows(), query_of(request), view=payments.view)
        return list_answer(request, books, "Payments", page, payments.show)

    async def read(request: Request) -> Response:
        found = books.payments.get(request.path_params["payment_id"])
        return (
            missing() if found is None else list_answer(request, books, "Payments", Page([found], None), payments.show)
        )

    async def create(request: Request) -> Response:
        sent = await elements_of(request, "Payments")
        return write_all(request, books, _PAYMENTS, sent, payments.create, payments.show)

    async def change(request: Request) -> Response:
        sent = await elements_of(request, "Payments")
        payment_id = request.path_params.get("payment_id")
        if payment_id is not None:
            if payment_id not in books.payments:
                return missing()
            sent = [{**sent[0], "PaymentID": payment_id}]
        return write_all(request, books, _PAYMENTS, sent, payments.change, payments.show)

    return {
        ("GET", "/Payments"): list_payments,
        ("GET", "/Payments/{payment_id}"): read,
        ("PUT", "/Payments"): create,
        ("POST", "/Payments"): change,
        ("POST", "/Payments/{payment_id}"): change,
    }
