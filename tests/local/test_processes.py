"""Starting, watching and stopping processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from local.errors import LocalError
from local.guard import watch
from local.processes import LocalProcess, last_meaningful_line, stop_processes
from local.settings import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

# Two deaf processes, the second in a process group of its own, as Airflow's tasks are.
DEAF = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setpgid(0, 0)
print("ready", flush=True)
time.sleep(600)
"""


def process(tmp_path: Path, script: str) -> LocalProcess:
    return LocalProcess(
        "thing", [sys.executable, "-c", script], env=dict(os.environ), cwd=tmp_path, log=tmp_path / "thing.log"
    )


def wait_for(condition: object, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_tree_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    deaf = process(tmp_path, DEAF)
    wait_for(lambda: deaf.log.read_text().count("ready") == 2)
    child = psutil.Process(deaf.pid).children()[0]
    stop_processes([deaf], patience=0.3)
    assert not psutil.pid_exists(deaf.pid)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_what_ended_says_which_and_why_and_where(tmp_path: Path) -> None:
    ended = process(tmp_path, "print('starting'); raise OSError('no space left')")
    wait_for(lambda: not ended.running())
    with pytest.raises(LocalError) as raised:
        ended.check()
    assert str(raised.value) == f"The thing ended with exit code 1: OSError: no space left (log: {ended.log})"


def test_a_signal_is_called_by_its_name(tmp_path: Path) -> None:
    ended = process(tmp_path, "import os; os.kill(os.getpid(), 9)")
    wait_for(lambda: not ended.running())
    with pytest.raises(LocalError, match="was ended by signal SIGKILL: its log is empty"):
        ended.check()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\nFATAL: could not bind\ngoodbye\n", "FATAL: could not bind"),
        ("\x1b[31mlast words\x1b[0m\n\n", "last words"),
    ],
)
def test_the_telling_line_of_a_log(tmp_path: Path, text: str, line: str) -> None:
    log = tmp_path / "log"
    log.write_text(text)
    assert last_meaningful_line(log) == line


LAUNCHER = """
import os, sys, time
from pathlib import Path
from local.processes import Guard, LocalProcess
guard = Guard(Path.cwd())
command, log = [sys.executable, "-c", sys.argv[1]], Path(sys.argv[2])
started = LocalProcess("started", command, env=dict(os.environ), cwd=Path.cwd(), log=log)
guard.watch(started)
print(started.pid, flush=True)
time.sleep(600)
"""


def test_nothing_stays_behind_when_the_launcher_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "started.log"
    launcher = subprocess.Popen(
        [sys.executable, "-c", LAUNCHER, DEAF.replace("SIG_IGN", "SIG_DFL"), str(log)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert launcher.stdout
    root = psutil.Process(int(launcher.stdout.readline()))
    wait_for(lambda: log.read_text().count("ready") == 2)
    family = [root, *root.children(), *psutil.Process(launcher.pid).children()]
    assert len(family) >= 3
    launcher.kill()
    launcher.communicate()
    wait_for(lambda: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in family), 30)


def test_the_guard_stops_the_last_first_and_nothing_when_dismissed() -> None:
    assert watch(["10 2\n", "11 15\n"]) == [(11, 15), (10, 2)]
    assert watch(["10 2\n", "done\n"]) == []
