"""Pages that Airflow's API server shows for the package."""

REPORTS_PREFIX = "/invoice-bridge/reports"
"""Where the API server serves the reconciliations; followed by the DAG's id."""
