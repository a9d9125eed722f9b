"""The application below `DESK_PREFIX`: what the page "Invoices" asks, and the files that it is made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as RefusedRequest
from starlette.staticfiles import StaticFiles

from invoice_bridge.pages.desk import acting, mapping, preflight, reading
from invoice_bridge.pages.desk.dependencies import Shared
from invoice_bridge.pages.desk.guard import DeskGuard
from invoice_bridge_core.desk.queries import QueryError
from invoice_bridge_core.errors import BridgeError, ConfigurationError, LedgerError

if TYPE_CHECKING:
    from fastapi import Request

STATIC = Path(__file__).parent / "static"
_SENTENCES = {
    401: "Log in to Airflow first.",
    403: "You may not do this.",
    404: "There is no such document or page, or you may not see it.",
    405: "This cannot be done here.",
}


def desk_app() -> FastAPI:
    """The application; every answer that is not what was asked for is `{"error": "one sentence"}`."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.state.shared = Shared()
    app.include_router(reading.router)
    app.include_router(preflight.router)
    app.include_router(mapping.router)
    app.include_router(acting.router)
    app.mount("/static", StaticFiles(directory=STATIC, check_dir=False), name="static")
    app.add_exception_handler(RefusedRequest, _refused)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(QueryError, _no_filter)
    app.add_exception_handler(BridgeError, _trouble)
    app.add_middleware(DeskGuard)
    return app


def _refused(_: Request, error: Exception) -> JSONResponse:
    status = getattr(error, "status_code", 500)
    detail = str(getattr(error, "detail", ""))
    # Starlette's own details are bare names such as "Not Found"; those about a login tell what no visitor needs.
    says_more = detail.endswith(".") and status not in (401, 404)
    return _sentence(status, detail if says_more else _SENTENCES.get(status, "This cannot be done."))


def _unreadable(_: Request, error: Exception) -> JSONResponse:
    problems = error.errors() if isinstance(error, RequestValidationError) else []
    names = sorted({str(problem["loc"][-1]) for problem in problems if problem.get("loc")})
    return _sentence(422, f"What was sent cannot be read: look at {', '.join(names) or 'its body'}.")


def _no_filter(_: Request, error: Exception) -> JSONResponse:
    return _sentence(400, str(error))


def _trouble(_: Request, error: Exception) -> JSONResponse:
    is_ours = isinstance(error, LedgerError | ConfigurationError)
    return _sentence(503 if is_ours else 502, str(error))


def _sentence(status: int, text: str) -> JSONResponse:
    return JSONResponse({"error": text}, status)
