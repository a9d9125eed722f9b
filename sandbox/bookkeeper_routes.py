"""The bookkeeper over HTTP: `/sandbox/<system>/documents` and `/sandbox/<system>/bookkeeper/<verb>`."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from sandbox.bookkeeping import BadRequestError, Bookkeeper, BookkeepingError, NotPossibleError, UnknownDocumentError
from sandbox.exact_json import read_json, write_json

STATUSES = {UnknownDocumentError: 404, NotPossibleError: 409, BadRequestError: 400}


def bookkeeper_routes(bookkeeper: Bookkeeper) -> APIRouter:
    """What can be asked of one system's bookkeeper."""
    router = APIRouter()

    @router.get("/documents")
    async def documents() -> Response:
        return _answer({"documents": [asdict(booked) for booked in bookkeeper.documents()]})

    @router.post("/bookkeeper/{verb}")
    async def perform(verb: str, request: Request) -> Response:
        try:
            return _answer(asdict(bookkeeper.perform(verb, await _body(request))))
        except BookkeepingError as refusal:
            return _answer({"error": str(refusal)}, STATUSES[type(refusal)])

    return router


async def _body(request: Request) -> Any:
    try:
        return read_json(await request.body())
    except ValueError:
        raise BadRequestError("The body is not valid JSON.") from None


def _answer(body: Any, status: int = 200) -> Response:
    return Response(write_json(body), status, media_type="application/json")
