"""The dates that a run is given by hand, and who may give them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.errors import ConfigurationError

if TYPE_CHECKING:
    from airflow.sdk import Context


def is_by_hand(context: Context) -> bool:
    """Whether a person started the run."""
    # Equal to its word, and not the same text: the task SDK's types of runs are printed as `DagRunType.MANUAL`.
    return bool(context["dag_run"].run_type == "manual")


def is_backfill(context: Context) -> bool:
    """Whether the run is one of a backfill."""
    return bool(context["dag_run"].run_type == "backfill")


def dates_by_hand(context: Context) -> tuple[str | None, str | None]:
    """`since` and `until` as a person gave them for this one run.

    :raises ConfigurationError: they were given to a backfill, all of whose runs would be about the same dates.
    """
    params = context["params"]
    since, until = params.get("since") or None, params.get("until") or None
    given = " and ".join(name for name, date in (("Since", since), ("Until", until)) if date)
    if given and is_backfill(context):
        raise ConfigurationError(
            f"{given} cannot be used in a backfill: each of its runs is about the dates of its own day, and with "
            f"{given} all of them would be about the same dates. Nothing was done. Start the backfill again with "
            f"{given} left empty and choose the days by its date range, or start one run by hand with {given}"
        )
    return since, until
