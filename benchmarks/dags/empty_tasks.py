"""What a document's task is measured against: the same number of mapped tasks that do nothing.

As cheap as Airflow allows: nothing is imported but what a DAG needs, no field is rendered, no name, no decorator. The
settings of run and task are those that a document's have.
"""

from __future__ import annotations

import datetime as dt
import os
from typing import Any

from airflow.sdk import DAG, BaseOperator, Context


class EntriesOperator(BaseOperator):
    """Returns as many entries as are asked for, of the size that the queue's have."""

    def execute(self, context: Context) -> list[dict[str, str]]:
        """The entries."""
        return [
            {"source_id": str(10000 + number), "label": f"Q-{number} · Acme Events AS · 10 000.00 NOK"}
            for number in range((context["dag_run"].conf or {})["count"])
        ]


class NothingOperator(BaseOperator):
    """Does nothing with its entry."""

    def __init__(self, *, document: dict[str, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.document = document

    def execute(self, context: Context) -> None:
        """Nothing."""


with DAG(
    dag_id="empty_tasks",
    schedule=None,
    start_date=dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
    max_active_runs=1,
    max_active_tasks=16,
    default_args={
        "retries": 5,
        "retry_exponential_backoff": 2.0,
        "execution_timeout": dt.timedelta(minutes=30),
    },
):
    NothingOperator.partial(
        task_id="nothing", max_active_tis_per_dag=int(os.environ.get("BENCH_PARALLEL", "8"))
    ).expand(document=EntriesOperator(task_id="entries").output)
