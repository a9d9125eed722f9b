"""`/CreditNotes` and their allocations (xero.md, "Credit notes")."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from sandbox.store import Row
from sandbox.xero.accounting import Accounting
from sandbox.xero.exchange import (
    Resource,
    accepts,
    answer,
    elements_of,
    list_answer,
    missing,
    query_of,
    unit_places,
    write_all,
)
from sandbox.xero.pages import Page, select
from sandbox.xero.pdf import invoice_pdf
from sandbox.xero.wire import envelope

_Handler = Callable[[Request], Awaitable[Response]]

_NOTES = Resource("CreditNotes", "CreditNoteID")
_ALLOCATIONS = Resource("Allocations", "AllocationID", "HasErrors")


def routes(accounting: Accounting) -> Mapping[tuple[str, str], _Handler]:
    """Handlers by method and path."""
    notes, books = accounting.credit_notes, accounting.books

    async def list_notes(request: Request) -> Response:
        query = query_of(request)
        page = select(books.credit_notes.rows(), query, view=view, among={"IDs": "CreditNoteID"})
        return list_answer(request, books, "CreditNotes", page, lambda row: notes.show(row, lines=query.paged))

    async def create(request: Request) -> Response:
        places, sent = unit_places(request), await elements_of(request, "CreditNotes")
        return write_all(request, books, _NOTES, sent, lambda each: notes.create(each, places), show)

    async def update(request: Request) -> Response:
        places, sent = unit_places(request), await elements_of(request, "CreditNotes")
        note_id = request.path_params.get("note_id")
        if note_id is not None:
            if note_id not in books.credit_notes:
                return missing()
            sent = [{**sent[0], "CreditNoteID": note_id}]
        return write_all(request, books, _NOTES, sent, lambda each: notes.create_or_update(each, places), show)

    def show(row: Row) -> Row:
        return notes.show(books.credit_notes[row["CreditNoteID"]])

    def view(row: Row) -> Row:
        return {**row, "Contact": books.contacts[row["ContactID"]]}

    return {
        ("GET", "/CreditNotes"): list_notes,
        ("GET", "/CreditNotes/{note_id}"): _reader(accounting),
        ("PUT", "/CreditNotes"): create,
        ("POST", "/CreditNotes"): update,
        ("POST", "/CreditNotes/{note_id}"): update,
        **_allocation_routes(accounting),
    }


def _reader(accounting: Accounting) -> _Handler:
    notes, books = accounting.credit_notes, accounting.books

    async def read(request: Request) -> Response:
        found = notes.by_id_or_number(request.path_params["note_id"])
        if found is None:
            return missing()
        if accepts(request, "application/pdf"):
            return Response(invoice_pdf(found), media_type="application/pdf")
        return list_answer(request, books, "CreditNotes", Page([found], None), notes.show)

    return read


def _allocation_routes(accounting: Accounting) -> Mapping[tuple[str, str], _Handler]:
    notes, books = accounting.credit_notes, accounting.books

    async def allocate(request: Request) -> Response:
        note = books.credit_notes.get(request.path_params["note_id"])
        if note is None:
            return missing()
        sent = await elements_of(request, "Allocations")
        return write_all(
            request, books, _ALLOCATIONS, sent, lambda each: notes.allocate(note, each), notes.show_allocation
        )

    async def remove(request: Request) -> Response:
        allocation = books.allocations.get(request.path_params["allocation_id"])
        if allocation is None or allocation["CreditNoteID"] != request.path_params["note_id"]:
            return missing()
        return answer(request, envelope("Allocations", [notes.remove_allocation(allocation)], books.clock.now()))

    return {
        ("PUT", "/CreditNotes/{note_id}/Allocations"): allocate,
        ("DELETE", "/CreditNotes/{note_id}/Allocations/{allocation_id}"): remove,
    }
