from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge.hooks.qondor.hook import QondorHook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.sandbox import Sandbox
    from tests.hooks.scripted_server import ScriptedServer

PAYMENT = {"id": 12345, "invoiceNumber": "Q-10023", "typeText": "CustomerOfferInvoice", "totalInclVat": 1}


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., QondorHook]]:
    hooks: list[QondorHook] = []

    def make(connection: dict[str, Any], **more: Any) -> QondorHook:
        monkeypatch.setenv("AIRFLOW_CONN_QONDOR_DEFAULT", json.dumps({"conn_type": "qondor", **connection}))
        monkeypatch.setattr(QondorHook, "_read_at", {})
        hooks.append(QondorHook(sleep=lambda _: None, **more))
        return hooks[-1]

    yield make
    for hook in hooks:
        if hook._session is not None:
            hook._session.close()


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset(documents=0, data="plain")
    running.qondor.add(PAYMENT)
    return running


@pytest.fixture
def qondor(sandbox: Sandbox, connect: Callable[..., QondorHook]) -> QondorHook:
    return connect(sandbox.connections["qondor_default"])


@pytest.fixture
def scripted(server: ScriptedServer, connect: Callable[..., QondorHook]) -> QondorHook:
    """A hook that talks to the scripted server."""
    return connect({"host": f"{server.url}/Prod", "password": "key-of-qondor"})
