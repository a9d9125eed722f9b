"""Registers the plugin where the package lies in the plugins folder; the only file there that Airflow's loader runs."""

from __future__ import annotations

from invoice_bridge.registration import is_registered_by_a_wheel

if not is_registered_by_a_wheel():
    from invoice_bridge.plugin import InvoiceBridgePlugin  # noqa: F401 - the loader looks for it here
