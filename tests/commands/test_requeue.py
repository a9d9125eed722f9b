"""`airflow invoice-bridge requeue`, as an administrator types it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from tests.world import FERNET_KEY, World, payment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox.sandbox import Sandbox
    from tests.commands.conftest import Command


@pytest.fixture
def world(sandbox: Sandbox, ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Payment 1, booked as a draft and reported."""
    world = World(sandbox, ledger_url)
    finance = world.route.finance.model_copy(update={"invoice_status": "DRAFT"})
    world.route = world.route.model_copy(update={"finance": finance})
    route = world.route.model_dump(mode="json", exclude_none=True)
    (tmp_path / "qondor_xero.yaml").write_text(yaml.safe_dump(route))
    monkeypatch.setenv("INVOICE_BRIDGE_ROUTES_DIR", str(tmp_path))
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", FERNET_KEY)
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "client")
    sandbox.qondor.add(payment(1))
    world.run()
    yield world
    world.close()


def test_it_says_what_was_done_and_what_comes_next(world: World, command: Command) -> None:
    world.sandbox.xero.bookkeeper.delete("T-1")
    code, text, error = command("requeue", "t-1", "--reason", "twice in one month", "--by", "Anna Berg")
    assert (code, error) == (0, "")
    assert text.startswith("T-1 · Nordlys Møter 901 AS · 10 000.00 NOK waits in Qondor again: T-1 (")
    assert "is deleted in Xero. The next run of invoice_transfer__qondor_xero books it as T-1." in text
    _, shown, _ = command("show", "T-1")
    assert "Anna Berg put it back in Qondor: twice in one month (T-1 (" in shown
    assert "by Anna Berg, by hand" in shown
    assert "requeue: done" in shown


def test_it_refuses_what_is_still_there_and_says_what_to_do(world: World, command: Command) -> None:
    code, text, error = command("requeue", "T-1", "--reason", "try", "--by", "Anna Berg")
    assert (code, text) == (1, "")
    assert "is booked, and not gone: Xero has T-1 (" in error
    assert "Void or delete it in Xero first" in error
    _, shown, _ = command("show", "T-1")
    assert "said that it has to be put back: try; refused: " in shown


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "a\x07b"])
def test_it_wants_a_reason(world: World, command: Command, reason: str) -> None:
    code, text, error = command("requeue", "T-1", "--reason", reason)
    assert (code, text) == (1, "")
    assert error == "Why? Give the reason in at most 500 letters with --reason TEXT\n"
    assert world.calls("qondor", "PUT")[-1].path.endswith("SetAsProcessed")


def test_it_cannot_be_said_without_one(command: Command) -> None:
    code, _, error = command("requeue", "T-1")
    assert code == 2
    assert "--reason" in error


def test_what_nobody_knows_is_not_put_back(world: World, command: Command) -> None:
    code, _, error = command("requeue", "T-9", "--reason", "why not")
    assert code == 1
    assert "The ledger has no document T-9" in error
