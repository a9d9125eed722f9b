"""A DAG of forty mapped tasks, one of which fails the first time."""

from __future__ import annotations

import logging
from typing import cast

from airflow.sdk import dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

ODD_ONE = 7


@dag(schedule=None, catchup=False)
def forty() -> None:
    @task
    def queue() -> list[int]:
        return list(range(40))

    @task(map_index_template="{{ label }}")
    def one(number: int) -> int:
        context = get_current_context()
        cast("dict[str, object]", context)["label"] = f"Q-{number}"
        logging.getLogger("airflow.task").info("looking at Q-%s", number)
        if number == ODD_ONE and context["ti"].try_number == 1:
            raise AirflowFailException("odd one")
        return number

    one.expand(number=queue())


forty()
