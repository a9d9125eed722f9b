"""What a document's task is measured against: the same number of mapped tasks that do nothing."""

from __future__ import annotations

import datetime as dt
import os
import resource
from typing import Any

from airflow.sdk import DAG, BaseOperator, Context, Param, get_current_context, task


class NothingOperator(BaseOperator):
    """Does nothing, named like a document's task."""

    template_fields = ("document",)

    def __init__(self, *, document: dict[str, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.document = document

    @property
    def label(self) -> str:
        """The task's name."""
        return self.document["label"]

    def execute(self, context: Context) -> None:
        """Nothing, but for the peak memory where it is asked for."""
        if context["params"]["measure"]:
            context["ti"].xcom_push("peak_kilobytes", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


with DAG(
    dag_id="empty_tasks",
    schedule=None,
    start_date=dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
    params={"count": Param(200, type="integer"), "measure": Param(False, type="boolean")},
    max_active_tasks=64,
):

    @task(show_return_value_in_logs=False)
    def entries() -> list[dict[str, str]]:
        """As many entries as are asked for, of the size that the queue's have."""
        return [
            {"source_id": str(10000 + number), "label": f"Q-{number} · Acme Events AS · 10 000.00 NOK"}
            for number in range(get_current_context()["params"]["count"])
        ]

    NothingOperator.partial(
        task_id="nothing",
        map_index_template="{{ task.label }}",
        max_active_tis_per_dag=int(os.environ.get("BENCH_PARALLEL", "8")),
    ).expand(document=entries())
