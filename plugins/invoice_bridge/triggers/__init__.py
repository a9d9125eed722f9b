"""What Airflow's triggerer runs for us."""
