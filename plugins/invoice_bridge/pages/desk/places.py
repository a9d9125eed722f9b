"""Where Airflow's pages show the desk.

Airflow loads a module once per name and keeps the component under the name: the page and its tabs are one component,
which tells by what it is given where it stands. Addresses begin without a slash, since Airflow may be served below one.
"""

from __future__ import annotations

from typing import Any

from invoice_bridge.page_addresses import DESK_PREFIX, TAB_OF_RUN

STATIC = f"{DESK_PREFIX.lstrip('/')}/static"
NAME = "Invoices"
STRIP_NAME = "Invoices strip"
TABS = {"dag": "invoices-of-dag", "dag_run": TAB_OF_RUN, "task_instance": "invoices-of-task"}
"""The pages of Airflow that have a tab, and the tab's address, which has to be another one for each."""


def _place(destination: str, url_route: str) -> dict[str, Any]:
    return {
        "name": NAME,
        "bundle_url": f"{STATIC}/invoices.js",
        "icon": f"{STATIC}/icon.svg",
        "url_route": url_route,
        "destination": destination,
    }


PLACES: list[dict[str, Any]] = [
    _place("nav", "invoices") | {"nav_top_level": True},
    *(_place(destination, url_route) for destination, url_route in TABS.items()),
    {"name": STRIP_NAME, "bundle_url": f"{STATIC}/strip.js", "destination": "dashboard"},
]
"""The entries of the plugin's `react_apps`."""
