"""The least that a task can do which keeps a ledger and tells a source: what no document's task can stay below.

One connection to the ledger's PostgreSQL, three statements, one call; by the drivers themselves, without any of our
code. What it costs beyond an empty task is the price of noting and telling, and not ours to save.
"""

from __future__ import annotations

import datetime as dt
import os
from typing import Any

import requests
from airflow.sdk import DAG, BaseHook, BaseOperator, Context

from benchmarks.ledger_traffic import by_the_driver_alone


def ledger() -> Any:
    """A connection to the ledger's database."""
    return by_the_driver_alone(BaseHook.get_connection("invoice_bridge_ledger").get_uri())


class PreparedEntriesOperator(BaseOperator):
    """Makes a row for each entry, and returns the entries, which are as large as the queue's."""

    def execute(self, context: Context) -> list[dict[str, str]]:
        """The entries."""
        count = (context["dag_run"].conf or {})["count"]
        with ledger() as connection, connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS public.bench_least")
            cursor.execute("CREATE TABLE public.bench_least (id int PRIMARY KEY, state text)")
            cursor.execute("INSERT INTO public.bench_least SELECT n, 'seen' FROM generate_series(0, %s) AS n", (count,))
        return [
            {"source_id": str(number), "label": f"Q-{number} · Acme Events AS · 10 000.00 NOK"}
            for number in range(count)
        ]


class LeastOperator(BaseOperator):
    """Takes its row, tells somebody, and notes that it did."""

    def __init__(self, *, document: dict[str, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.document = document

    def execute(self, context: Context) -> None:
        """Do it."""
        row = (int(self.document["source_id"]),)
        connection = ledger()
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT state FROM public.bench_least WHERE id = %s", row)
            cursor.execute("UPDATE public.bench_least SET state = 'taken' WHERE id = %s", row)
            requests.get(os.environ["BENCH_CALLED"], timeout=30).raise_for_status()
            cursor.execute("UPDATE public.bench_least SET state = 'told' WHERE id = %s", row)
        connection.close()


with DAG(
    dag_id="least_tasks",
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
    LeastOperator.partial(task_id="least", max_active_tis_per_dag=int(os.environ.get("BENCH_PARALLEL", "8"))).expand(
        document=PreparedEntriesOperator(task_id="entries").output
    )
