"""Serves the reconciliations to those who may read the logs of their DAG.

A request chooses among the files that the close has written, by a route's name and by dates; anything else is not
there. The pages hold no script, and the browser is told to run none.
"""

from __future__ import annotations

from html import escape

from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse, Response

from invoice_bridge.pages.access import may_read_logs_of_dag
from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.reports.reports_folder import RouteReports

DAG_PREFIX = "daily_close__"
CUSTOMERS_DAG_PREFIX = "customer_sync__"
CUSTOMER_REPORTS = ("customers", "customers_dry_run")
MEDIA_TYPES = {"html": "text/html; charset=utf-8", "csv": "text/csv; charset=utf-8"}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}


def reports_app() -> FastAPI:
    """The application below `REPORTS_PREFIX`."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    access = [may_read_logs_of_dag()]
    app.get("/{dag_id}/", dependencies=access)(_list)
    app.get("/{dag_id}/{file_name}", dependencies=access)(_report)
    return app


def _list(dag_id: str) -> HTMLResponse:
    reports = _reports_of(dag_id)
    names = [name for name in CUSTOMER_REPORTS if reports.path(f"{name}.html").is_file()]
    names += [] if dag_id.startswith(CUSTOMERS_DAG_PREFIX) else reports.names()
    entries = "".join(f'<li><a href="{escape(name)}.html">{escape(name)}</a></li>' for name in names)
    return HTMLResponse(
        '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(dag_id)}</title><body style='font:15px system-ui;margin:2rem;line-height:1.7'>"
        f"<h1 style='font-size:1.3rem'>{escape(dag_id)}</h1><ul>{entries}</ul>"
        f"{'' if names else '<p>No day was closed yet.</p>'}",
        headers=HEADERS,
    )


def _report(dag_id: str, file_name: str) -> Response:
    try:
        content = _reports_of(dag_id).read(file_name)
    except ValueError:
        content = None
    except ConfigurationError as error:
        raise HTTPException(500, "The reports folder cannot be read") from error
    if content is None:
        raise HTTPException(404, "There is no such report")
    suffix = file_name.rpartition(".")[2]
    headers = dict(HEADERS)
    if suffix == "csv":
        headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return Response(content, media_type=MEDIA_TYPES[suffix], headers=headers)


def _reports_of(dag_id: str) -> RouteReports:
    prefix = next((one for one in (DAG_PREFIX, CUSTOMERS_DAG_PREFIX) if dag_id.startswith(one)), None)
    try:
        return RouteReports("" if prefix is None else dag_id.removeprefix(prefix))
    except ValueError as error:
        raise HTTPException(404, "There is no such DAG") from error
