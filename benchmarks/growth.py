"""What each step costs as the ledger grows: over documents that are finished, and over those held in the queue.

`python -m benchmarks growth` takes small sizes; `BENCH_GROWTH_FINISHED=5000,50000,500000` and
`BENCH_GROWTH_HELD=0,5000,20000` name others. The steps run in a process of their own, so that neither the sandbox nor
the seeding is in their figures.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from local.settings import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.sandbox import Sandbox
    from tests.growth.plans import ServerTime
    from tests.world import World

FINISHED = os.environ.get("BENCH_GROWTH_FINISHED", "5000,20000")
HELD = os.environ.get("BENCH_GROWTH_HELD", "0,2000")
AT_LEAST = 0.3
"""Seconds of processor time that a step is repeated for; the kernel counts in hundredths."""
MOST_TIMES = 20
LONGEST = 1.2
"""The multiple of the smallest ledger's cost that a step may have over the largest one."""

FOLLOWS_ALL = ("desk, all, words",)
"""This looks into all documents, because somebody asked for all of them."""


@dataclass(frozen=True)
class Cost:
    """What one time of a step takes: milliseconds of processor time, and megabytes beyond what was there.

    :param own: of this process.
    :param server: of the ledger's PostgreSQL.
    """

    own: float
    server: float
    megabytes: float

    @property
    def both(self) -> float:
        """Of both."""
        return self.own + self.server


def report(work: Path) -> None:
    """Seed, measure and print; the sizes are those of the environment."""
    from sandbox.sandbox import Sandbox
    from tests.postgres import postgres_server

    del work
    found: dict[tuple[int, int], dict[str, Cost]] = {}
    with postgres_server() as server, Sandbox(documents=0, data="plain") as sandbox:
        for finished in sizes(FINISHED):
            sandbox.reset(documents=0, data="plain")
            url = server.create_ledger()
            seed(url, finished)
            for held in sizes(HELD):
                fill_queue(sandbox, url, held)
                found[finished, held] = measured(sandbox, url)
            server.drop_database(url)
    print(table(found))


def sizes(text: str) -> list[int]:
    """The numbers in a list with commas, smallest first."""
    return sorted({int(each) for each in text.split(",")})


def seed(url: str, finished: int) -> None:
    """Write the finished documents, in the database itself, and let it tidy up: later it would be in the figures."""
    from invoice_bridge_core.ledger import Ledger
    from tests.growth.grown import grow, tidy_up

    ledger = Ledger.connect(url)
    grow(ledger, finished)
    ledger.close()
    tidy_up(url)


def fill_queue(sandbox: Sandbox, url: str, held: int) -> None:
    """Let so many documents wait in the source that the ledger knows as held."""
    from tests.growth import waiting
    from tests.world import World

    there = len(sandbox.qondor.waiting())
    if held <= there:
        return
    os.environ.update(connections(sandbox))
    world = World(sandbox, url)
    waiting.offer(world, held - there, first=waiting.FIRST + there, credit_notes=10)
    waiting.hold(world)
    world.close()


def connections(sandbox: Sandbox) -> dict[str, str]:
    """Airflow's connections to the sandbox, as variables."""
    return {f"AIRFLOW_CONN_{name.upper()}": json.dumps(value) for name, value in sandbox.connections.items()}


def measured(sandbox: Sandbox, url: str) -> dict[str, Cost]:
    """What the steps cost over this ledger, each in a process of its own."""
    path = os.pathsep.join([str(PROJECT / "include"), str(PROJECT / "plugins"), str(PROJECT)])
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.growth", url],
        env={**os.environ, **connections(sandbox), "PYTHONPATH": path},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return {name: Cost(**cost) for name, cost in json.loads(done.stdout.splitlines()[-1]).items()}


def steps(world: World) -> dict[str, Callable[[], object]]:
    """The steps that are measured, by their names."""
    from invoice_bridge_core.documents.states import DocumentState
    from invoice_bridge_core.ledger.desk.filters import DocumentFilter, Page, Scope, View
    from tests.ledger.rows import other_ref
    from tests.preflight.looks import look
    from tests.reconciliation.closing import close

    ledger, route = world.ledger, world.route.route
    desk, notices = ledger.desk, ledger.notices
    scope, now = Scope(frozenset({route})), dt.datetime.now(dt.UTC)
    yesterday = now.date() - dt.timedelta(days=1)
    numbers = iter(range(10_000))

    def claim() -> None:
        for _ in range(20):
            taken = ledger.claim(other_ref(f"claim {next(numbers)}"), route=route, claimant="bench/1")
            if taken is not None:
                taken.release()

    def look_for_news() -> None:
        notices.tidy(route)
        notices.view(route, ["qondor_default", "xero_default"])
        notices.last_moved_at(route)

    def page(**wanted: Any) -> Callable[[], object]:
        return lambda: desk.page(scope, DocumentFilter(**wanted), Page(), now)

    run = "invoice_transfer__qondor_xero/scheduled__2026-11-29T02"
    return {
        "queue step": lambda: world.select(reference_age=dt.timedelta(hours=2)),
        "20 claims": claim,
        "payment poll": lambda: world.poll(dt.datetime.now(dt.UTC)),
        "reconciliation": lambda: close(world, yesterday, now.date()),
        "notices": look_for_news,
        "preflight": lambda: look(world),
        "desk, open": page(),
        "desk, a run": page(run=run, view=View.ALL),
        "list of 100 held": lambda: ledger.outcomes(None, [DocumentState.HELD], limit=100),
        "desk, all": page(view=View.ALL),
        "desk, all, words": page(view=View.ALL, words=("kongress", "g-1004")),
    }


def main(url: str) -> None:
    """Measure the steps over the ledger at this URL and print the figures as JSON."""
    from tests.growth.plans import ServerTime
    from tests.world import World

    world = World(cast("Sandbox", None), url)
    server = ServerTime(world.ledger)
    found = {}
    for name, step in steps(world).items():
        step()
        found[name] = vars(cost_of(step, server))
    world.close()
    print(json.dumps(found))


def cost_of(step: Callable[[], object], server: ServerTime) -> Cost:
    """What one time of a step takes, by as many as give a figure that can be trusted."""
    forget_peak()
    before = memory("VmRSS")
    own, servers = time.process_time(), server.seconds()
    times, used, of_server = 0, 0.0, 0.0
    while times < MOST_TIMES and used + of_server <= AT_LEAST:
        step()
        times += 1
        used, of_server = time.process_time() - own, server.seconds() - servers
    return Cost(used * 1000 / times, of_server * 1000 / times, max(memory("VmHWM") - before, 0) / 1024)


def forget_peak() -> None:
    """Let the kernel begin anew with the highest memory of this process; where it cannot, the peak is too high."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def memory(name: str) -> int:
    """Kilobytes of this process, by the kernel's name; 0 where the kernel does not tell."""
    try:
        found = re.search(rf"{name}:\s+(\d+)", Path("/proc/self/status").read_text())
    except OSError:
        return 0
    return int(found[1]) if found else 0


def table(found: dict[tuple[int, int], dict[str, Cost]]) -> str:
    """The figures for people: a column for each pair of sizes, and the ratio of the largest ledger to the smallest."""
    pairs = list(found)
    names = list(next(iter(found.values())))
    least, most = min(one for one, _ in pairs), max(one for one, _ in pairs)
    heads = [f"{finished:,}+{held:,}" for finished, held in pairs]
    lines = [
        "Milliseconds of processor time (of this process + of PostgreSQL); columns: finished + held in the queue",
        f"{'':<18}{''.join(f'{head:>20}' for head in heads)}{'growth':>9}",
    ]
    for name in names:
        costs = [found[pair][name] for pair in pairs]
        cells = [f"{cost.both:6.0f} ({cost.own:.0f}+{cost.server:.0f})" for cost in costs]
        growth = _growth(found, name, least, most)
        late = " !" if growth > LONGEST and name not in FOLLOWS_ALL else ""
        lines.append(f"{name:<18}{''.join(f'{cell:>20}' for cell in cells)}{growth:8.2f}×{late}")
    peaks = [f"{found[pair]['queue step'].megabytes:.0f} MB" for pair in pairs]
    lines.append(f"{'queue step, peak':<18}{''.join(f'{peak:>20}' for peak in peaks)}")
    return "\n".join(lines)


def _growth(found: dict[tuple[int, int], dict[str, Cost]], name: str, least: int, most: int) -> float:
    """Over the smallest queue: the cost over the largest ledger as a multiple of that over the smallest."""
    held = min(each for _, each in found)
    return found[most, held][name].both / found[least, held][name].both


if __name__ == "__main__":
    main(sys.argv[1])
