"""Airflow's side of Invoice Bridge: hooks, systems and operators."""
