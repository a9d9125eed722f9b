from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.notices.receivers import mail_server, serving, webhook_server
from tests.notices.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator

    from invoice_bridge_core.ledger import Ledger
    from tests.notices.receivers import Receiver


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A mail server, and Airflow's connection to it."""
    with serving(mail_server()) as receiver:
        connect_mail(monkeypatch, receiver.port)
        yield receiver


@pytest.fixture
def posts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver of webhooks, and Airflow's connection to it."""
    with serving(webhook_server()) as receiver:
        connect_webhook(monkeypatch, receiver.port)
        yield receiver


@pytest.fixture
def trouble(ledger: Ledger, ledger_url: str, monkeypatch: pytest.MonkeyPatch) -> Trouble:
    """A route with two channels, over a ledger in which trouble can be made."""
    monkeypatch.setenv("AIRFLOW_CONN_INVOICE_BRIDGE_LEDGER", ledger_url)
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.acme.example/here")
    return Trouble(ledger, ledger_url)


def connect_mail(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    extra = {"disable_ssl": True, "disable_tls": True, "from_email": "bridge@acme.example", "timeout": 5}
    connection = {"conn_type": "smtp", "host": "127.0.0.1", "port": port, "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", json.dumps(connection))


def connect_webhook(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    connection = {"conn_type": "http", "host": f"http://127.0.0.1:{port}"}
    monkeypatch.setenv("AIRFLOW_CONN_HTTP_DEFAULT", json.dumps(connection))
