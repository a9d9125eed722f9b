"""Airflow's own page in a browser without an Airflow: its files from the disk, and answers that the test plays.

What the desk answers is played here as well, so that a dialog can be refused, a list be long and a text be nasty.
"""

from __future__ import annotations

import json
import mimetypes
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import airflow

import invoice_bridge
from invoice_bridge.pages.desk.places import PLACES

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext, Route

HOST = "http://airflow.example/below/"
"""Airflow is served below a path here, as it may be."""
UI = Path(airflow.__path__[0]) / "ui" / "dist"
STATIC = Path(invoice_bridge.__file__).parent / "pages" / "desk" / "static"
DESK = "invoice-bridge/desk/"
AIRFLOW: dict[str, Any] = {
    "ui/config": {
        "fallback_page_limit": 50,
        "auto_refresh_interval": 30,
        "hide_paused_dags_by_default": False,
        "instance_name": "Airflow",
        "enable_swagger_ui": False,
        "require_confirmation_dag_change": False,
        "default_wrap": False,
        "test_connection": "Disabled",
        "dashboard_alert": [],
        "show_external_log_redirect": False,
        "external_log_name": None,
        "theme": None,
        "multi_team": False,
    },
    "ui/auth/menus": {"authorized_menu_items": ["Dags", "Plugins"], "extra_menu_items": []},
    "ui/auth/me": {"id": "anna", "username": "anna.berg"},
    "api/v2/version": {"version": "3.3.2", "git_version": None},
    "api/v2/plugins": {
        "plugins": [
            {
                "name": "invoice_bridge",
                "react_apps": [
                    {"icon": None, "icon_dark_mode": None, "url_route": None, "category": None} | place
                    for place in PLACES
                ],
            }
            | {
                name: []
                for name in (
                    "macros",
                    "flask_blueprints",
                    "fastapi_apps",
                    "fastapi_root_middlewares",
                    "external_views",
                    "appbuilder_views",
                    "appbuilder_menu_items",
                    "listeners",
                    "timetables",
                )
            }
        ],
        "total_entries": 1,
    },
}


@dataclass
class PlayedAirflow:
    """What is answered below `HOST`, and what was asked for.

    :param desk: the desk's answers by path below `api/`; a function gets the query and the body that was sent.
    :param posted: path and body of each act.
    """

    desk: dict[str, Any | Callable[..., Any]] = field(default_factory=dict)
    posted: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def serve(self, context: BrowserContext) -> None:
        """Answer for everything that this browser asks for."""
        context.route(f"{HOST}**", self._answer)

    def _answer(self, route: Route) -> None:
        path, _, query = route.request.url.removeprefix(HOST).partition("?")
        if path.startswith(f"{DESK}api/"):
            self._desk(route, path.removeprefix(f"{DESK}api/"), parse_qs(query))
        elif path.startswith(f"{DESK}static/"):
            _file(route, STATIC / path.removeprefix(f"{DESK}static/"))
        elif path.startswith("static/"):
            _file(route, UI / path.removeprefix("static/"))
        elif path.startswith(("ui/", "api/")):
            _json(route, AIRFLOW.get(path, {}))
        else:
            page = (UI / "index.html").read_text("utf-8").replace("{{ backend_server_base_url }}", HOST)
            route.fulfill(body=page, content_type="text/html")

    def _desk(self, route: Route, path: str, query: dict[str, list[str]]) -> None:
        self.asked.append(route.request.url)
        if route.request.method == "POST":
            self.posted.append((path, json.loads(route.request.post_data or "{}")))
        answer = self.desk.get(path, {"error": "This is not there, or you may not see it."})
        if callable(answer):
            answer = answer(query)
        _json(route, answer, 404 if isinstance(answer, dict) and "error" in answer else 200)


def _file(route: Route, path: Path) -> None:
    if not path.is_file():
        route.fulfill(status=404)
        return
    kinds = {".js": "text/javascript", ".css": "text/css"}
    kind = kinds.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    route.fulfill(path=path, content_type=kind)


def _json(route: Route, answer: Any, status: int = 200) -> None:
    route.fulfill(status=status, body=json.dumps(answer), content_type="application/json")
