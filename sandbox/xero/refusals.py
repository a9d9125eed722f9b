"""What Xero says of a body with several elements: which of them it refused, and a 400 to all of them."""

from __future__ import annotations

from typing import Any

from starlette.responses import PlainTextResponse, Response

from sandbox.exact_json import read_json
from sandbox.xero.wire import ZERO_ID, to_json, validation_exception

REFUSED = b'"StatusAttributeString": "ERROR"'
_NAMES = ("InvoiceNumber", "CreditNoteNumber", "ContactNumber", "Code", "Name", "Reference")


def refused_call(resource: str, body: bytes) -> Response:
    """A validation exception that names the last element of the body, and says nothing of the others."""
    elements = _elements(body, resource)
    if not elements:
        return PlainTextResponse("Bad request", 400)
    said = {**_named(elements[-1]), "ValidationErrors": [{"Message": "A validation error occurred in this request"}]}
    exception = validation_exception([{f"{resource.removesuffix('s')}ID": ZERO_ID, **said}])
    return Response(to_json(exception), 400, media_type="application/json; charset=utf-8")


def refused_names(body: bytes) -> tuple[str, ...]:
    """What the elements of an answer that were refused are called; nothing where it cannot be read."""
    try:
        answer = read_json(body)
    except ValueError:
        return ()
    lists = [value for value in answer.values() if isinstance(value, list)] if isinstance(answer, dict) else []
    refused = [each for elements in lists for each in elements if each.get("StatusAttributeString") == "ERROR"]
    return tuple(next((str(value) for value in _named(each).values()), "") for each in refused)


def _elements(body: bytes, resource: str) -> list[Any]:
    try:
        sent = read_json(body)
    except ValueError:
        return []
    elements = sent.get(resource, sent) if isinstance(sent, dict) else sent
    return [elements] if isinstance(elements, dict) else elements


def _named(element: dict[str, Any]) -> dict[str, Any]:
    return {name: element[name] for name in _NAMES if element.get(name)}
