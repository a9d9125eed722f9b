from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.commands.command_line import airflow_command

if TYPE_CHECKING:
    from collections.abc import Callable

    Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(ledger_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs one command; returns its exit code, and what it printed on standard output and standard error."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = airflow_command(monkeypatch, ledger_url, *arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run
