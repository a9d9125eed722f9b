from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.hooks.finance_hook import SECRET, Clock, FinanceHook
from tests.hooks.scripted_server import ScriptedServer, connection_json, scripted_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Iterator[Callable[..., FinanceHook]]:
    hooks: list[FinanceHook] = []

    def make(host: str | None = None, *, read_timeout: float = 5.0, **more: Any) -> FinanceHook:
        values = {"conn_type": "http", "password": SECRET, **({"host": host} if host is not None else {}), **more}
        monkeypatch.setenv("AIRFLOW_CONN_FINANCE_DEFAULT", connection_json(**values))
        hooks.append(FinanceHook(read_timeout=read_timeout, sleep=clock.sleep))
        return hooks[-1]

    yield make
    for hook in hooks:
        if hook._session is not None:
            hook._session.close()


@pytest.fixture
def hook(server: ScriptedServer, connect: Callable[..., FinanceHook]) -> FinanceHook:
    return connect(server.url)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running
