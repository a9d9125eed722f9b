from __future__ import annotations

import datetime as dt
import json
import logging
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.errors import (
    BridgeError,
    ConfigurationError,
    CredentialsRefusedError,
    GarbledAnswerError,
    LimitReachedError,
    NotFoundError,
    OutcomeUnknownError,
    RefusedError,
    TransientError,
)
from tests.hooks.finance_hook import SECRET, FinanceHook, RenewableBearer, create, read
from tests.hooks.scripted_server import Reply, ScriptedServer, reply, scripted_server

if TYPE_CHECKING:
    from collections.abc import Callable


def test_money_travels_exactly(hook: FinanceHook, server: ScriptedServer) -> None:
    server.answers(Reply(body=b'{"total": 1234567890123456.78, "quantity": 2, "price": 10.10}'))
    answer = hook.call("PUT", "x", json={"a": Decimal("0.1"), "b": Decimal("10.10")}, what="creating x").json()
    assert server.seen[0].body == b'{"a":0.1,"b":10.10}'
    assert [str(answer[key]) for key in ("total", "quantity", "price")] == ["1234567890123456.78", "2", "10.10"]
    assert isinstance(answer["total"], Decimal)
    assert isinstance(answer["quantity"], int)


def test_only_our_own_headers_travel(connect: Callable[..., FinanceHook], server: ScriptedServer) -> None:
    extra = {"tenant_id": "t-1", "refresh_token": "rt-in-extra", "timeout": 1}
    hook = connect(server.url, extra=extra, login="client")
    hook.call("GET", "/a b", params={"where": 'Email=="a+b&c"'}, headers={"X-Mine": "1"}, what="reading")
    sent = server.seen[0]
    assert "rt-in-extra" not in json.dumps(dict(sent.headers))
    assert {name.lower() for name in sent.headers} == {
        "host", "user-agent", "accept", "accept-encoding", "connection", "authorization", "x-mine"
    }  # fmt: skip
    assert sent.headers["Accept"] == "application/json"
    assert sent.path == "/a%20b?where=Email%3D%3D%22a%2Bb%26c%22"


def test_one_connection_serves_all_calls_of_a_hook(hook: FinanceHook, server: ScriptedServer) -> None:
    for _ in range(3):
        read(hook)
    create(hook)
    assert len({seen.connection for seen in server.seen}) == 1
    assert hook.calls == 4


@pytest.mark.parametrize(
    ("status", "of_read", "of_write"),
    [
        (400, RefusedError, RefusedError),
        (401, CredentialsRefusedError, CredentialsRefusedError),
        (403, CredentialsRefusedError, CredentialsRefusedError),
        (404, NotFoundError, NotFoundError),
        (405, RefusedError, RefusedError),
        (410, RefusedError, RefusedError),
        (413, RefusedError, RefusedError),
        (415, RefusedError, RefusedError),
        (421, RefusedError, RefusedError),
        (499, TransientError, OutcomeUnknownError),
        (408, TransientError, OutcomeUnknownError),
        (409, RefusedError, RefusedError),
        (422, RefusedError, RefusedError),
        (429, LimitReachedError, LimitReachedError),
        (500, TransientError, OutcomeUnknownError),
        (502, TransientError, OutcomeUnknownError),
        (503, TransientError, OutcomeUnknownError),
        (504, TransientError, OutcomeUnknownError),
        (599, TransientError, OutcomeUnknownError),
        (302, GarbledAnswerError, ConfigurationError),
        (303, GarbledAnswerError, OutcomeUnknownError),
        (600, GarbledAnswerError, OutcomeUnknownError),
    ],
)
def test_a_status_becomes_the_error_by_what_one_can_do_about_it(
    hook: FinanceHook, server: ScriptedServer, status: int, of_read: type[BridgeError], of_write: type[BridgeError]
) -> None:
    server.answers(reply({"message": "organisation offline"}, status, Retry_After="3600"))
    for call, expected, what in ((read, of_read, "reading invoice 1"), (create, of_write, "creating invoice Q-10023")):
        with pytest.raises(BridgeError) as caught:
            call(hook)
        assert type(caught.value) is expected
        assert str(caught.value).startswith(f"Finance answered {status} to {what}: organisation offline")
        if isinstance(caught.value, TransientError) and 400 <= status < 600:
            assert caught.value.retry_after == dt.timedelta(hours=1)
    assert sum(seen.method == "PUT" for seen in server.seen) == 1


@pytest.mark.parametrize("content_type", [None, "text/json", "application/problem+json; charset=UTF-8"])
def test_json_under_another_fitting_name_is_read(
    hook: FinanceHook, server: ScriptedServer, content_type: str | None
) -> None:
    server.answers(Reply(body=b'\xef\xbb\xbf{"name": "Bl\xc3\xa5b\xc3\xa6r"}', content_type=content_type))
    assert read(hook).json() == {"name": "Blåbær"}


def test_a_redirect_is_not_followed_and_nothing_goes_elsewhere(hook: FinanceHook, server: ScriptedServer) -> None:
    with scripted_server() as elsewhere:
        server.answers(reply(None, 307, Location=f"{elsewhere.url}/invoices"))
        with pytest.raises(ConfigurationError, match=r"307.*redirect.*nothing was done.*finance_default"):
            create(hook)
        with pytest.raises(GarbledAnswerError, match=r"307.*redirect"):
            read(hook)
        assert elsewhere.seen == []


def test_no_secret_reaches_a_log_or_a_message(
    hook: FinanceHook,
    server: ScriptedServer,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    body = {"message": f"the key {SECRET} is wrong", "customer": "Kari Nordmann"}
    server.answers(reply(body, 400), reply({"name": "Kari Nordmann"}), reply(body, 500))
    with pytest.raises(RefusedError, match=r"the key \*\*\* is wrong") as caught:
        create(hook)
    assert caught.value.reasons == ("the key *** is wrong",)
    read(hook)
    with pytest.raises(OutcomeUnknownError):
        create(hook)
    # Hooks log through Airflow's structlog, which writes to the standard output here.
    logs = caplog.text + capsys.readouterr().out
    assert SECRET not in logs
    assert "Nordmann" not in logs


@pytest.mark.parametrize(
    ("answer", "reasons"),
    [
        (reply({"title": "T", "errors": {"A": ["one", "two"], "B": "three"}}, 400), ("A: one", "A: two", "B: three")),
        (reply({"title": "Only a title", "status": 400}, 400), ("Only a title",)),
        (reply({"statusCode": 401, "message": "No"}, 400), ("No",)),
        (reply({"Detail": "Deep", "Errors": None}, 400), ("Deep",)),
        (reply({"errors": ["x", {"F": ["y"]}, 7]}, 400), ("x",)),
        (reply("just text", 400), ("just text",)),
        (reply(None, 400), ()),
        (Reply(400, b"plain\x00\r\n\x1b[31mtext", "text/plain"), ("plain [31mtext",)),
        (Reply(400, b"<html><h1>Oops</h1></html>", "text/html"), ()),
        (Reply(400, b"x" * 5000, "text/plain"), ("x" * 299 + "…",)),
        (Reply(400, b"\xff\xfe", "text/plain"), ("\ufffd\ufffd",)),
    ],
)
def test_reasons_are_the_systems_own_texts_made_fit_to_be_shown(
    hook: FinanceHook, server: ScriptedServer, answer: Reply, reasons: tuple[str, ...]
) -> None:
    server.answers(answer)
    with pytest.raises(RefusedError) as caught:
        create(hook)
    assert caught.value.reasons == reasons


def test_a_token_is_outdated_once_on_401_and_the_write_sent_again(hook: FinanceHook, server: ScriptedServer) -> None:
    hook.auth = RenewableBearer("old", "new", "newer")
    server.answers(reply(None, 401), reply({"id": "1"}))
    assert create(hook).json() == {"id": "1"}
    assert [seen.headers["Authorization"] for seen in server.seen] == ["Bearer old", "Bearer new"]
    server.answers(reply({"Detail": "AuthorizationUnsuccessful"}, 401))
    with pytest.raises(CredentialsRefusedError, match=r"AuthorizationUnsuccessful.*finance_default"):
        create(hook)
    assert [seen.headers["Authorization"] for seen in server.seen[2:]] == ["Bearer new", "Bearer newer"]


def test_the_providers_own_way_of_sending_is_closed(hook: FinanceHook) -> None:
    with pytest.raises(NotImplementedError, match=r"call\(\)"):
        hook.run("/invoices")
