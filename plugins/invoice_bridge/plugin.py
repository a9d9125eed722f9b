"""The package among Airflow's plugins: it serves desk and reports, and imports once what every document's task needs.

Airflow loads plugins in the processes from which it forks tasks and the parsing of DAGs. What is imported here is
imported once per process and not once per document (`make bench` shows the difference). As with every plugin, new code
needs these processes to be restarted; routes and mappings do not.

A wheel registers this plugin by its entry point, the folder layout by `plugins/invoice_bridge_plugin.py`. Connection
types and commands are not a plugin's business: Airflow takes them from `provider_info`.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages

from airflow.plugins_manager import AirflowPlugin

import invoice_bridge.dag_pages
import invoice_bridge.parsing  # noqa: F401 - both are imported for the processes that are forked from this one
from invoice_bridge import operators
from invoice_bridge.operators.document import DocumentOperator
from invoice_bridge.operators.links import names_of_buttons, names_of_links
from invoice_bridge.page_addresses import DESK_PREFIX, REPORTS_PREFIX
from invoice_bridge.pages.desk.places import PLACES
from invoice_bridge.pages.lazy_app import LazyApp
from invoice_bridge.pages.task_buttons import TaskButton
from invoice_bridge.preparation import prepare
from invoice_bridge.systems.registry import import_systems

for _module in walk_packages(operators.__path__, f"{operators.__name__}."):
    import_module(_module.name)
import_systems()
prepare()


class InvoiceBridgePlugin(AirflowPlugin):
    """Serves the reports and the desk, shows the desk in Airflow's pages, and gives documents' tasks their buttons."""

    name = "invoice_bridge"
    fastapi_apps = [  # noqa: RUF012 - Airflow's own form of a plugin
        {
            "name": "Invoice Bridge reports",
            "url_prefix": REPORTS_PREFIX,
            "app": LazyApp("invoice_bridge.pages.reports:reports_app"),
        },
        {
            "name": "Invoice Bridge desk",
            "url_prefix": DESK_PREFIX,
            "app": LazyApp("invoice_bridge.pages.desk.app:desk_app"),
        },
    ]
    react_apps = PLACES
    external_views = [{"name": "Reports", "href": f"{REPORTS_PREFIX.lstrip('/')}/", "url_route": "invoice-reports"}]  # noqa: RUF012
    operator_extra_links = [  # noqa: RUF012
        TaskButton(name, DocumentOperator.__subclasses__(), names_of_links) for name in names_of_buttons()
    ]
