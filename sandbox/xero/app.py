"""Xero as a web app: identity's token endpoint and the API, with idempotency around every write."""

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request
from starlette.responses import Response

from sandbox.xero import contact_routes, credit_note_routes, invoice_routes, payment_routes, reference_routes
from sandbox.xero.accounting import Accounting
from sandbox.xero.exchange import BadBodyError, answer, bad_query
from sandbox.xero.idempotency import KEY_LENGTH, KeyReusedError, Replays, fingerprint
from sandbox.xero.identity import Identity, TokenRefusedError
from sandbox.xero.where import QueryError
from sandbox.xero.wire import other_exception, to_json

API = "/api.xro/2.0"
TOKEN_PATH = "/identity/connect/token"  # noqa: S105 - a path

_Handler = Callable[[Request], Awaitable[Response]]


def xero_app(accounting: Accounting, identity: Identity, replays: Replays) -> FastAPI:
    """All of Xero."""
    app = FastAPI(title="Xero (sandbox)", openapi_url=None)
    app.add_api_route(TOKEN_PATH, _token_handler(identity), methods=["POST"])
    for routes in (reference_routes, contact_routes, invoice_routes, credit_note_routes, payment_routes):
        for (method, path), handler in routes.routes(accounting).items():
            app.add_api_route(f"{API}{path}", _guarded(handler, replays), methods=[method])
    return app


def _token_handler(identity: Identity) -> _Handler:
    async def token(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        try:
            return Response(
                to_json(identity.issue(form, request.headers.get("authorization", ""))), media_type="application/json"
            )
        except TokenRefusedError as refusal:
            return Response(to_json({"error": refusal.code}), refusal.status, media_type="application/json")

    return token


def _guarded(handler: _Handler, replays: Replays) -> _Handler:
    """A handler whose unreadable requests become a 400 and whose writes can be repeated with an idempotency key."""

    async def guarded(request: Request) -> Response:
        key = request.headers.get("idempotency-key")
        if key is None or request.method == "GET":
            return await _handled(handler, request)
        if len(key) > KEY_LENGTH:
            return _key_refused(request, f"The Idempotency-Key must not be longer than {KEY_LENGTH} characters")
        print_of_request = fingerprint(request.method, request.url.path, request.url.query, await request.body())
        try:
            kept = replays.find(key, print_of_request)
        except KeyReusedError:
            return _key_refused(request, "The Idempotency-Key was already used with a different request")
        if kept is not None:
            status, media_type, body = kept
            return Response(body, status, headers={"content-type": media_type})
        response = await _handled(handler, request)
        replays.keep(key, print_of_request, response)
        return response

    return guarded


async def _handled(handler: _Handler, request: Request) -> Response:
    try:
        return await handler(request)
    except BadBodyError as bad:
        return answer(request, other_exception(14, "PostDataInvalidException", str(bad)), 400)
    except QueryError as bad:
        return bad_query(request, str(bad))


def _key_refused(request: Request, message: str) -> Response:
    return answer(request, other_exception(17, "IdempotencyKeyException", message), 400)
