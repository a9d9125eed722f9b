"""A few tasks that do nothing, each of which counts what its process asks of others."""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.sdk import DAG, BaseOperator, Context, get_parsing_context

from benchmarks.tally import start_counting

if get_parsing_context().task_id == "nothing":
    start_counting("nothing")


class CountedNothingOperator(BaseOperator):
    """Does nothing with its entry."""

    def __init__(self, *, document: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.document = document

    def execute(self, context: Context) -> None:
        """Nothing."""


with DAG(dag_id="measured_nothing", schedule=None, start_date=dt.datetime(2024, 1, 1, tzinfo=dt.UTC)):
    CountedNothingOperator.partial(task_id="nothing", max_active_tis_per_dag=1).expand(document=list(range(5)))
