"""`airflow invoice-bridge …` in this process, read by Airflow's own parser."""

from __future__ import annotations

import argparse
from functools import cache
from typing import TYPE_CHECKING

from airflow.cli.cli_parser import _add_command
from airflow.models.crypto import get_fernet

from invoice_bridge.cli import get_cli_commands

if TYPE_CHECKING:
    import pytest

LEDGER_VARIABLE = "AIRFLOW_CONN_INVOICE_BRIDGE_LEDGER"


def airflow_command(monkeypatch: pytest.MonkeyPatch, ledger_url: str, *arguments: str) -> int:
    """Run one command with this ledger; returns the exit code."""
    monkeypatch.setenv(LEDGER_VARIABLE, ledger_url.replace("postgresql://", "postgres://"))
    # The command says what process it is in; here it is one of many.
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "client")
    # Airflow reads its key once in each process; here every test has its own.
    get_fernet.cache_clear()
    try:
        options = parser().parse_args(["invoice-bridge", *arguments])
        options.func(options)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    finally:
        get_fernet.cache_clear()
    return 0


@cache
def parser() -> argparse.ArgumentParser:
    """Airflow's parser with our commands alone."""
    airflow = argparse.ArgumentParser(prog="airflow")
    commands = airflow.add_subparsers()
    for command in get_cli_commands():
        _add_command(commands, command)
    return airflow
