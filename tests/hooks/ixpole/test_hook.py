from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest

from invoice_bridge.hooks.ixpole.hook import IxpoleHook
from invoice_bridge_core.errors import (
    ConfigurationError,
    CredentialsRefusedError,
    LimitReachedError,
    NotFoundError,
    OutcomeUnknownError,
    RefusedError,
    UnreadableError,
)
from sandbox.ixpole.tenants import ARENA, CLUB
from tests.hooks.scripted_server import DROP, ScriptedServer, reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.ixpole.tenants import Tenant
    from sandbox.sandbox import Sandbox

    Connect = Callable[[dict[str, Any]], IxpoleHook]

TOKEN = reply({"access_token": "token-one", "token_type": "bearer", "expires_in": 3600})
INSTALMENT = {"InstalmentCode": "I-1", "AmountInclVat": Decimal("636.00"), "Lines": []}
WRITES: list[Callable[[IxpoleHook], None]] = [
    lambda hook: hook.update_instalment({"InstalmentCode": "I-1", "InvoiceNumber": "D7"}),
    lambda hook: hook.set_customer_code("311", "K-1"),
]


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    hooks: list[IxpoleHook] = []

    def make(connection: dict[str, Any]) -> IxpoleHook:
        monkeypatch.setenv("AIRFLOW_CONN_IXPOLE_DEFAULT", json.dumps({"conn_type": "ixpole", **connection}))
        hooks.append(IxpoleHook(sleep=lambda _: None))
        return hooks[-1]

    yield make
    for hook in hooks:
        if hook._session is not None:
            hook._session.close()


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset(documents=0, data="plain")
    for tenant in (CLUB, ARENA):
        running.ixpole.add(INSTALMENT, tenant)
        running.ixpole.add_customer({"CustomerId": 311, "CustomerCode": None, "Name": "Acme"}, tenant)
        running.ixpole.add_product({"ProductId": 5, "ProductCode": "VIP"}, tenant)
    return running


def hook_of(sandbox: Sandbox, connect: Connect, tenant: Tenant = CLUB) -> IxpoleHook:
    return connect(sandbox.connections[tenant.conn_id])


def scripted(server: ScriptedServer, connect: Connect, **extra: Any) -> IxpoleHook:
    return connect({"host": server.url, "login": "me", "password": "my-secret", "extra": extra})


@pytest.mark.parametrize("tenant", [CLUB, ARENA], ids=lambda tenant: tenant.name)
def test_both_tenants_whichever_customer_path_they_have(sandbox: Sandbox, connect: Connect, tenant: Tenant) -> None:
    hook = hook_of(sandbox, connect, tenant)
    [instalment] = hook.instalments()
    assert {str(value) for value in instalment.values()} >= {"I-1", "636.00"}
    assert "Acme" in hook.customer("311").values()
    assert "VIP" in hook.product("5").values()
    hook.set_customer_code("311", "K-1")
    assert "K-1" in hook.customer("311").values()
    hook.update_instalment({"InstalmentCode": "I-1", "InvoiceNumber": "D7"})
    assert sandbox.ixpole.told("I-1", tenant)["Status"] == "Pending"


def test_money_is_read_digit_by_digit(sandbox: Sandbox, connect: Connect) -> None:
    [instalment] = hook_of(sandbox, connect).instalments()
    assert repr(instalment["AmountInclVat"]) == "Decimal('636.00')"


def test_each_path_is_tried_once_and_then_the_customer_is_unknown(sandbox: Sandbox, connect: Connect) -> None:
    hook = hook_of(sandbox, connect)
    for call in (lambda: hook.customer("404"), lambda: hook.set_customer_code("404", "K-1")):
        before = hook.calls
        with pytest.raises(NotFoundError, match="customer 404"):
            call()
        assert hook.calls == before + 2
    with pytest.raises(NotFoundError, match="reading product 404"):
        hook.product("404")


def test_the_secret_is_in_the_form_and_the_token_url_is_below_the_host(
    server: ScriptedServer, connect: Connect
) -> None:
    server.answers(TOKEN, reply([]))
    scripted(server, connect).instalments()
    asked, listed = server.seen
    assert (asked.method, asked.path) == ("POST", "/oauth/token")
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["me"],
        "client_secret": ["my-secret"],
    }
    assert "Authorization" not in asked.headers
    assert (listed.path, listed.headers["Authorization"]) == ("/api/instalments", "Bearer token-one")


def test_the_token_url_can_be_named(server: ScriptedServer, connect: Connect) -> None:
    server.answers(TOKEN, reply([]))
    scripted(server, connect, token_url=f"{server.url}/identity/token").instalments()
    assert server.seen[0].path == "/identity/token"


def test_a_token_is_asked_for_once_and_again_before_it_ends(sandbox: Sandbox, connect: Connect) -> None:
    hook = hook_of(sandbox, connect)
    for _ in range(3):
        hook.instalments()
    assert sandbox.calls()["ixpole"]["tokens"] == 1


def test_a_refused_token_is_outdated_once_and_a_write_sent_again(sandbox: Sandbox, connect: Connect) -> None:
    hook = hook_of(sandbox, connect)
    hook.instalments()
    sandbox.ixpole.identity.expire_all()
    hook.update_instalment({"InstalmentCode": "I-1", "InvoiceNumber": "D7"})
    assert sandbox.ixpole.told("I-1")["Status"] == "Pending"
    assert sandbox.calls()["ixpole"]["tokens"] == 2


def test_a_token_that_is_never_good_is_a_matter_of_credentials(server: ScriptedServer, connect: Connect) -> None:
    server.answers(TOKEN, reply({}, 401), TOKEN, reply({}, 401))
    with pytest.raises(CredentialsRefusedError, match="ixpole_default"):
        scripted(server, connect).instalments()
    assert len(server.seen) == 4


def test_wrong_credentials_name_the_connection_and_no_secret(sandbox: Sandbox, connect: Connect) -> None:
    hook = connect(sandbox.connections["ixpole_default"] | {"password": "another-secret"})
    with pytest.raises(CredentialsRefusedError, match=r"invalid_client.*ixpole_default") as refusal:
        hook.instalments()
    assert "another-secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("extra", "sent"),
    [
        ({"api_version_header": "X-Api-Version", "api_version": "2"}, "2"),
        ({"api_version_header": "X-Api-Version"}, None),
        ({"api_version": "2"}, None),
        ({"api_version_header": " ", "api_version": "2"}, None),
        ({}, None),
    ],
    ids=str,
)
def test_the_api_version_is_sent_only_when_header_and_version_are_set(
    server: ScriptedServer, connect: Connect, extra: dict[str, str], sent: str | None
) -> None:
    server.answers(TOKEN, reply([]), reply(None, 204))
    hook = scripted(server, connect, **extra)
    hook.instalments()
    hook.set_customer_code("311", "K-1")
    assert [seen.headers.get("X-Api-Version") for seen in server.seen] == [None, sent, sent]


@pytest.mark.parametrize("header", ["Authorization", "X Version", "X:Y", "é"])
def test_what_is_no_version_header_is_named(server: ScriptedServer, connect: Connect, header: str) -> None:
    hook = scripted(server, connect, api_version_header=header, api_version="2")
    with pytest.raises(ConfigurationError, match="extra api_version_header is not a header's name"):
        hook.instalments()
    assert server.seen == []


@pytest.mark.parametrize("customer_id", ["", "..", "1/2", "../products/5", "1?x=1", "1%2e", "a b", "x" * 65])
def test_what_cannot_be_an_id_never_reaches_a_path(server: ScriptedServer, connect: Connect, customer_id: str) -> None:
    hook = scripted(server, connect)
    for call in (
        lambda: hook.customer(customer_id),
        lambda: hook.set_customer_code(customer_id, "K-1"),
        lambda: hook.product(customer_id),
    ):
        with pytest.raises(NotFoundError, match="that is not an id"):
            call()
    assert server.seen == []


def test_a_wrong_host_is_a_matter_of_the_connection(server: ScriptedServer, connect: Connect) -> None:
    server.answers(TOKEN, reply({"message": "Not found"}, 404))
    with pytest.raises(ConfigurationError, match="ixpole_default is the tenant's base URL"):
        scripted(server, connect).instalments()


def test_a_missing_token_url_is_looked_for_in_the_setting_it_came_from(
    server: ScriptedServer, connect: Connect
) -> None:
    server.answers(reply({"message": "Not found"}, 404))
    with pytest.raises(ConfigurationError, match=r"404.*; check host of connection ixpole_default"):
        scripted(server, connect).instalments()
    with pytest.raises(ConfigurationError, match=r"404.*; check token_url of connection ixpole_default"):
        scripted(server, connect, token_url=f"{server.url}/identity/token").instalments()


@pytest.mark.parametrize("body", [{"items": []}, "none", None, 7])
def test_a_list_that_is_none_is_unreadable(server: ScriptedServer, connect: Connect, body: object) -> None:
    server.answers(TOKEN, reply([]) if body is None else reply(body))
    hook = scripted(server, connect)
    if body is None:
        assert hook.instalments() == []
        return
    with pytest.raises(UnreadableError, match="is not a list"):
        hook.instalments()


@pytest.mark.parametrize("write", WRITES, ids=["instalment", "customer"])
@pytest.mark.parametrize("status", [400, 422])
def test_a_refusal_carries_ixpoles_text(
    server: ScriptedServer, connect: Connect, write: Callable[[IxpoleHook], None], status: int
) -> None:
    server.answers(TOKEN, reply({"message": "The number is too long."}, status))
    with pytest.raises(RefusedError, match=r"The number is too long\."):
        write(scripted(server, connect))
    assert len(server.seen) == 2


@pytest.mark.parametrize("write", WRITES, ids=["instalment", "customer"])
@pytest.mark.parametrize("answer", [DROP, reply({}, 500)], ids=["dropped", "500"])
def test_a_write_whose_answer_is_lost_is_not_sent_again(
    server: ScriptedServer, connect: Connect, write: Callable[[IxpoleHook], None], answer: Any
) -> None:
    server.answers(TOKEN, answer)
    with pytest.raises(OutcomeUnknownError):
        write(scripted(server, connect))
    assert len(server.seen) == 2


@pytest.mark.parametrize("status", [429, 503])
def test_a_limit_is_waited_for_and_a_long_one_left_to_the_task(
    server: ScriptedServer, connect: Connect, status: int
) -> None:
    server.answers(TOKEN, reply({}, status, Retry_After="1"), reply(None, 204))
    WRITES[0](scripted(server, connect))
    assert len(server.seen) == 3
    server.answers(TOKEN, reply({}, status, Retry_After="4000"))
    with pytest.raises(LimitReachedError) as limit:
        WRITES[0](scripted(server, connect))
    assert limit.value.retry_after is not None
    assert limit.value.retry_after.total_seconds() == 4000


def test_the_connection_can_be_tested(sandbox: Sandbox, connect: Connect) -> None:
    assert hook_of(sandbox, connect).test_connection() == (True, "iXpole answered; instalments waiting: 1")
