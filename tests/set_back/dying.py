"""A process that dies while it puts a document back, before or after any of its writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoice_bridge.hooks.qondor.hook import QondorHook
from invoice_bridge_core.ledger.documents.lease import LeasedRow

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


class KilledError(BaseException):
    """The process is gone: nothing of ours may catch it."""


def boundaries(patch: pytest.MonkeyPatch, kill_at: int | None) -> list[str]:
    """Passes each write of the ledger, and each call of Qondor, twice: before and after it. Dies at one of them."""
    passed: list[str] = []

    def at(name: str) -> None:
        passed.append(name)
        if len(passed) - 1 == kill_at:
            raise KilledError(name)

    def wrapped(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def around(*args: Any, **kwargs: Any) -> Any:
            at(f"before {name}")
            answer = real(*args, **kwargs)
            at(f"after {name}")
            return answer

        return around

    patch.setattr(LeasedRow, "change", wrapped("a write of the ledger", LeasedRow.change))
    patch.setattr(QondorHook, "set_as_unprocessed", wrapped("the call", QondorHook.set_as_unprocessed))
    return passed
