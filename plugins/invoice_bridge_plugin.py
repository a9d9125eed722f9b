"""Registers the plugin where the package lies in the plugins folder; the only file there that Airflow's loader runs."""

from __future__ import annotations

from importlib.metadata import distributions


def _registered_by_a_wheel() -> bool:
    """Whether an installed wheel of the package registers the plugin too; Airflow would complain of the second one."""
    points = (point for found in distributions(name="invoice-bridge") for point in found.entry_points)
    return any(point.group == "airflow.plugins" for point in points)


if not _registered_by_a_wheel():
    from invoice_bridge.plugin import InvoiceBridgePlugin  # noqa: F401 - the loader looks for it here
