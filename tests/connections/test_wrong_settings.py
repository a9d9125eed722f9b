"""A connection that somebody wrote wrongly: its documents are held with one sentence, and go once it is mended."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.errors import ConfigurationError, TransientError
from tests.world import payment

if TYPE_CHECKING:
    from tests.world import World

XERO, QONDOR = "AIRFLOW_CONN_XERO_DEFAULT", "AIRFLOW_CONN_QONDOR_DEFAULT"
WRITES = ("PUT", "POST", "PATCH", "DELETE")


def change(monkeypatch: pytest.MonkeyPatch, variable: str, **changes: Any) -> dict[str, Any]:
    """Write the connection anew; returns how it was."""
    before: dict[str, Any] = json.loads(os.environ[variable])
    monkeypatch.setenv(variable, json.dumps({**before, **changes}))
    return before


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"extra": "null"}, "its extra is null, not a JSON object"),
        ({"extra": '{"tenant_id": "5f6c1a52", }'}, "its extra is not valid JSON"),
        ({"extra": {"tenant_id": ["5f6c1a52"]}}, "extra tenant_id is not a text"),
        ({"host": "https://go.xero.com"}, "its host go.xero.com is a site of Xero's for people"),
        ({"conn_type": "quiddly"}, "is of type quiddly, and has to be of type xero"),
    ],
)
def test_a_wrong_setting_holds_and_is_named_and_mended(
    world: World, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], complaint: str
) -> None:
    waiting = world.sandbox.qondor.add(payment(1))
    before = json.loads(os.environ[XERO])
    if isinstance(changes.get("extra"), dict):
        changes = {"extra": {**before["extra"], **changes["extra"]}}
    change(monkeypatch, XERO, **changes)
    with pytest.raises(ConfigurationError, match=re.escape(complaint)):
        world.select()
    result = world.transfer("50001")
    assert result.outcome is Outcome.HELD
    assert result.message.startswith("Connection xero_default (Xero)")
    assert complaint in result.message
    assert "credentials" not in result.message
    assert world.calls("xero") == []
    assert world.calls("qondor", *WRITES) == []

    monkeypatch.setenv(XERO, json.dumps(before))
    assert world.run()["50001"].outcome is Outcome.TRANSFERRED
    assert str(waiting["id"]) not in {str(each["id"]) for each in world.sandbox.qondor.waiting()}


def test_a_missing_tenant_is_not_taken_for_wrong_credentials(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.sandbox.qondor.add(payment(1))
    before = json.loads(os.environ[XERO])
    change(monkeypatch, XERO, extra={**before["extra"], "tenant_id": " "})
    result = world.transfer("50001")
    assert result.outcome is Outcome.HELD
    assert "connection xero_default names no organisation: write its id into extra tenant_id" in result.message
    assert "credentials" not in result.message

    monkeypatch.setenv(XERO, json.dumps(before))
    assert world.run()["50001"].outcome is Outcome.TRANSFERRED


def test_a_404_to_a_create_is_a_definite_no(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (1, 2):
        world.sandbox.qondor.add(payment(number))
    world.select()
    assert world.transfer("50001").outcome is Outcome.TRANSFERRED
    before = json.loads(os.environ[XERO])
    change(monkeypatch, XERO, host=before["host"].replace("/xero", "/nowhere"))

    result = world.transfer("50002")

    assert result.outcome is Outcome.HELD
    assert "404" in result.message
    assert "the host of connection xero_default is the base URL of Xero" in result.message
    row = world.row("50002")
    assert (row.intent_token, row.booking) == (None, None)
    monkeypatch.setenv(XERO, json.dumps(before))
    assert world.run()["50002"].outcome is Outcome.TRANSFERRED
    assert len(world.sandbox.xero.invoices.rows()) == 2


def test_what_never_left_is_certainly_not_booked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (1, 2):
        world.sandbox.qondor.add(payment(number))
    world.select()
    assert world.transfer("50001").outcome is Outcome.TRANSFERRED
    before = json.loads(os.environ[XERO])
    for host in ("http://127.0.0.1:9/xero", "http://nowhere.invalid/xero"):
        change(monkeypatch, XERO, host=host)
        with pytest.raises(TransientError, match="could not be reached for invoice"):
            world.transfer("50002")
        assert world.row("50002").intent_token is None
    monkeypatch.setenv(XERO, json.dumps(before))
    assert world.transfer("50002").outcome is Outcome.TRANSFERRED
