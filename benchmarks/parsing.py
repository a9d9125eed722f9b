"""How long each DAG file takes to parse with 4 and with 100 routes, beside a file that needs nothing but Airflow."""

from __future__ import annotations

import statistics
import subprocess
import sys
from typing import TYPE_CHECKING

import yaml

from local.settings import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

RUNS = 5
PARSE = """
import os, sys, time
import airflow.sdk
from airflow.dag_processing.dagbag import DagBag
started = time.perf_counter()
bag = DagBag({path!r}, bundle_name="bench")
assert not bag.import_errors, bag.import_errors
print(time.perf_counter() - started, len(bag.dags))
"""
BARE = """
import datetime as dt
from airflow.sdk import DAG, BaseOperator, CronDataIntervalTimetable, Param

class Entries(BaseOperator):
    def execute(self, context): return []

class Nothing(BaseOperator):
    def __init__(self, *, document=None, **kwargs):
        super().__init__(**kwargs)
        self.document = document

for number in range({count}):
    with DAG(
        dag_id=f"bare_{{number}}",
        schedule=CronDataIntervalTimetable("0 6 * * *", timezone="Europe/Oslo"),
        start_date=dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
        params={{name: Param(None, type=["null", "string"]) for name in ("documents", "since", "until", "dry_run")}},
    ) as dag:
        entries, more = Entries(task_id="entries"), Entries(task_id="more")
        first = Nothing.partial(task_id="first").expand(document=entries.output)
        second = Nothing.partial(task_id="second").expand(document=more.output)
        first >> second >> Nothing(task_id="summary")
    globals()[dag.dag_id] = dag
"""
"""As many DAGs of the transfer's form: what Airflow itself takes for them."""


def write_routes(folder: Path, count: int) -> Path:
    """A folder of `count` routes that share nothing."""
    folder.mkdir(parents=True)
    for number in range(count):
        route = {
            "route": f"route_{number}",
            "source": {"system": "qondor", "conn_id": "qondor_default", "offices": [str(number)]},
            "finance": {
                "system": "xero",
                "account_codes": {f"VAT{article}": "200" for article in range(10)},
                "card_payment_account": "090",
            },
        }
        (folder / f"route_{number}.yaml").write_text(yaml.safe_dump(route))
    return folder


def parse_seconds(dag_file: Path, routes: Path, env: dict[str, str]) -> tuple[float, int]:
    """Median seconds over fresh processes that have Airflow imported already, and how many DAGs came of it."""
    seconds = []
    dags = 0
    for _ in range(RUNS):
        done = subprocess.run(
            [sys.executable, "-c", PARSE.format(path=str(dag_file))],
            env={**env, "INVOICE_BRIDGE_ROUTES_DIR": str(routes)},
            capture_output=True,
            text=True,
            check=True,
        )
        took, found = done.stdout.split()[-2:]
        seconds.append(float(took))
        dags = int(found)
    return statistics.median(seconds), dags


def report(work: Path, env: dict[str, str]) -> None:
    """Print the table."""
    print(f"\nParse time per DAG file (median of {RUNS} fresh processes that have Airflow imported)")
    folders = {count: write_routes(work / f"routes_{count}", count) for count in (4, 100)}
    figures = []
    for count, folder in folders.items():
        bare = work / f"bare_{count}.py"
        bare.write_text(BARE.format(count=count))
        figures.append((count, *parse_seconds(bare, folder, env)))
    _row("bare Airflow", figures)
    for dag_file in sorted((PROJECT / "dags").glob("*.py")):
        _row(dag_file.name, [(count, *parse_seconds(dag_file, folder, env)) for count, folder in folders.items()])


def _row(name: str, figures: Iterable[tuple[int, float, int]]) -> None:
    cells = (f"{count:>3} routes: {seconds * 1000:6.0f} ms, {dags} DAGs" for count, seconds, dags in figures)
    print(f"  {name:<22} {'   '.join(cells)}", flush=True)
