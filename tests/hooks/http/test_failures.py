from __future__ import annotations

import datetime as dt
import time
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from invoice_bridge.hooks.http.session import Answer
from invoice_bridge_core.errors import (
    ConfigurationError,
    GarbledAnswerError,
    LimitReachedError,
    OutcomeUnknownError,
    TransientError,
)
from tests.hooks.finance_hook import Clock, FinanceHook, create, read
from tests.hooks.scripted_server import DROP, Reply, ScriptedServer, reply, scripted_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import Response


@pytest.mark.parametrize("fault", [DROP, reply(None, 500), reply(None, 503), Reply(cut_short=True), Reply(delay=1.0)])
def test_a_write_whose_answer_is_lost_is_never_sent_again(
    connect: Callable[..., FinanceHook], server: ScriptedServer, clock: Clock, fault: Reply
) -> None:
    hook = connect(server.url, read_timeout=0.3)
    server.answers(fault)
    with pytest.raises(OutcomeUnknownError, match=r"creating invoice Q-10023.*whether it was done is not known"):
        create(hook)
    assert (len(server.seen), clock.slept) == (1, [])


@pytest.mark.parametrize("fault", [DROP, reply(None, 500), reply(None, 502), Reply(cut_short=True), Reply(delay=1.0)])
def test_a_read_is_tried_twice_more(
    connect: Callable[..., FinanceHook], server: ScriptedServer, clock: Clock, fault: Reply
) -> None:
    hook = connect(server.url, read_timeout=0.3)
    server.answers(fault, fault, reply({"fine": True}))
    assert read(hook).json() == {"fine": True}
    assert len(server.seen) == 3
    server.answers(fault)
    with pytest.raises(TransientError, match="reading invoice 1") as caught:
        read(hook)
    assert not isinstance(caught.value, OutcomeUnknownError)
    assert len(server.seen) == 6
    assert all(0 < seconds < 2 for seconds in clock.slept)


UNREADABLE = [
    Reply(body=b"<html>maintenance</html>", content_type="text/html"),
    Reply(body=b"<html>maintenance</html>"),
    Reply(body=b'{"half": '),
    Reply(body=b""),
    Reply(body='{"name": "Blåbær"}'.encode("latin-1")),
    Reply(body=b"{}", content_type="application/json; charset=iso-8859-1"),
    Reply(body=b'{"total": NaN}'),
    Reply(body=b'{"name": "\\ud800"}'),
    Reply(body=b"[" * 50_000),
    Reply(body=b"{}", content_type="image/png"),
]


@pytest.mark.parametrize("answer", UNREADABLE)
def test_an_unreadable_answer_is_no_answer(hook: FinanceHook, server: ScriptedServer, answer: Reply) -> None:
    server.answers(answer)
    with pytest.raises(GarbledAnswerError, match="Finance answered 200 to reading invoice 1 with something unreadable"):
        read(hook)
    with pytest.raises(OutcomeUnknownError, match="whether it was done is not known"):
        create(hook).json()
    assert [seen.method for seen in server.seen] == ["GET"] * 3 + ["PUT"]


@pytest.mark.parametrize(
    "answer",
    [
        UNREADABLE[0],
        Reply(body=b"\n <html>maintenance</html>", content_type="text/plain"),
        Reply(body=b"\xef\xbb\xbf<!DOCTYPE html>", content_type=None),
    ],
)
def test_a_page_is_no_answer_to_a_write_that_has_nothing_to_read(
    hook: FinanceHook, server: ScriptedServer, answer: Reply
) -> None:
    server.answers(answer)
    with pytest.raises(OutcomeUnknownError, match="answered 200 to creating invoice Q-10023 with a page"):
        create(hook)
    assert [seen.method for seen in server.seen] == ["PUT"]


def test_a_short_limit_is_waited_for_and_the_write_sent_again(
    hook: FinanceHook, server: ScriptedServer, clock: Clock
) -> None:
    server.answers(reply(None, 429, Retry_After="2"), reply(None, 429, Retry_After="7"), reply({"id": "1"}))
    assert create(hook).json() == {"id": "1"}
    assert len({(seen.method, seen.body) for seen in server.seen}) == 1
    assert len(server.seen) == 3
    assert [int(seconds) for seconds in clock.slept] == [2, 7]


def test_waiting_ends_after_a_minute_in_sum(hook: FinanceHook, server: ScriptedServer, clock: Clock) -> None:
    server.answers(reply(None, 429, Retry_After="40"))
    with pytest.raises(LimitReachedError) as caught:
        create(hook)
    assert (caught.value.retry_after, len(server.seen)) == (dt.timedelta(seconds=40), 2)
    assert sum(clock.slept) < 60


@pytest.mark.parametrize(("limit", "requests"), [("concurrent", 13), ("", 13), ("day", 1), ("minute", 1)])
def test_only_a_limit_that_passes_by_itself_is_waited_for_without_a_time(
    hook: FinanceHook, server: ScriptedServer, clock: Clock, limit: str, requests: int
) -> None:
    server.answers(reply(None, 429, X_Problem=limit))
    with pytest.raises(LimitReachedError) as caught:
        create(hook)
    assert (caught.value.limit, caught.value.retry_after, len(server.seen)) == (limit, None, requests)
    assert all(0.2 <= seconds <= 2 for seconds in clock.slept)


def test_retry_after_may_be_a_date(hook: FinanceHook, server: ScriptedServer) -> None:
    later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=2)
    server.answers(reply(None, 429, Retry_After=format_datetime(later, usegmt=True)))
    with pytest.raises(LimitReachedError) as caught:
        create(hook)
    assert caught.value.retry_after is not None
    assert abs(caught.value.retry_after - dt.timedelta(hours=2)) < dt.timedelta(seconds=5)


@pytest.mark.parametrize(
    "nonsense",
    ["soon", "-5", "NaN", "Mon, 99 Foo 2026 00:00:00 GMT", "١٢", f"Mon, 02 Nov 2026 00:00:00 +{'9' * 20}"],
)
def test_a_senseless_retry_after_is_none(nonsense: str) -> None:
    from invoice_bridge.hooks.http.failures import retry_after

    assert retry_after(Answer(429, {"Retry-After": nonsense}, b"")) is None


def test_503_with_a_short_wait_is_waited_for_by_reads(hook: FinanceHook, server: ScriptedServer, clock: Clock) -> None:
    server.answers(reply(None, 503, Retry_After="3"), reply({"fine": True}))
    assert read(hook).json() == {"fine": True}
    assert [int(seconds) for seconds in clock.slept] == [3]


@pytest.mark.parametrize("place", ["http://[bad/", "/caf\xe9", "http://finance.example:port/"])
def test_a_redirect_to_no_address_is_a_host_to_mend(hook: FinanceHook, server: ScriptedServer, place: str) -> None:
    server.answers(reply(None, 307, Location=place))
    with pytest.raises(ConfigurationError, match=r"307 to creating invoice Q-10023.*nothing was done"):
        create(hook)
    with pytest.raises(GarbledAnswerError, match=r"307 to reading invoice 1"):
        read(hook)


def test_an_answer_of_two_lengths_leaves_open_what_was_done(hook: FinanceHook, server: ScriptedServer) -> None:
    server.answers(reply({"id": "1"}, Content_Length="5"))
    with pytest.raises(OutcomeUnknownError, match=r"creating invoice Q-10023.*whether it was done is not known"):
        create(hook)
    with pytest.raises(TransientError, match="broke off its answer to reading invoice 1"):
        read(hook)
    assert [seen.method for seen in server.seen] == ["PUT"] + ["GET"] * 3


@pytest.mark.parametrize("trouble", [ValueError("odd"), OSError("odd")])
def test_trouble_that_nobody_announced_leaves_open_what_was_done(
    hook: FinanceHook, server: ScriptedServer, trouble: Exception
) -> None:
    def fail(response: Response, **_: object) -> None:
        response.close()
        raise trouble

    hook.get_conn().hooks["response"].append(fail)
    with pytest.raises(OutcomeUnknownError, match=r"creating invoice Q-10023.*whether it was done is not known"):
        create(hook)
    with pytest.raises(GarbledAnswerError, match="reading invoice 1"):
        read(hook)
    assert [seen.method for seen in server.seen] == ["PUT"] + ["GET"] * 3


def refused_address() -> str:
    with scripted_server() as stopped:
        return stopped.url


def test_a_write_that_was_never_sent_is_not_in_doubt(connect: Callable[..., FinanceHook]) -> None:
    hook = connect(refused_address())
    with pytest.raises(TransientError, match=r"could not be reached for creating invoice Q-10023.*refused") as caught:
        create(hook)
    assert not isinstance(caught.value, OutcomeUnknownError)


def test_a_name_that_does_not_resolve_is_not_in_doubt(connect: Callable[..., FinanceHook]) -> None:
    with pytest.raises(TransientError, match="could not be reached") as caught:
        create(connect("http://finance.invalid"))
    assert not isinstance(caught.value, OutcomeUnknownError)


def test_an_earlier_failure_to_connect_does_not_make_a_lost_write_look_unsent(
    connect: Callable[..., FinanceHook], server: ScriptedServer
) -> None:
    unreachable, dropping = connect(refused_address()), connect(server.url)
    server.answers(DROP)
    try:
        create(unreachable)
    except TransientError:
        with pytest.raises(OutcomeUnknownError):
            create(dropping)


def test_a_slow_server_is_not_waited_for_longer_than_the_timeout(
    connect: Callable[..., FinanceHook], server: ScriptedServer
) -> None:
    server.answers(Reply(delay=2.0))
    started = time.monotonic()
    with pytest.raises(OutcomeUnknownError, match="did not answer in time"):
        create(connect(server.url, read_timeout=0.2))
    assert time.monotonic() - started < 1.5
