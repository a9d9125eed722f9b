"""A real Airflow, started and stopped."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from local.airflow import ENVIRONMENT, LocalAirflow
from local.errors import LocalError

pytestmark = pytest.mark.airflow

DAGS = Path(__file__).parent / "dags"


def start(home: Path) -> LocalAirflow:
    (home / "plugins").mkdir(parents=True, exist_ok=True)
    return LocalAirflow(home, sandbox=False, dags_folder=DAGS, plugins_folder=home / "plugins")


def family(airflow: LocalAirflow) -> list[psutil.Process]:
    parents = [psutil.Process(process.pid) for process in airflow.processes.values()]
    return parents + [child for parent in parents for child in parent.children(recursive=True)]


def living(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def test_one_document_is_cleared_read_and_nothing_stays_behind(tmp_path: Path) -> None:
    with start(tmp_path / "home") as airflow:
        assert airflow.wait_for_dags("forty") == ["forty"]
        assert airflow.import_errors() == {}
        airflow.unpause("forty")
        run_id = airflow.trigger("forty")
        assert airflow.wait("forty", run_id, 120) == "failed"
        ones = airflow.task_instances("forty", run_id, "one")
        assert [one.rendered_map_index for one in ones] == [f"Q-{number}" for number in range(40)]
        assert [one.map_index for one in ones if one.state != "success"] == [7]
        assert "looking at Q-7" in airflow.task_log("forty", run_id, "one", 7)

        airflow.clear("forty", run_id, "one", 7)
        assert airflow.wait("forty", run_id, 120) == "success"
        assert [one.try_number for one in airflow.task_instances("forty", run_id, "one")] == [
            2 if number == 7 else 1 for number in range(40)
        ]
        assert airflow.xcom("forty", run_id, "one", map_index=7) == 7
        environment = airflow.home / ENVIRONMENT
        assert environment.stat().st_mode & 0o077 == 0
        assert _in_a_shell(environment, "airflow config get-value core dags_folder") == str(
            airflow.env["AIRFLOW__CORE__DAGS_FOLDER"]
        )
        assert _in_a_shell(environment, "airflow invoice-bridge list") == "The ledger has no such documents."
        with pytest.raises(LocalError, match="already running in another terminal"):
            start(tmp_path / "home").__enter__()
        everything = family(airflow)
        assert len(everything) > 10
    assert living(everything) == []


def _in_a_shell(environment: Path, command: str) -> str:
    """What a person's shell answers, which knows nothing of the local run but the file."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.defpath])
    done = subprocess.run(
        ["/bin/sh", "-euc", f'. "$0"; {command}', str(environment)],
        env={"PATH": path, "HOME": str(environment.parent)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
