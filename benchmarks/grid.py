"""Airflow's own pages over a run of many mapped tasks: how long their requests take, and what its processes hold.

`python -m benchmarks grid`; the runs have `BENCH_GRID_TASKS=1000,5000` mapped tasks that do nothing. A run goes on for
`BENCH_GRID_SECONDS` at most, and is then marked as a success: what is shown depends on how many tasks there are.
With `BENCH_GRID_PICTURES=<folder>`, Chromium opens the grid as well, and takes a picture of it.
"""

from __future__ import annotations

import os
import shutil
import statistics
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import psutil
import requests

from benchmarks.processor_time import SCHEDULER, between, load, spent
from benchmarks.transfer import folders
from local.airflow import LocalAirflow
from local.rest_api import FINAL_RUN_STATES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DAG, TASK = "empty_tasks", "nothing"
TASKS = os.environ.get("BENCH_GRID_TASKS", "1000,5000")
SECONDS = float(os.environ.get("BENCH_GRID_SECONDS", "120"))
PICTURES = os.environ.get("BENCH_GRID_PICTURES")
CREATED_WITHIN = 600.0
PARALLEL = 8
TIMES = 5
PAGE = 50
"""Rows of a page in Airflow's list of a mapped task."""
SHOWN = ("api-server", "scheduler", "triggerer", "dag-processor")

Answer = tuple[float, float]
"""Seconds, and kilobytes."""


class Pages:
    """What Airflow's UI asks for when somebody looks at a run.

    :param base_url: Airflow's.
    :param run_id: of the run.
    """

    def __init__(self, base_url: str, run_id: str) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        token = self._session.get(f"{base_url}/auth/token", timeout=60).json()["access_token"]
        self._session.headers["Authorization"] = f"Bearer {token}"
        run = f"{base_url}/api/v2/dags/{DAG}/dagRuns/{quote(run_id, safe='')}"
        mapped = f"{run}/taskInstances/{TASK}/listMapped"
        self._asked: dict[str, tuple[str, dict[str, Any]]] = {
            "grid: structure": (f"{base_url}/ui/grid/structure/{DAG}", {"limit": 10}),
            "grid: runs": (f"{base_url}/ui/grid/runs/{DAG}", {"limit": 10}),
            "grid: states of the run's tasks": (f"{base_url}/ui/grid/ti_summaries/{DAG}", {"run_ids": run_id}),
            "run: first page of its tasks": (f"{run}/taskInstances", {"limit": PAGE}),
            "task: first page": (mapped, {"limit": PAGE, "offset": 0}),
            "task: last page": (mapped, {"limit": PAGE, "offset": None}),
            "task: those that failed": (mapped, {"limit": PAGE, "state": "failed"}),
        }

    def times(self, tasks: int) -> dict[str, Answer]:
        """The median of some requests of each kind."""
        return {name: self._median(name, tasks) for name in self._asked}

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _median(self, name: str, tasks: int) -> Answer:
        url, asked = self._asked[name]
        params = {key: tasks - PAGE if value is None else value for key, value in asked.items()}
        took, size = [], 0.0
        for _ in range(TIMES):
            began = time.monotonic()
            answer = self._session.get(url, params=params, timeout=120)
            took.append(time.monotonic() - began)
            answer.raise_for_status()
            size = len(answer.content) / 1024
        return statistics.median(took), size


def report(work: Path) -> None:
    """Let a run of each size begin, look at it, and print what was seen."""
    dags, routes = folders(work)
    with LocalAirflow(
        work / "home",
        dags_folder=dags,
        routes_dir=routes,
        sandbox=False,
        extra_env={"BENCH_PARALLEL": str(PARALLEL)},
        parallelism=PARALLEL,
    ) as airflow:
        airflow.wait_for_dags(DAG)
        airflow.unpause(DAG)
        print(f"Airflow's pages over mapped tasks ({os.cpu_count()} cores, load {load()} before)")
        print_memory("before", airflow)
        for tasks in sorted(int(each) for each in TASKS.split(",")):
            look_at(airflow, tasks)


def look_at(airflow: LocalAirflow, tasks: int) -> None:
    """One run."""
    began = time.monotonic()
    run_id = airflow.trigger(DAG, {"count": tasks})
    pages = Pages(airflow.base_url, run_id)
    counted = counter(airflow, run_id)
    while counted() < tasks:
        time.sleep(0.5)
        if time.monotonic() - began > CREATED_WITHIN:
            raise SystemExit(f"The {tasks} tasks were not there after {CREATED_WITHIN:.0f} s")
    print(f"\n{tasks:,} mapped tasks: all are there after {time.monotonic() - began:.1f} s (load {load()})")
    time.sleep(5)
    during = pages.times(tasks)
    print_memory("while it runs", airflow)
    done = go_on(airflow, run_id, counted)
    if done < tasks:
        marking = time.monotonic()
        airflow.api.call("PATCH", f"dags/{DAG}/dagRuns/{quote(run_id, safe='')}", json={"state": "success"})
        print(f"  marking the rest as a success took {time.monotonic() - marking:.1f} s")
    time.sleep(20)
    after = pages.times(tasks)
    print_memory("after", airflow)
    print_times(during, after)
    pages.close()
    if PICTURES:
        print_page(airflow, run_id, Path(PICTURES) / f"grid_{tasks}.png")


def go_on(airflow: LocalAirflow, run_id: str, counted: Callable[..., int]) -> int:
    """Let the run go on while nobody looks, and say how fast it is; how many tasks are done then."""
    before, used, began = counted("success"), spent(airflow.processes), time.monotonic()
    while airflow.api.run_state(DAG, run_id) not in FINAL_RUN_STATES and time.monotonic() - began < SECONDS:
        time.sleep(1)
    done, took = counted("success"), time.monotonic() - began
    cpu = between(used, spent(airflow.processes))
    each = max(done - before, 1)
    said = ", ".join(f"{name} {cpu[name] * 1000 / each:.0f} ms" for name in (SCHEDULER, "postgres", "api-server"))
    print(f"  {done - before} tasks in {took:.0f} s, {(done - before) / took:.1f} a second (load {load()})")
    print(f"  processor time for each of them: {said}")
    print_memory("then", airflow)
    return done


def counter(airflow: LocalAirflow, run_id: str) -> Callable[..., int]:
    """Counts the mapped task's instances, those of a state or all."""
    path = f"dags/{DAG}/dagRuns/{quote(run_id, safe='')}/taskInstances/{TASK}/listMapped"

    def count(state: str | None = None) -> int:
        params = {"limit": 1} | ({"state": state} if state else {})
        return int(airflow.api.call("GET", path, params=params)["total_entries"])

    return count


def print_times(during: Mapping[str, Answer], after: Mapping[str, Answer]) -> None:
    """What the requests took."""
    print(f"  {'a request of the UI takes':<34}{'it runs':>10}{'after':>10}{'answer':>11}")
    for name, (seconds, size) in after.items():
        print(f"  {name:<34}{during[name][0] * 1000:7.0f} ms{seconds * 1000:7.0f} ms{size:8.0f} kB")


def print_memory(when: str, airflow: LocalAirflow) -> None:
    """What Airflow's processes hold; pages that several share are counted once, in parts."""
    held = {name: sum(_held(each) for each in _tree(airflow.processes[name].pid)) for name in SHOWN}
    scheduler = airflow.processes["scheduler"].pid
    alone = _held(psutil.Process(scheduler))
    said = ", ".join(f"{name} {megabytes:.0f} MB" for name, megabytes in held.items())
    print(f"  memory {when}: {said} (the scheduler without its workers {alone:.0f} MB)", flush=True)


def _tree(pid: int) -> list[psutil.Process]:
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def _held(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        return float(process.memory_full_info().pss) / 1024**2
    return 0.0


def print_page(airflow: LocalAirflow, run_id: str, picture: Path) -> None:
    """How long a browser takes to show the run in the grid, and a picture of it."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        print("  there is no browser: install Debian's package chromium")
        return
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        for name, path in (("the grid", ""), ("the mapped task", f"/tasks/{TASK}/mapped")):
            began = time.monotonic()
            page.goto(f"{airflow.base_url}/dags/{DAG}/runs/{quote(run_id, safe='')}{path}")
            page.get_by_text(TASK).first.wait_for(timeout=60_000)
            page.wait_for_load_state("networkidle", timeout=60_000)
            print(f"  a browser shows {name} after {time.monotonic() - began:.1f} s")
            picture.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=picture.with_stem(f"{picture.stem}_{name.split()[-1]}"))
        browser.close()
