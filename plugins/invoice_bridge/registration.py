"""Who tells Airflow of the plugin: an installed wheel by its entry point, or the file in the plugins folder."""

from __future__ import annotations

from functools import cache
from importlib.metadata import distributions


@cache
def is_registered_by_a_wheel() -> bool:
    """Whether an installed wheel of the package registers the plugin; Airflow would complain of a second one.

    Airflow runs the file of the plugins folder again in each task's process, and the search takes longer than a
    statement to the ledger: what is found before tasks are forked is found for them.
    """
    points = (point for found in distributions(name="invoice-bridge") for point in found.entry_points)
    return any(point.group == "airflow.plugins" for point in points)
