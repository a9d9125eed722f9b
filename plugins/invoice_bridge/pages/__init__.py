"""Pages that Airflow's API server shows for the package."""
