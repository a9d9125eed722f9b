from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge.hooks.auth.tokens import MemoryTokenStore
from invoice_bridge.hooks.xero.hook import XeroHook
from invoice_bridge.systems.xero.finance import XeroFinance
from tests.builders import route
from tests.systems.xero.desk import Desk

if TYPE_CHECKING:
    from invoice_bridge_core.ports import ReferenceData
    from sandbox.sandbox import Sandbox
    from sandbox.traffic import Entry


class Xero:
    """The sandbox's Xero, the adapter on it, and what the two said to each other."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.books = sandbox.xero
        self.tokens = MemoryTokenStore()
        self._hooks: list[XeroHook] = []
        self._seen = 0

    def finance(self, payments: dict[str, Any] | None = None, **changes: Any) -> XeroFinance:
        """A fresh adapter, as every task process has one; `changes` are laid over the route's finance section."""
        self._hooks.append(XeroHook(tokens=self.tokens, sleep=lambda seconds: None))
        return XeroFinance(self._hooks[-1], route(finance=changes, payments=payments or {}))

    def calls(self) -> list[str]:
        """The API calls since this was asked last: `PUT /Invoices`."""
        return [f"{entry.method} {entry.template.removeprefix('/api.xro/2.0')}" for entry in self.entries()]

    def entries(self) -> list[Entry]:
        sent = sum(hook.calls for hook in self._hooks)
        deadline = time.monotonic() + 5
        # A call whose answer was dropped is logged a moment after the client has noticed.
        while len(entries := self._log()) < sent and time.monotonic() < deadline:
            time.sleep(0.01)
        fresh, self._seen = entries[self._seen :], len(entries)
        return fresh

    def _log(self) -> list[Entry]:
        return [each for each in self.sandbox.traffic.log(system="xero") if "/identity/" not in each.path]


@pytest.fixture
def xero(sandbox: Sandbox) -> Xero:
    sandbox.reset(documents=1, data="plain")
    return Xero(sandbox)


@pytest.fixture
def reference(xero: Xero) -> ReferenceData:
    return xero.finance().reference.read()


@pytest.fixture
def desk(xero: Xero, reference: ReferenceData) -> Desk:
    desk = Desk(xero, reference)
    xero.calls()
    return desk


class NotedSteps:
    """The ledger's memory of steps, kept in a dict that outlives one attempt."""

    def __init__(self) -> None:
        self.state: dict[str, str] = {}
        self.ids: dict[str, str | None] = {}
        self._keys = 0

    def is_done(self, step: str) -> bool:
        return self.state.get(step) == "done"

    def was_tried(self, step: str) -> bool:
        return self.state.get(step) == "intended"

    def intend(self, step: str) -> str:
        if self.state.get(step) != "intended":
            self._keys += 1
        self.state[step] = "intended"
        return f"key-{step}-{self._keys}"

    def done(self, step: str, finance_id: str | None = None) -> None:
        self.state[step] = "done"
        self.ids[step] = finance_id

    def refused(self, step: str) -> None:
        self.state[step] = "refused"

    def not_found(self, step: str) -> None:
        self.refused(step)


@pytest.fixture
def steps() -> NotedSteps:
    return NotedSteps()
