"""`/Invoices` (xero.md, "Invoices")."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from sandbox.store import Row
from sandbox.xero.accounting import Accounting
from sandbox.xero.exchange import Resource, accepts, elements_of, list_answer, missing, query_of, unit_places, write_all
from sandbox.xero.pages import Page, select
from sandbox.xero.pdf import invoice_pdf

_Handler = Callable[[Request], Awaitable[Response]]

_INVOICES = Resource("Invoices", "InvoiceID")
_SELECTED_BY = {"IDs": "InvoiceID", "InvoiceNumbers": "InvoiceNumber", "ContactIDs": "ContactID", "Statuses": "Status"}


def routes(accounting: Accounting) -> Mapping[tuple[str, str], _Handler]:
    """Handlers by method and path."""
    invoices, books = accounting.invoices, accounting.books

    def view(row: Row) -> Row:
        return {**row, "Contact": books.contacts[row["ContactID"]]}

    async def list_invoices(request: Request) -> Response:
        query = query_of(request)
        page = select(books.invoices.rows(), query, view=view, among=_SELECTED_BY)
        details = not query.flag("summaryOnly")
        # As in Xero: a list shows lines only when it is read page by page.
        lines = details and query.paged
        return list_answer(
            request, books, "Invoices", page, lambda row: invoices.show(row, lines=lines, details=details)
        )

    async def read(request: Request) -> Response:
        found = invoices.by_id_or_number(request.path_params["invoice_id"])
        if found is None:
            return missing()
        if accepts(request, "application/pdf"):
            return Response(invoice_pdf(found), media_type="application/pdf")
        return list_answer(request, books, "Invoices", Page([found], None), invoices.show)

    return {
        ("GET", "/Invoices"): list_invoices,
        ("GET", "/Invoices/{invoice_id}"): read,
        **_write_routes(accounting),
    }


def _write_routes(accounting: Accounting) -> Mapping[tuple[str, str], _Handler]:
    invoices, books = accounting.invoices, accounting.books

    async def create(request: Request) -> Response:
        places, sent = unit_places(request), await elements_of(request, "Invoices")
        return write_all(request, books, _INVOICES, sent, lambda each: invoices.create(each, places), show)

    async def update(request: Request) -> Response:
        places, sent = unit_places(request), await elements_of(request, "Invoices")
        return write_all(request, books, _INVOICES, sent, lambda each: invoices.create_or_update(each, places), show)

    async def update_one(request: Request) -> Response:
        places, found = unit_places(request), invoices.by_id_or_number(request.path_params["invoice_id"])
        if found is None:
            return missing()
        sent = [{**(await elements_of(request, "Invoices"))[0], "InvoiceID": found["InvoiceID"]}]
        return write_all(request, books, _INVOICES, sent, lambda each: invoices.create_or_update(each, places), show)

    def show(row: Row) -> Row:
        return invoices.show(books.invoices[row["InvoiceID"]])

    return {
        ("PUT", "/Invoices"): create,
        ("POST", "/Invoices"): update,
        ("POST", "/Invoices/{invoice_id}"): update_one,
    }
