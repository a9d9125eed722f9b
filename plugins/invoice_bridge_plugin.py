"""Shows the package among Airflow's plugins; the only file that the plugin loader runs.

Airflow loads plugins in the processes that it forks its tasks and its DAG parsing from. What every document's task
needs is imported here, so that it is imported once per process and not once per document (`make bench` shows what
that is worth). As with any plugin, new code needs these processes to be restarted; routes and mappings do not.

The connection types are registered by `invoice_bridge-<version>.dist-info`, since Airflow takes none from plugins.
"""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

import invoice_bridge.dag_settings
import invoice_bridge.operators.daily_close.summary
import invoice_bridge.operators.payments.poll
import invoice_bridge.operators.payments.report_paid
import invoice_bridge.operators.payments.summary
import invoice_bridge.operators.transfer.document
import invoice_bridge.operators.transfer.queue
import invoice_bridge.operators.transfer.summary
import invoice_bridge.parsing  # noqa: F401 - these are imported for the processes that are forked from this one
from invoice_bridge.page_addresses import REPORTS_PREFIX
from invoice_bridge.pages.lazy_app import LazyApp
from invoice_bridge.systems.registry import import_systems

import_systems()


class InvoiceBridgePlugin(AirflowPlugin):
    """Names the package, whose parts are imported by the DAGs, and serves its reports."""

    name = "invoice_bridge"
    fastapi_apps = [  # noqa: RUF012 - Airflow's own form of a plugin
        {
            "name": "Invoice Bridge reports",
            "url_prefix": REPORTS_PREFIX,
            "app": LazyApp("invoice_bridge.pages.reports:reports_app"),
        }
    ]
