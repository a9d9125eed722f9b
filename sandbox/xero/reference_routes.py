"""`/Organisation`, `/Accounts`, `/Currencies`, `/TaxRates`, `/Items` (xero.md, "Reference data", "Items")."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from sandbox.store import Row, Table
from sandbox.xero.accounting import Accounting
from sandbox.xero.exchange import Resource, elements_of, list_answer, missing, query_of, unit_places, write_all
from sandbox.xero.pages import Query, select
from sandbox.xero.wire import msdate, updated

_Handler = Callable[[Request], Awaitable[Response]]

_ITEMS = Resource("Items", "ItemID")


def routes(accounting: Accounting) -> Mapping[tuple[str, str], _Handler]:
    """Handlers by method and path."""
    books = accounting.books
    return {
        ("GET", "/Organisation"): _lister(accounting, "Organisations", books.organisations, _show_organisation),
        ("GET", "/Accounts"): _lister(accounting, "Accounts", books.accounts, _show_account),
        ("GET", "/Currencies"): _lister(accounting, "Currencies", books.currencies, dict),
        ("GET", "/TaxRates"): _lister(accounting, "TaxRates", books.tax_rates, dict),
        ("GET", "/Items"): _lister(accounting, "Items", books.items, accounting.items.show),
        **_item_routes(accounting),
    }


def _lister(accounting: Accounting, name: str, table: Table, show: Callable[[Row], Row]) -> _Handler:
    async def list_all(request: Request) -> Response:
        query = query_of(request)
        # Reference data is never paged; currencies and tax rates do not say when they changed.
        asked = Query({key: value for key, value in query.parameters.items() if key in ("where", "order")})
        page = select(table.rows(), asked, view=show)
        return list_answer(request, accounting.books, name, page, show)

    return list_all


def _item_routes(accounting: Accounting) -> Mapping[tuple[str, str], _Handler]:
    items, books = accounting.items, accounting.books

    async def read(request: Request) -> Response:
        key = request.path_params["item_id"]
        found = [books.items[key]] if key in books.items else books.items.find("Code", key)
        return list_answer(request, books, "Items", select(found, Query({})), items.show) if found else missing()

    async def create(request: Request) -> Response:
        places = unit_places(request)
        sent = await elements_of(request, "Items")
        return write_all(request, books, _ITEMS, sent, lambda each: items.create(each, places), items.show)

    async def update(request: Request) -> Response:
        places = unit_places(request)
        sent = await elements_of(request, "Items")
        return write_all(request, books, _ITEMS, sent, lambda each: items.create_or_update(each, places), items.show)

    async def update_one(request: Request) -> Response:
        places, item_id = unit_places(request), request.path_params["item_id"]
        if item_id not in books.items:
            return missing()
        sent = [{**(await elements_of(request, "Items"))[0], "ItemID": item_id}]
        return write_all(request, books, _ITEMS, sent, lambda each: items.create_or_update(each, places), items.show)

    return {
        ("GET", "/Items/{item_id}"): read,
        ("PUT", "/Items"): create,
        ("POST", "/Items"): update,
        ("POST", "/Items/{item_id}"): update_one,
    }


def _show_organisation(row: Row) -> Row:
    dates = ("PeriodLockDate", "EndOfYearLockDate", "CreatedDateUTC")
    return {
        name: msdate(value) if name in dates and value else value for name, value in row.items() if value is not None
    }


def _show_account(row: Row) -> Row:
    shown = {name: value for name, value in row.items() if value is not None}
    return {**shown, "HasAttachments": False, "UpdatedDateUTC": updated(row)["UpdatedDateUTC"]}
