"""One HTTP exchange with the Xero API: reading the request, answering as JSON or XML, and many elements in one body."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from sandbox.exact_json import read_json
from sandbox.store import Row
from sandbox.xero.books import Books
from sandbox.xero.pages import Page, Query
from sandbox.xero.wire import ZERO_ID, RefusedError, envelope, other_exception, to_json, to_xml, validation_exception

MOST_ELEMENTS = 50
_DATES = re.compile(r"Date$")


class BadBodyError(ValueError):
    """The body is not what the endpoint wants."""


@dataclass(frozen=True)
class Resource:
    """How one resource is named, and which field tells a reader that an element failed."""

    name: str
    id_field: str
    error_flag: str = "HasErrors"


def accepts(request: Request, media_type: str) -> bool:
    """Whether the Accept header names this type."""
    return media_type in request.headers.get("accept", "")


def answer(request: Request, body: Row, status: int = 200) -> Response:
    """The answer in the format that was asked for; XML is the default."""
    if accepts(request, "application/json"):
        return Response(to_json(body), status, media_type="application/json; charset=utf-8")
    return Response(to_xml(body), status, media_type="text/xml; charset=utf-8")


def missing() -> Response:
    """An id or path that nobody knows: Xero answers with a page."""
    return HTMLResponse("<html><body>The resource you're looking for cannot be found</body></html>", 404)


def bad_query(request: Request, message: str) -> Response:
    """A parameter that cannot be read."""
    return answer(request, other_exception(16, "QueryParseException", message), 400)


def query_of(request: Request) -> Query:
    """The parameters of a list request."""
    return Query(dict(request.query_params), request.headers.get("if-modified-since"))


def unit_places(request: Request) -> int:
    """`unitdp`: 4, or else 2."""
    return 4 if request.query_params.get("unitdp") == "4" else 2


def list_answer(request: Request, books: Books, name: str, page: Page, show: Callable[[Row], Row]) -> Response:
    """The answer to a list request."""
    extra = {} if page.pagination is None else {"pagination": page.pagination}
    return answer(request, envelope(name, [show(row) for row in page.rows], books.clock.now(), **extra))


async def elements_of(request: Request, name: str) -> list[Row]:
    """The elements of a body: wrapped under the resource's name, a bare list, or one bare element."""
    try:
        body: Any = read_json(await request.body())
    except ValueError:
        raise BadBodyError("The body is not valid JSON") from None
    elements = body.get(name, body) if isinstance(body, dict) else body
    elements = [elements] if isinstance(elements, dict) else elements
    if not isinstance(elements, list) or not elements or not all(isinstance(each, dict) for each in elements):
        raise BadBodyError(f"The body must hold at least one element of {name}")
    if len(elements) > MOST_ELEMENTS:
        raise BadBodyError(f"The body must not hold more than {MOST_ELEMENTS} elements of {name}")
    return elements


def write_all(
    request: Request,
    books: Books,
    resource: Resource,
    elements: list[Row],
    write: Callable[[Row], Row],
    show: Callable[[Row], Row],
) -> Response:
    """Write every element: with `summarizeErrors=false` each answers for itself, else one bad one spoils all.

    Where `books.saves_parts`, a batch with a bad element is answered 400 whatever was asked for, and the others stay.
    """
    if books.breaks_off:
        return _broken_off(books, resource, elements, write)
    written: list[Row | None] = []
    failed: list[Row] = []
    answered: list[Row] = []
    together = request.query_params.get("summarizeErrors", "true").lower() != "false"
    try:
        with books.store.attempt():
            for element in elements:
                row, problem = _write_one(books, resource, element, write)
                written.append(row)
                if problem is not None:
                    failed.append(problem)
            if failed and together and not books.saves_parts:
                raise RefusedError
    except RefusedError:
        return answer(request, validation_exception(failed), 400)
    if failed and books.saves_parts and len(elements) > 1:
        return answer(request, validation_exception(failed), 400)
    remaining = iter(failed)
    for row in written:
        # Shown after all were written: a later element may have changed an earlier one.
        answered.append(next(remaining) if row is None else {**show(row), "StatusAttributeString": "OK"})
    return answer(request, envelope(resource.name, answered, books.clock.now()))


def _broken_off(books: Books, resource: Resource, elements: list[Row], write: Callable[[Row], Row]) -> Response:
    """Every second element is saved, and nobody is told of any."""
    for element in elements[::2]:
        _write_one(books, resource, element, write)
    return PlainTextResponse("An error occurred while processing your request.", 500)


def _write_one(
    books: Books, resource: Resource, element: Row, write: Callable[[Row], Row]
) -> tuple[Row | None, Row | None]:
    try:
        with books.store.attempt():
            return write(element), None
    except RefusedError as refusal:
        return None, _refused(resource, element, refusal)


def _refused(resource: Resource, element: Row, refusal: RefusedError) -> Row:
    echo = {name: value for name, value in element.items() if not _DATES.search(name)}
    return {
        **echo,
        resource.id_field: element.get(resource.id_field) or ZERO_ID,
        "StatusAttributeString": "ERROR",
        resource.error_flag: True,
        "ValidationErrors": [{"Message": message} for message in refusal.messages],
    }
