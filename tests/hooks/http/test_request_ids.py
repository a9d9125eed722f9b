"""What an error carries for the vendor's support: the answer's status and the vendor's own id of the request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invoice_bridge.hooks.xero.hook import XeroHook
from invoice_bridge_core.errors import (
    BridgeError,
    ConfigurationError,
    CredentialsRefusedError,
    HeldError,
    OutcomeUnknownError,
    RefusedError,
    TransientError,
    UnreadableError,
)
from tests.hooks.finance_hook import SECRET, FinanceHook, create, read
from tests.hooks.identity import Clock, client, service
from tests.hooks.scripted_server import DROP, Reply, ScriptedServer, connection_json, reply

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = reply({"access_token": "token-of-xero", "expires_in": 1800})


@pytest.fixture
def xero(monkeypatch: pytest.MonkeyPatch, server: ScriptedServer) -> XeroHook:
    extra = {"token_url": f"{server.url}/connect/token"}
    values = {"conn_type": "xero", "host": server.url, "login": "id", "password": "secret-of-xero", "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_XERO_DEFAULT", connection_json(**values))
    return XeroHook(sleep=lambda _: None)


@pytest.mark.parametrize("header", ["X-Request-Id", "x-correlation-id"])
@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 409, 422, 429, 500, 503])
def test_every_error_about_an_answer_carries_its_status_and_request_id(
    hook: FinanceHook, server: ScriptedServer, status: int, header: str
) -> None:
    server.answers(Reply(status, headers={header: "0f2c-77"}))
    for call in (read, create):
        with pytest.raises(BridgeError) as caught:
            call(hook)
        assert (caught.value.status, caught.value.request_id) == (status, "0f2c-77")


def test_passing_trouble_shows_the_request_id_in_its_text(hook: FinanceHook, server: ScriptedServer) -> None:
    server.answers(reply({"message": "offline"}, 503, X_Request_Id="0f2c-77"))
    with pytest.raises(TransientError) as caught:
        read(hook)
    assert str(caught.value) == "Finance answered 503 to reading invoice 1: offline (request 0f2c-77)"
    assert caught.value.text == "Finance answered 503 to reading invoice 1: offline"


def test_the_reason_why_a_document_is_held_stays_the_same_from_call_to_call(
    hook: FinanceHook, server: ScriptedServer, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = set()
    for request_id in ("0f2c-77", "0f2c-78"):
        server.answers(reply({"message": "no such account"}, 400, X_Request_Id=request_id))
        with pytest.raises(RefusedError) as caught:
            create(hook)
        texts.add(str(caught.value))
        assert f"Finance answered 400 to creating invoice Q-10023 (request {request_id})" in capsys.readouterr().out
    assert texts == {"Finance answered 400 to creating invoice Q-10023: no such account"}


def test_a_success_that_cannot_be_read_names_its_request(hook: FinanceHook, server: ScriptedServer) -> None:
    server.answers(Reply(body=b'{"half": ', headers={"X-Request-Id": "0f2c-77"}))
    with pytest.raises(OutcomeUnknownError, match=r"\(request 0f2c-77\)$") as caught:
        create(hook).json()
    assert (caught.value.status, caught.value.conn_id) == (200, "finance_default")
    server.answers(reply({}, X_Request_Id="0f2c-78"))
    with pytest.raises(UnreadableError) as unreadable:
        read(hook).json_list()
    assert (unreadable.value.status, unreadable.value.request_id) == (200, "0f2c-78")


def test_no_answer_has_no_status(hook: FinanceHook, server: ScriptedServer) -> None:
    server.answers(DROP)
    with pytest.raises(OutcomeUnknownError) as caught:
        create(hook)
    assert (caught.value.status, caught.value.request_id) == (None, None)
    server.answers(reply(None, 500))
    with pytest.raises(OutcomeUnknownError, match=r"whether it was done is not known$") as caught:
        create(hook)
    assert (caught.value.status, caught.value.request_id) == (500, None)


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("a" * 5000, "a" * 99 + "…"),
        ("one\ttwo \x1b[31m", "one two [31m"),
        ("  ", None),
        (SECRET, None),
        (f"Bearer {SECRET}", None),
        (f"7/{SECRET}/1", None),
        ("Q-10023", None),
        ("7", "7"),
    ],
)
def test_a_request_id_is_short_printable_and_nothing_that_was_sent(
    hook: FinanceHook, server: ScriptedServer, told: str, shown: str | None
) -> None:
    server.answers(Reply(400, headers={"X-Request-Id": told}))
    with pytest.raises(RefusedError) as caught:
        create(hook)
    assert caught.value.request_id == shown


def test_xero_tells_it_under_a_name_of_its_own(xero: XeroHook, server: ScriptedServer) -> None:
    server.answers(TOKEN, reply({}, 400, X_Request_Id="of-a-gateway", Xero_Correlation_Id="31ee-xero"))
    with pytest.raises(RefusedError) as caught:
        xero.organisation()
    assert caught.value.request_id == "31ee-xero"


def test_an_element_that_xero_refused_names_its_request(xero: XeroHook, server: ScriptedServer) -> None:
    refused = {"Items": [{"StatusAttributeString": "ERROR", "ValidationErrors": [{"Message": "no"}]}]}
    server.answers(TOKEN, reply(refused, Xero_Correlation_Id="31ee-xero"))
    with pytest.raises(RefusedError, match=r"Xero refused item VIP: no$") as caught:
        xero.create_item({"Code": "VIP"}, idempotency_key="k-1")
    assert (caught.value.status, caught.value.request_id, caught.value.conn_id) == (200, "31ee-xero", "xero_default")


def test_an_identity_service_names_its_request_too(server: ScriptedServer) -> None:
    from invoice_bridge.hooks.auth.tokens import MemoryTokenStore

    server.answers(reply({"error": "invalid_client"}, 401, X_Correlation_Id="0f2c-77"))
    with pytest.raises(CredentialsRefusedError) as caught:
        client(server, Clock(), MemoryTokenStore()).access_token()
    assert (caught.value.status, caught.value.request_id) == (401, "0f2c-77")


def test_an_identity_service_that_cannot_be_called_is_a_setting_to_mend(server: ScriptedServer) -> None:
    from invoice_bridge.hooks.auth.tokens import MemoryTokenStore

    identity = service(Clock())
    identity.transport.session.verify = "/nowhere/to/be/found.pem"
    identity.transport.session.trust_env = False
    auth = client(server, Clock(), MemoryTokenStore(), service=identity, url="https://127.0.0.1:9/token")
    with pytest.raises(ConfigurationError, match=r"xero_default.*a certificate file that does not exist"):
        auth.access_token()


def test_an_error_that_another_was_raised_from_passes_its_request_on() -> None:
    def hold() -> None:
        try:
            refusal = RefusedError("no")
            refusal.about_answer(400, "0f2c-77")
            raise refusal
        except RefusedError as error:
            raise HeldError(f"it is not taken: {error}") from error

    with pytest.raises(HeldError, match=r"^it is not taken: no$") as caught:
        hold()
    assert (caught.value.status, caught.value.request_id) == (400, "0f2c-77")


def test_an_error_raised_from_itself_says_what_it_knows() -> None:
    error = RefusedError("no")
    error.__cause__ = error
    assert (error.status, error.request_id) == (None, None)


def test_a_hook_without_a_way_to_sign_or_check_cannot_be_made(connect: Callable[..., FinanceHook]) -> None:
    from invoice_bridge.hooks.http.session import ApiHook

    with pytest.raises(TypeError, match=r"authentication.*check"):
        ApiHook()  # type: ignore[abstract]
