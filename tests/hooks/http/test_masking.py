"""Secrets are hidden in logs, and a task's supervisor is told of each of them once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from airflow.sdk import log as airflow_log
from airflow.sdk._shared.secrets_masker import SecretsMasker

from invoice_bridge.hooks.masking import mask_secret
from invoice_bridge.hooks.qondor.hook import QondorHook
from invoice_bridge.hooks.xero.hook import XeroHook

KEY, SECRET, REFRESH = "key-of-qondor-0815", "secret-of-xero-4711", "refresh-of-xero-2342"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is told to the masker, which knows nothing yet."""
    masker = SecretsMasker()  # type: ignore[no-untyped-call]
    masker.sensitive_variables_fields = ["secret", "token", "password", "api_key"]
    monkeypatch.setattr(airflow_log, "_secrets_masker", lambda: masker)
    told: list[Any] = []
    real = airflow_log.mask_secret

    def note(secret: Any, name: str | None = None) -> None:
        told.append(secret)
        real(secret, name)

    monkeypatch.setattr(airflow_log, "mask_secret", note)
    return told


def hidden(text: str) -> bool:
    return text not in str(airflow_log._secrets_masker().redact(f"it says {text} there"))  # type: ignore[attr-defined]


def connect(monkeypatch: pytest.MonkeyPatch, conn_id: str, **fields: Any) -> None:
    monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(fields))


def test_a_secret_is_told_once(told: list[Any]) -> None:
    for _ in range(3):
        mask_secret(SECRET)
        mask_secret({"client_secret": REFRESH, "tenant_id": "no-secret"})
    assert told == [SECRET, {"client_secret": REFRESH, "tenant_id": "no-secret"}]
    assert hidden(SECRET)
    assert hidden(REFRESH)
    assert not hidden("no-secret")


def test_a_new_secret_beside_known_ones_is_told(told: list[Any]) -> None:
    mask_secret({"client_secret": SECRET})
    mask_secret({"client_secret": SECRET, "refresh_token": [REFRESH]})
    assert len(told) == 2
    assert hidden(REFRESH)


def test_what_a_hook_holds_is_hidden_once(told: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    extra = {"tenant_id": "a-tenant", "client_secret": REFRESH, "token_url": "http://127.0.0.1:1/token"}
    connect(
        monkeypatch, "xero_x", conn_type="xero", host="http://127.0.0.1:1", login="id", password=SECRET, extra=extra
    )
    hook = XeroHook("xero_x")
    _ = hook.connection
    by_airflow = len(told)
    hook.authentication(hook.connection)
    hook.open_transport()
    _ = hook.extras, hook.connection.extra_dejson
    assert len(told) == by_airflow
    assert hidden(SECRET)
    assert hidden(REFRESH)


def test_a_secret_without_what_was_pasted_with_it_is_hidden_too(
    told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(monkeypatch, "qondor_x", conn_type="qondor", host="http://127.0.0.1:1", password=f'"{KEY}"\n')
    assert QondorHook("qondor_x").connection.password == KEY
    assert KEY in told
    assert hidden(KEY)
