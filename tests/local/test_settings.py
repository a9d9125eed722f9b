"""Who wins when the caller and the launcher say different things."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from local.errors import LocalError
from local.settings import (
    LEDGER_CONNECTION,
    Folders,
    caller_overrides,
    ledger_connection,
    ledger_url,
    refuse_real_systems,
    shared_environment,
)
from local.state_folder import StateFolder

if TYPE_CHECKING:
    from pathlib import Path


def environment(tmp_path: Path) -> dict[str, str]:
    return shared_environment(
        StateFolder(tmp_path),
        Folders(),
        port=8123,
        airflow_url="postgresql://a:b@127.0.0.1:1/airflow",
        ledger_url="postgresql://a:b@127.0.0.1:1/ledger",
        parallelism=8,
    )


def test_only_what_concerns_this_project_is_taken_from_the_caller() -> None:
    mine = {"AIRFLOW_CONN_XERO_DEFAULT": "{}", "AIRFLOW__CORE__PARALLELISM": "2", "INVOICE_BRIDGE_ROUTES_DIR": "r"}
    assert caller_overrides({**mine, "AIRFLOW_HOME": "/elsewhere", "HOME": "/root", "PORT": "1"}) == mine


def test_a_real_connection_and_the_sandbox_do_not_go_together() -> None:
    sandboxs = ["AIRFLOW_CONN_XERO_DEFAULT", "AIRFLOW_CONN_QONDOR_DEFAULT"]
    harmless = {"AIRFLOW_CONN_SMTP_DEFAULT": "{}", "AIRFLOW__CORE__PARALLELISM": "2", "AIRFLOW_VAR_X": "1"}
    refuse_real_systems(harmless, sandboxs)
    with pytest.raises(LocalError, match=r"^AIRFLOW_CONN_XERO_DEFAULT is set, .* unset it, or SANDBOX=0 to leave"):
        refuse_real_systems({**harmless, "AIRFLOW_CONN_XERO_DEFAULT": "{}"}, sandboxs)
    with pytest.raises(LocalError, match=r"^AIRFLOW__SECRETS__BACKEND is set, "):
        refuse_real_systems({"AIRFLOW__SECRETS__BACKEND": "a.Vault"}, sandboxs)
    with pytest.raises(LocalError, match=r"^AIRFLOW_CONN_QONDOR_DEFAULT, AIRFLOW_CONN_XERO_DEFAULT are set, .* them, "):
        refuse_real_systems(dict.fromkeys(sandboxs, "{}"), sandboxs)


def test_another_airflow_of_the_caller_does_not_leak_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "sqlite:///elsewhere.db")
    monkeypatch.setenv("AIRFLOW_HOME", "/elsewhere")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    env = environment(tmp_path)
    assert env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == "postgresql://a:b@127.0.0.1:1/airflow"
    assert env["AIRFLOW_HOME"] == str(tmp_path)
    assert "PYTHONDONTWRITEBYTECODE" not in env


def test_the_callers_proxy_is_not_asked_for_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "intranet")
    assert environment(tmp_path)["no_proxy"] == "intranet,127.0.0.1,localhost"


def test_secrets_are_kept_and_private(tmp_path: Path) -> None:
    first, second = environment(tmp_path), environment(tmp_path)
    assert first["AIRFLOW__CORE__FERNET_KEY"] == second["AIRFLOW__CORE__FERNET_KEY"]
    assert first["AIRFLOW__CORE__FERNET_KEY"] != first["AIRFLOW__API_AUTH__JWT_SECRET"]
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "secrets").iterdir()} == {0o600}


def test_ledger_connection_and_url_say_the_same() -> None:
    url = "postgresql://me:p%40ss%2F@127.0.0.1:5433/ledger"
    assert json.loads(ledger_connection(url))["password"] == "p@ss/"
    assert ledger_url(ledger_connection(url)) == url
    assert ledger_url("postgres://me:x@db/ledger") == "postgresql://me:x@db/ledger"


@pytest.mark.parametrize("connection", ["mysql://me@db/ledger", "ledger", "{oops"])
def test_a_ledger_connection_that_cannot_be_used_is_named(connection: str) -> None:
    with pytest.raises(LocalError, match=LEDGER_CONNECTION):
        ledger_url(connection)
