"""Runs the whole project on one machine: PostgreSQL, the sandbox and a real Airflow, without a container engine.

`python -m local run` and `python -m local up` are its commands; `local.airflow.LocalAirflow` is its door for tests
and benchmarks.
"""
