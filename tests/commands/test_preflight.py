"""`airflow invoice-bridge preflight`: what it says, and with which exit code it ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.world import FERNET_KEY, line, payment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.world import World

    Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def name(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The world's route, in a file of its own."""
    monkeypatch.setenv("INVOICE_BRIDGE_ROUTES_DIR", str(tmp_path))
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", FERNET_KEY)
    content = world.route.model_dump(mode="json", exclude={"customers"})
    (tmp_path / f"{world.route.route}.yaml").write_text(yaml.safe_dump(content))
    return world.route.route


def test_nothing_keeps_documents_and_the_code_is_0(world: World, name: str, command: Command) -> None:
    world.sandbox.qondor.add(payment(1))
    code, out, _ = command("preflight", name)
    assert code == 0, out
    assert f"Route {name}: nothing keeps documents from moving." in out
    assert "In the queue, and kept by nothing: 1 document, 10 000.00 NOK" in out


def test_what_keeps_documents_is_told_with_the_code_1(world: World, name: str, command: Command) -> None:
    world.sandbox.qondor.add(payment(1, lines=[line("CONF")]))
    world.run()
    code, out, _ = command("preflight", name)
    assert code == 1
    assert "1 article is not mapped (CONF): 1 document, 10 000.00 NOK waits." in out
    assert "CONF: perhaps 200 'Sales 25 %'" in out
    code, out, _ = command("preflight", name, "--json")
    assert code == 1
    told = json.loads(out)
    assert [
        (one["cause"], one["documents"], one["sums"][0]["total"]) for one in told["findings"] if one["documents"]
    ] == [("article", 1, "10000")]
    found = told["findings"][0]["filter"]
    assert found == {"route": name, "state": ["held"], "reason": found["reason"], "view": "open"}
    assert [reason.split(".")[0] for reason in found["reason"]] == ["article"]


def test_a_variable_maps_what_the_file_does_not(
    world: World, name: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.sandbox.qondor.add(payment(1, lines=[line("CONF")]))
    world.run()
    monkeypatch.setenv(f"AIRFLOW_VAR_{world.route.account_codes_variable.upper()}", json.dumps({"CONF": "200"}))
    code, out, _ = command("preflight", name)
    assert (code, "CONF" in out) == (0, False)


def test_a_connection_that_is_not_there_is_a_finding(
    world: World, name: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_XERO_DEFAULT")
    code, out, _ = command("preflight", name)
    assert code == 1
    assert "STOP  Connection xero_default (Xero) does not exist in Airflow" in out


def test_a_file_that_is_wrong_and_one_that_is_switched_off(
    world: World, name: str, command: Command, tmp_path: Path
) -> None:
    path = tmp_path / f"{name}.yaml"
    path.write_text(path.read_text().replace("enabled: true", "enabled: false", 1))
    code, out, _ = command("preflight", name)
    assert (code, f"Route {name} is switched off" in out) == (1, True)
    path.write_text("route: [")
    code, out, _ = command("preflight", name)
    assert (code, "its file is wrong" in out) == (1, True)


def test_a_route_that_does_not_exist_is_refused(name: str, command: Command) -> None:
    code, out, err = command("preflight", "no_such_route")
    assert (code, out) == (1, "")
    assert f"There is no route no_such_route; known are: {name}" in err
