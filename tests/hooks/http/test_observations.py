"""What a hook tells of its connection: whether it was accepted, what is left of the day, which one an error is of."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from invoice_bridge.hooks.xero.hook import XeroHook
from invoice_bridge_core.errors import BridgeError, CredentialsRefusedError, LimitReachedError
from tests.hooks.finance_hook import FinanceHook, create, read
from tests.hooks.scripted_server import ScriptedServer, connection_json, reply

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_success_shows_that_the_credentials_work(hook: FinanceHook, server: ScriptedServer) -> None:
    assert not hook.observations.accepted
    server.answers(reply(None, 401))
    with pytest.raises(CredentialsRefusedError):
        read(hook)
    assert not hook.observations.accepted
    server.answers(reply({}))
    read(hook)
    assert hook.observations.accepted


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_every_error_names_its_connection(hook: FinanceHook, server: ScriptedServer, status: int) -> None:
    server.answers(reply(None, status, X_Problem="day"))
    with pytest.raises(BridgeError) as caught:
        create(hook)
    assert caught.value.conn_id == "finance_default"


def test_an_error_on_the_way_names_its_connection(connect: Callable[..., FinanceHook]) -> None:
    with pytest.raises(BridgeError) as caught:
        read(connect("http://finance.invalid"))
    assert caught.value.conn_id == "finance_default"


@pytest.fixture
def xero(monkeypatch: pytest.MonkeyPatch, server: ScriptedServer) -> XeroHook:
    values = {"conn_type": "xero", "host": server.url, "login": "id", "password": "secret"}
    extra = {"token_url": f"{server.url}/connect/token"}
    monkeypatch.setenv("AIRFLOW_CONN_XERO_DEFAULT", connection_json(**values, extra=extra))
    return XeroHook(sleep=lambda _: None)


TOKEN = reply({"access_token": "token", "expires_in": 1800})


@pytest.mark.parametrize(
    ("header", "left"), [("4999", 4999), ("0", 0), ("", None), ("-1", None), ("many", None), ("9" * 30, None)]
)
def test_the_newest_answer_says_what_is_left_of_the_day(
    xero: XeroHook, server: ScriptedServer, header: str, left: int | None
) -> None:
    server.answers(TOKEN, reply({"Organisations": [{}]}, X_DayLimit_Remaining=header))
    xero.organisation()
    assert xero.observations.day_left == left


def test_a_refusal_tells_what_is_left_too(xero: XeroHook, server: ScriptedServer) -> None:
    server.answers(TOKEN, reply(None, 429, X_DayLimit_Remaining="0", X_Rate_Limit_Problem="day"))
    with pytest.raises(LimitReachedError) as caught:
        xero.organisation()
    assert (xero.observations.day_left, caught.value.limit, caught.value.retry_after) == (0, "day", None)
    server.answers(reply(None, 429, X_Rate_Limit_Problem="day", Retry_After="20"))
    with pytest.raises(LimitReachedError) as caught:
        xero.organisation()
    assert caught.value.retry_after == dt.timedelta(minutes=5)
