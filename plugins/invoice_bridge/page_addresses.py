"""Where Airflow's API server serves the package's pages; tasks link there, and need nothing of the pages for it."""

from __future__ import annotations

REPORTS_PREFIX = "/invoice-bridge/reports"
"""The reconciliations; followed by the DAG's id."""
