"""What a newcomer meets: one sentence that says what and what to do."""

from __future__ import annotations

import shutil
import socket
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from local.airflow import ENVIRONMENT, LocalAirflow
from local.commands import _say_where, main
from local.errors import LocalError
from local.ports import LOOPBACK, free_port, wanted_port
from local.progress import Console
from local.settings import LEDGER_CONNECTION, PROJECT
from local.state_folder import StateFolder


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_a_free_port_is_free() -> None:
    assert wanted_port(str(free_port())) > 0


def test_a_port_in_use_is_said_with_its_way_out() -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(LocalError, match=rf"^Port {port} cannot be used .*PORT=<number>\.$"):
            wanted_port(str(port))


@pytest.mark.parametrize("port", ["", "eighty", "0", "70000", "-1", "٣"])
def test_a_port_that_is_none(port: str) -> None:
    with pytest.raises(LocalError, match="must be a number from 1 to 65535"):
        wanted_port(port)


def test_a_second_launcher_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    first, second = StateFolder(tmp_path), StateFolder(tmp_path)
    first.open()
    with pytest.raises(LocalError, match="already running in another terminal"):
        second.open()
    first.close()
    second.open()
    second.close()


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10, 9, 1))
    with pytest.raises(LocalError, match="0 MB left and 500 MB are needed: make room"):
        StateFolder(tmp_path).open()


def test_a_state_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LocalError, match="cannot be created"):
        StateFolder(tmp_path / "file" / "home").open()


@pytest.mark.parametrize("name", [LEDGER_CONNECTION, "AIRFLOW_CONN_XERO_DEFAULT", "AIRFLOW_CONN_IXPOLE_SECOND"])
def test_the_sandbox_is_not_started_against_real_systems(name: str) -> None:
    # pytest's own folders are closed to the system user that PostgreSQL runs as when the tests run as root.
    with tempfile.TemporaryDirectory(prefix="invoice-bridge-test-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        airflow = LocalAirflow(home / "home", extra_env={name: "postgres://me@real/ledger"})
        with pytest.raises(LocalError, match=f"^{name} is set, .*SANDBOX=0"):
            airflow.__enter__()
        assert "api-server" not in airflow.processes
        assert not [one.name for one in airflow.processes.values() if one.running()]
        assert not (home / "home" / ENVIRONMENT).exists()


def test_where_to_look_is_a_command_that_runs_here(capsys: pytest.CaptureFixture[str]) -> None:
    _say_where(SimpleNamespace(base_url="http://here", sandbox=None, home=Path("/state")), Console())  # type: ignore[arg-type]
    told = capsys.readouterr().out
    [line] = [line for line in told.splitlines() if "invoice-bridge list" in line]
    words = line.split()
    assert words[words.index(".") + 1] == f"/state/{ENVIRONMENT};"
    [airflow] = {word for word in words if word.endswith("/airflow")}
    assert (PROJECT / airflow).is_file()


def test_an_unknown_command_says_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["down"]) == 2
    assert capsys.readouterr().err == "usage: python -m local run | up\n"
