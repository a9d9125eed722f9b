"""How long each DAG file takes to parse with 4 and with 100 routes."""

from __future__ import annotations

import statistics
import subprocess
import sys
from typing import TYPE_CHECKING

import yaml

from local.settings import PROJECT

if TYPE_CHECKING:
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
    for dag_file in sorted((PROJECT / "dags").glob("*.py")):
        figures = []
        for count, folder in folders.items():
            seconds, dags = parse_seconds(dag_file, folder, env)
            figures.append(f"{count:>3} routes: {seconds * 1000:6.0f} ms, {dags} DAGs")
        print(f"  {dag_file.name:<22} {'   '.join(figures)}")
