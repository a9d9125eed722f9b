"""`make run` and `make up`: start everything, move the sandbox's documents, pay some, say what became of them."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from local.airflow import ENVIRONMENT, LocalAirflow
from local.closing_round import close_a_day
from local.customer_round import keep_in_step
from local.errors import LocalError
from local.outcome_table import differences, outcome_table, read_ends, unfinished
from local.payment_round import pay_and_tell
from local.people import people_of
from local.progress import Console
from local.sales_round import show_sales
from local.settings import PROJECT, caller_overrides
from local.transfer_runs import queue_troubles, route_of, run_all, transfer_dags

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from local.progress import Progress
    from local.sandbox import LocalSandbox


def run(environ: Mapping[str, str], home: Path | None = None) -> int:
    """Move everything that waits, twice, print the outcome, stop; 0 only if everything ended as it should."""
    console = Console()
    with _airflow(environ, home, console) as airflow:
        dag_ids = transfer_dags(airflow)
        with _alone(airflow, dag_ids):
            return _move_and_compare(airflow, dag_ids, console)


def up(environ: Mapping[str, str], home: Path | None = None) -> int:
    """The same, and stay until Ctrl-C."""
    console = Console()
    with _airflow(environ, home, console, for_people=True) as airflow:
        dag_ids = transfer_dags(airflow)
        _move_and_compare(airflow, dag_ids, console)
        if airflow.sandbox:
            close_a_day(airflow, [route_of(dag_id) for dag_id in dag_ids], console)
        _say_where(airflow, console)
        try:
            while True:
                airflow.check()
                time.sleep(1)
        except KeyboardInterrupt:
            return 0


def _airflow(
    environ: Mapping[str, str], home: Path | None, console: Console, *, for_people: bool = False
) -> LocalAirflow:
    # A terminal that is closed, or a CI job that is cancelled, ends it as Ctrl-C does.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    return LocalAirflow(
        home or PROJECT / ".local",
        sandbox=environ.get("SANDBOX", "1") != "0",
        extra_env=caller_overrides(environ),
        port=environ.get("PORT"),
        progress=console,
        for_people=for_people,
    )


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _move_and_compare(airflow: LocalAirflow, dag_ids: Sequence[str], console: Console) -> int:
    console.say(f"Moving what waits: {', '.join(route_of(dag_id) for dag_id in dag_ids)}")
    started = time.monotonic()
    run_all(airflow, dag_ids, console)
    console.say(f"Moved in {time.monotonic() - started:.0f} s. Once more, to see that nothing is done twice:")
    if airflow.sandbox:
        airflow.sandbox.reset_calls()
    run_all(airflow, dag_ids, console)
    repeated = _repeated_writes(airflow.sandbox, console)
    wrong = _print_outcomes(airflow, dag_ids, console)
    troubles = queue_troubles(airflow, dag_ids)
    for trouble in troubles:
        console.say(f"The queue could not be read. {trouble}")
    untold = pay_and_tell(airflow, [route_of(dag_id) for dag_id in dag_ids], console) if airflow.sandbox else 0
    unlike = show_sales(airflow, console) if airflow.sandbox else 0
    unwritten = keep_in_step(airflow, console) if airflow.sandbox else 0
    return 1 if wrong or repeated or troubles or untold or unlike or unwritten else 0


def _repeated_writes(sandbox: LocalSandbox | None, console: Console) -> int:
    if sandbox is None:
        return 0
    writes = {system: counted["writes"] for system, counted in sandbox.calls().items()}
    told = ", ".join(f"{system} {count}" for system, count in sorted(writes.items()))
    console.say(f"Write calls of the second run: {sum(writes.values())} ({told})")
    return sum(writes.values())


def _print_outcomes(airflow: LocalAirflow, dag_ids: Sequence[str], console: Console) -> int:
    from invoice_bridge_core.ledger import Ledger

    routes = [route_of(dag_id) for dag_id in dag_ids]
    ledger = Ledger.connect(airflow.ledger_url)
    try:
        ends = read_ends(ledger, routes)
    finally:
        ledger.close()
    console.say(f"\n{outcome_table(ends)}\n")
    if airflow.sandbox is None:
        wrong = unfinished(ends)
        verdict = "No document waits for somebody."
    else:
        expectations = [one for one in airflow.sandbox.expectations() if one["route"] in routes]
        wrong = differences(ends, expectations)
        verdict = f"All {len(expectations)} documents ended as the sandbox expects."
    for difference in wrong:
        console.say(f"  {difference}")
    console.say(f"{len(wrong)} documents did not end as they should, see above." if wrong else verdict)
    return len(wrong)


@contextmanager
def _alone(airflow: LocalAirflow, dag_ids: Sequence[str]) -> Iterator[None]:
    """Pause what an earlier `make up` left active, whose writes would be taken for ours, and put that back after."""
    active = airflow.api.active_dag_ids()
    for dag_id in active:
        airflow.pause(dag_id)
    yield
    for dag_id in dag_ids:
        airflow.pause(dag_id)
    for dag_id in active:
        airflow.unpause(dag_id)


def _say_where(airflow: LocalAirflow, progress: Progress) -> None:
    progress.say(f"\nAirflow:   {airflow.base_url}")
    for person in people_of(airflow.home).values():
        progress.say(f"           log in as {person.name}, password {person.password}")
    if airflow.sandbox:
        progress.say(f"Sandbox:   {airflow.sandbox.url}/sandbox/ (pay, credit and void there)")
    environment, command = airflow.home / ENVIRONMENT, ".venv/bin/airflow invoice-bridge"
    progress.say(f"Documents: . {_from_here(environment)}; then {command} list, {command} show <number>")
    progress.say(f"Logs:      {airflow.home / 'logs'}")
    progress.say("Ctrl-C stops everything; the next start goes on from here.")


def _from_here(path: Path) -> Path:
    """The path as one types it in the project's folder."""
    return path.relative_to(PROJECT) if path.is_relative_to(PROJECT) else path


def main(arguments: Sequence[str]) -> int:
    """Run a command; what goes wrong is one sentence on stderr."""
    commands = {"run": run, "up": up}
    if len(arguments) != 1 or arguments[0] not in commands:
        print("usage: python -m local run | up", file=sys.stderr)
        return 2
    try:
        return commands[arguments[0]](os.environ)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    except LocalError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
