"""Serves the reports to those who may read the logs of their DAG.

A request chooses among the files that the close has written, by a route's name and by dates; anything else is not
there. The one script that the browser may run is our own, which lets a page follow the theme of Airflow's page.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query
from fastapi.responses import HTMLResponse, Response

from invoice_bridge.page_addresses import desk_link
from invoice_bridge.pages.access import CurrentUser, dags_read, may_read_logs_of_dag
from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.reports.reports_folder import RouteReports, routes_with_reports
from invoice_bridge_core.reports.reports_list import customers_page, days_page, routes_page

DAG_PREFIX = "daily_close__"
CUSTOMERS_DAG_PREFIX = "customer_sync__"
MEDIA_TYPES = {"html": "text/html; charset=utf-8", "csv": "text/csv; charset=utf-8"}
SCRIPT = "page.js"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}
_SCRIPT_FILE = Path(__file__).with_name("report_page.js")


def reports_app() -> FastAPI:
    """The application below `REPORTS_PREFIX`."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    access = [may_read_logs_of_dag()]
    app.get("/")(_routes)
    app.get(f"/{SCRIPT}")(_script)
    app.get("/{dag_id}/", dependencies=access)(_list)
    app.get("/{dag_id}/{file_name}", dependencies=access)(_report)
    return app


def _routes(user: CurrentUser) -> HTMLResponse:
    names = {}
    for route in routes_with_reports():
        reports = RouteReports(route)
        if reports.names():
            names[f"{DAG_PREFIX}{route}"] = f"Daily close, {route}"
        if reports.has_customers():
            names[f"{CUSTOMERS_DAG_PREFIX}{route}"] = f"Customers, {route}"
    readable = dags_read(user, list(names))
    lists = [(name, f"{dag_id}/") for dag_id, name in names.items() if dag_id in readable]
    days = {address: _reports_of(address[:-1]) for _, address in lists if address.startswith(DAG_PREFIX)}
    return _page(routes_page(lists, f"../../{desk_link()}", days), SCRIPT)


def _script() -> Response:
    return Response(_SCRIPT_FILE.read_bytes(), media_type="text/javascript; charset=utf-8", headers=HEADERS)


def _list(dag_id: str, page: Annotated[int, Query(ge=1, le=10_000)] = 1) -> HTMLResponse:
    reports = _reports_of(dag_id)
    if dag_id.startswith(CUSTOMERS_DAG_PREFIX):
        content = customers_page(reports, f"Customers, {reports.route}")
    else:
        desk = f"../../../{desk_link(route=reports.route)}"
        content = days_page(reports, f"Daily close, {reports.route}", page=page, desk=desk)
    return _page(content, f"../{SCRIPT}")


def _page(content: str, script: str) -> HTMLResponse:
    return HTMLResponse(_with_script(content, script), headers=HEADERS)


def _with_script(content: str, script: str) -> str:
    """The page with our script; a report lies on a disk without it."""
    return content.replace("</head>", f'<script src="{script}" defer></script>\n</head>', 1)


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
    else:
        content = _with_script(content.decode(), f"../{SCRIPT}").encode()
    return Response(content, media_type=MEDIA_TYPES[suffix], headers=headers)


def _reports_of(dag_id: str) -> RouteReports:
    prefix = next((one for one in (DAG_PREFIX, CUSTOMERS_DAG_PREFIX) if dag_id.startswith(one)), None)
    try:
        return RouteReports("" if prefix is None else dag_id.removeprefix(prefix))
    except ValueError as error:
        raise HTTPException(404, "There is no such DAG") from error
