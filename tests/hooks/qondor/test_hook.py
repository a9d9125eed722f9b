from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.errors import (
    ConfigurationError,
    CredentialsRefusedError,
    LimitReachedError,
    NotFoundError,
    OutcomeUnknownError,
    RefusedError,
    UnreadableError,
)
from tests.hooks.scripted_server import DROP, ScriptedServer, reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge.hooks.qondor.hook import QondorHook
    from sandbox.sandbox import Sandbox


def scripted_hook(server: ScriptedServer, connect: Callable[[dict[str, Any]], QondorHook]) -> QondorHook:
    return connect({"host": f"{server.url}/Prod", "password": "key-of-qondor"})


def state(sandbox: Sandbox, name: str = "statusText") -> object:
    return sandbox.qondor.rules.read(12345).get(name)


def test_a_payment_goes_its_way(qondor: QondorHook, sandbox: Sandbox) -> None:
    assert [entry["id"] for entry in qondor.unprocessed_invoices()] == [12345]
    assert qondor.invoice("12345")["invoiceNumber"] == "Q-10023"
    qondor.set_as_processed("12345", "FIN-1")
    assert (state(sandbox), state(sandbox, "externalReference")) == ("Processed", "FIN-1")
    qondor.set_as_paid("12345", dt.date(2026, 11, 20))
    assert (state(sandbox), state(sandbox, "paidDate")) == ("Paid", "2026-11-20")
    assert sandbox.calls()["qondor"]["writes"] == 2


def test_a_payment_fails_for_good(qondor: QondorHook, sandbox: Sandbox) -> None:
    qondor.set_as_failed("12345", "Article code 'X' not found in finance system")
    assert (state(sandbox), state(sandbox, "failureMessage")) == (
        "Failed",
        "Article code 'X' not found in finance system",
    )
    assert qondor.unprocessed_invoices() == []


def test_a_broken_rule_is_a_refusal_with_qondors_reason(qondor: QondorHook) -> None:
    with pytest.raises(RefusedError, match="setting payment 12345 as paid: Status: Invoice 12345 is unprocessed"):
        qondor.set_as_paid("12345", dt.date(2026, 11, 20))


def test_an_unknown_id_is_not_found(qondor: QondorHook) -> None:
    with pytest.raises(NotFoundError, match="reading payment 999"):
        qondor.invoice("999")
    with pytest.raises(NotFoundError, match="setting payment 999 as processed"):
        qondor.set_as_processed("999", "FIN-1")


@pytest.mark.parametrize("source_id", ["", "..", "1/2", "../Customer/1", "1?x=1", "1%2e", "a b", "١", "x" * 65, "1\n"])
def test_what_cannot_be_an_id_never_reaches_a_path(
    server: ScriptedServer, connect: Callable[[dict[str, Any]], QondorHook], source_id: str
) -> None:
    hook = scripted_hook(server, connect)
    for call in (hook.invoice, lambda each: hook.set_as_processed(each, "FIN-1")):
        with pytest.raises(NotFoundError, match="that is not an id"):
            call(source_id)
    assert server.seen == []


def test_ids_are_numbers_in_bodies_where_they_are_numbers(
    server: ScriptedServer, connect: Callable[[dict[str, Any]], QondorHook]
) -> None:
    hook = scripted_hook(server, connect)
    for source_id in ("12345", "INV-7", "007"):
        hook.set_as_processed(source_id, "FIN-1")
    assert [json.loads(seen.body) for seen in server.seen] == [
        {"invoiceId": 12345, "externalReference": "FIN-1"},
        {"invoiceId": "INV-7", "externalReference": "FIN-1"},
        {"invoiceId": "007", "externalReference": "FIN-1"},
    ]


def test_the_key_travels_in_its_header_below_the_environment_segment(
    server: ScriptedServer, connect: Callable[[dict[str, Any]], QondorHook]
) -> None:
    server.answers(reply([]))
    scripted_hook(server, connect).unprocessed_invoices()
    sent = server.seen[0]
    assert sent.path == "/Prod/Invoicing/v1/Invoice/GetAllUnprocessedInvoices"
    assert sent.headers["Ocp-Apim-Subscription-Key"] == "key-of-qondor"
    assert "Authorization" not in sent.headers


@pytest.mark.parametrize("status", [429, 503])
def test_a_limit_is_waited_for_and_the_write_sent_again(
    server: ScriptedServer, connect: Callable[[dict[str, Any]], QondorHook], status: int
) -> None:
    server.answers(reply(None, status, Retry_After="1"), reply(None, 204))
    scripted_hook(server, connect).set_as_processed("1", "FIN-1")
    assert len(server.seen) == 2
    server.answers(reply(None, status, Retry_After="7200"))
    with pytest.raises(LimitReachedError) as caught:
        scripted_hook(server, connect).set_as_processed("1", "FIN-1")
    assert (caught.value.retry_after, len(server.seen)) == (dt.timedelta(hours=2), 3)


@pytest.mark.parametrize("fault", [reply(None, 500), reply(None, 502), DROP])
def test_a_lost_answer_to_a_set_call_is_not_followed_by_another(
    server: ScriptedServer, connect: Callable[[dict[str, Any]], QondorHook], fault: Any
) -> None:
    server.answers(fault)
    with pytest.raises(OutcomeUnknownError, match="setting payment 1 as failed"):
        scripted_hook(server, connect).set_as_failed("1", "wrong")
    assert len(server.seen) == 1


def test_a_wrong_key_is_refused_without_being_shown(
    sandbox: Sandbox, connect: Callable[[dict[str, Any]], QondorHook], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    hook = connect({**sandbox.connections["qondor_default"], "password": "wrong-key-4711"})
    with pytest.raises(CredentialsRefusedError, match=r"invalid subscription key.*qondor_default") as caught:
        hook.unprocessed_invoices()
    assert "wrong-key-4711" not in str(caught.value) + caplog.text


@pytest.mark.parametrize("password", [None, "", "  ", "schlüssel", "two\nlines"])
def test_a_missing_key_is_named_before_anything_is_sent(
    server: ScriptedServer, connect: Callable[[dict[str, Any]], QondorHook], password: str | None
) -> None:
    with pytest.raises(ConfigurationError, match=r"qondor_default \(Qondor\) has no usable password"):
        connect({"host": server.url, "password": password}).unprocessed_invoices()
    assert server.seen == []


def test_a_host_without_its_segment_is_a_setting_to_mend(
    sandbox: Sandbox, connect: Callable[[dict[str, Any]], QondorHook]
) -> None:
    connection = sandbox.connections["qondor_default"]
    hook = connect({**connection, "host": connection["host"].removesuffix("/Test")})
    with pytest.raises(ConfigurationError, match="environment segment"):
        hook.unprocessed_invoices()


def test_a_queue_that_is_no_list_and_a_payment_that_is_no_object_are_unreadable(
    server: ScriptedServer, connect: Callable[[dict[str, Any]], QondorHook]
) -> None:
    hook = scripted_hook(server, connect)
    with pytest.raises(UnreadableError, match="is not a list"):
        hook.unprocessed_invoices()
    server.answers(reply([]))
    with pytest.raises(UnreadableError, match="is not a payment"):
        hook.invoice("1")


def test_the_connection_can_be_tested(qondor: QondorHook) -> None:
    assert qondor.test_connection() == (True, "Qondor answered; payments waiting: 1")
