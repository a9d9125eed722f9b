"""When Airflow learns the name of a document's task: a short task's at its end, or when it takes longer after all."""

from __future__ import annotations

import threading
import time
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk.execution_time import task_runner

from invoice_bridge.operators import naming, once
from invoice_bridge.operators.transfer.document import TransferDocumentOperator
from invoice_bridge_core.errors import TransientError
from tests.builders import route

if TYPE_CHECKING:
    from invoice_bridge_core.documents.outcomes import Result

NAME = "T-7 · Nordic AS · 100.00 SEK"


class Failing(TransferDocumentOperator):
    """Comes as far as Xero's outage."""

    def _open_and_carry(self, context: Any, *, dry_run: bool) -> Result:
        raise TransientError("Xero is down")


@pytest.mark.parametrize(("is_short", "at_the_start"), [(True, ""), (False, NAME)])
def test_a_task_has_its_name_at_the_end(is_short: bool, at_the_start: str) -> None:
    entry = {"source_id": "7", "label": NAME}
    task = Failing(task_id="invoices", route=route(), document=entry, is_short=is_short)
    assert task.label == at_the_start
    ti: Any = SimpleNamespace()
    with pytest.raises(TransientError):
        task.execute({"params": {}, "ti": ti})
    assert (task.label, ti.rendered_map_index) == (NAME, NAME)


class Supervisor:
    """Takes what a task tells Airflow while it runs."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def send(self, message: Any) -> None:
        self.told.append(message.rendered_map_index)


@pytest.fixture
def supervisor(monkeypatch: pytest.MonkeyPatch) -> Supervisor:
    supervisor = Supervisor()
    monkeypatch.setattr(task_runner, "SUPERVISOR_COMMS", supervisor, raising=False)
    return supervisor


def test_a_task_that_takes_its_time_is_named_meanwhile(supervisor: Supervisor) -> None:
    with naming.named_in_time(NAME, 0.05):
        deadline = time.monotonic() + 10
        while not supervisor.told and time.monotonic() < deadline:
            time.sleep(0.01)
        assert supervisor.told == [NAME]
    with naming.named_in_time(NAME, 30):
        pass
    assert supervisor.told == [NAME]


def test_a_name_that_cannot_be_told_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = threading.Event()

    def broken(_: Any) -> None:
        tried.set()
        raise OSError("the supervisor is gone")

    monkeypatch.setattr(task_runner, "SUPERVISOR_COMMS", SimpleNamespace(send=broken), raising=False)
    with naming.named_in_time(NAME, 0.01):
        assert tried.wait(10)


def test_a_short_task_that_waits_has_its_name_while_it_waits(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Waiting(TransferDocumentOperator):
        def _open_and_carry(self, context: Any, *, dry_run: bool) -> Result:
            deadline = time.monotonic() + 10
            while not supervisor.told and time.monotonic() < deadline:
                time.sleep(0.01)
            raise TransientError("Xero is down")

    monkeypatch.setattr(once, "named_in_time", partial(naming.named_in_time, after=0.05))
    entry = {"source_id": "7", "label": NAME}
    task = Waiting(task_id="invoices", route=route(), document=entry, is_short=True)
    context: Any = {"params": {}, "ti": SimpleNamespace()}
    with pytest.raises(TransientError):
        task.execute(context)
    assert supervisor.told == [NAME]
