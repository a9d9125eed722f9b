"""The hook that prepares processes for calls: all but the sending, by the same code."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from airflow.sdk import BaseHook

from invoice_bridge.hooks.http.nowhere import NowhereHook

if TYPE_CHECKING:
    import pytest


def test_it_is_answered_and_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("somebody was asked")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(BaseHook, "get_connection", refuse)
    hook = NowhereHook()
    assert hook.call("GET", "/nothing", what="nothing").json() == {}
    assert hook.call("PUT", "/nothing", json={}, what="nothing").status == 200
    assert hook.calls == 2
