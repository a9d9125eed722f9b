"""Airflow's side of each step, thin."""
