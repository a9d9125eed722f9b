"""What Airflow is told about the commands; it imports that at every command of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from airflow.sdk._shared.module_loading import import_string

from invoice_bridge.cli import COMMANDS
from local.settings import PROJECT
from tests.commands.command_line import parser

if TYPE_CHECKING:
    from pathlib import Path

    from airflow.cli.cli_config import ActionCommand

WHAT_IT_IMPORTS = f"""
import sys
import airflow.cli.cli_config
sys.path[:0] = [{str(PROJECT / "include")!r}, {str(PROJECT / "plugins")!r}]
before = set(sys.modules)
import invoice_bridge.cli
print(sorted(set(sys.modules) - before))
"""


@pytest.mark.parametrize("command", COMMANDS, ids=[command.name for command in COMMANDS])
def test_every_command_has_a_function_that_does_it(command: ActionCommand) -> None:
    assert callable(import_string(f"invoice_bridge.commands.{command.func.__name__}"))


def test_telling_airflow_of_them_imports_nothing_else(tmp_path: Path) -> None:
    # With our folders on its path, Airflow would have asked for the provider's description before.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", WHAT_IT_IMPORTS],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip().splitlines()[-1] == "['invoice_bridge', 'invoice_bridge.cli']"


@pytest.mark.parametrize(
    "arguments",
    [
        ["resolve", "T-1"],
        ["resolve", "T-1", "--not-booked", "--booked-as", "T-1"],
        ["list", "--limit", "0"],
        ["list", "--limit", "all"],
        ["show"],
    ],
)
def test_a_command_that_is_typed_wrongly_ends_with_exit_code_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(["invoice-bridge", *arguments])
    assert ended.value.code == 2
