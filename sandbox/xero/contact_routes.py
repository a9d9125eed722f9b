"""`/Contacts` (xero.md, "Contacts")."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from sandbox.store import Row
from sandbox.xero.accounting import Accounting
from sandbox.xero.exchange import Resource, elements_of, list_answer, missing, query_of, write_all
from sandbox.xero.pages import Query, select

_Handler = Callable[[Request], Awaitable[Response]]

_CONTACTS = Resource("Contacts", "ContactID", "HasValidationErrors")
_SEARCHED = ("Name", "FirstName", "LastName", "ContactNumber", "CompanyNumber", "EmailAddress")


def routes(accounting: Accounting) -> Mapping[tuple[str, str], _Handler]:
    """Handlers by method and path."""
    contacts, books = accounting.contacts, accounting.books

    async def list_contacts(request: Request) -> Response:
        query = query_of(request)
        page = select(_visible(books.contacts.rows(), query), query, among={"IDs": "ContactID"})
        summary = query.flag("summaryOnly")
        show = partial(contacts.show, summary=summary, tells_merges=query.paged, is_listed=True)
        return list_answer(request, books, "Contacts", page, show)

    async def read(request: Request) -> Response:
        key = request.path_params["contact_id"]
        found = [books.contacts[key]] if key in books.contacts else books.contacts.find("ContactNumber", key)
        show = partial(contacts.show, tells_merges=True)
        return list_answer(request, books, "Contacts", select(found, Query({})), show) if found else missing()

    async def create(request: Request) -> Response:
        sent = await elements_of(request, "Contacts")
        return write_all(request, books, _CONTACTS, sent, contacts.create, contacts.show)

    async def update(request: Request) -> Response:
        sent = await elements_of(request, "Contacts")
        return write_all(request, books, _CONTACTS, sent, contacts.create_or_update, contacts.show)

    async def update_one(request: Request) -> Response:
        contact_id = request.path_params["contact_id"]
        if contact_id not in books.contacts:
            return missing()
        sent = [{**(await elements_of(request, "Contacts"))[0], "ContactID": contact_id}]
        return write_all(request, books, _CONTACTS, sent, contacts.create_or_update, contacts.show)

    return {
        ("GET", "/Contacts"): list_contacts,
        ("GET", "/Contacts/{contact_id}"): read,
        ("PUT", "/Contacts"): create,
        ("POST", "/Contacts"): update,
        ("POST", "/Contacts/{contact_id}"): update_one,
    }


def _visible(rows: list[Row], query: Query) -> list[Row]:
    """Archived contacts are invisible unless asked for; a search term looks into several fields."""
    if not query.flag("includeArchived"):
        rows = [row for row in rows if row["ContactStatus"] == "ACTIVE"]
    term = query.parameters.get("searchTerm", "").casefold()
    if term:
        rows = [row for row in rows if any(term in str(row.get(name) or "").casefold() for name in _SEARCHED)]
    return rows
