"""Shows the package among Airflow's plugins. The only file that the plugin loader runs, so nothing heavy is imported.

The connection types are registered by `invoice_bridge-<version>.dist-info`, since Airflow takes none from plugins.
"""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin


class InvoiceBridgePlugin(AirflowPlugin):
    """Names the package; its parts are imported by the DAGs."""

    name = "invoice_bridge"
