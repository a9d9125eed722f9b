from __future__ import annotations

import base64
import datetime as dt
import logging

import pytest
from airflow.sdk._shared.secrets_masker import redact

from invoice_bridge.hooks.auth.tokens import MemoryTokenStore
from invoice_bridge_core.errors import ConfigurationError, CredentialsRefusedError, GarbledAnswerError, TransientError
from tests.hooks.identity import SECRET, Clock, DurableStore, client, endpoint, forms, granted, refresher, signed_with
from tests.hooks.scripted_server import DROP, Reply, ScriptedServer, reply, scripted_server


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_client_credentials_go_as_http_basic(server: ScriptedServer, clock: Clock) -> None:
    server.answers(granted("access-1"))
    request = signed_with(client(server, clock, MemoryTokenStore()))
    assert request.headers["Authorization"] == "Bearer access-1"
    assert forms(server) == [{"grant_type": "client_credentials", "scope": "accounting.invoices accounting.contacts"}]
    basic = base64.b64encode(f"client-1:{SECRET}".encode()).decode()
    assert server.seen[0].headers["Authorization"] == f"Basic {basic}"


def test_client_credentials_go_in_the_form_where_the_system_wants_it(server: ScriptedServer, clock: Clock) -> None:
    server.answers(granted("access-1"))
    client(server, clock, MemoryTokenStore(), secret_in_form=True).access_token()
    assert forms(server)[0] == {
        "grant_type": "client_credentials",
        "scope": "accounting.invoices accounting.contacts",
        "client_id": "client-1",
        "client_secret": SECRET,
    }
    assert "Authorization" not in server.seen[0].headers


@pytest.mark.parametrize(
    ("status", "code", "remedy"),
    [
        (400, "invalid_grant", "authorise Invoice Bridge in Xero again and put the new refresh token into connection"),
        (400, "invalid_scope", "check the scopes in connection xero_default"),
        (401, "invalid_client", "check client id and secret in connection xero_default"),
        (400, "unauthorized_client", "check client id and secret in connection xero_default"),
    ],
)
def test_a_final_no_says_what_to_do(server: ScriptedServer, clock: Clock, status: int, code: str, remedy: str) -> None:
    server.answers(reply({"error": code, "error_description": f"{SECRET} first-refresh"}, status))
    with pytest.raises(CredentialsRefusedError, match=remedy) as caught:
        refresher(server, clock, DurableStore()).access_token()
    assert code in str(caught.value)
    assert SECRET not in str(caught.value)
    assert "first-refresh" not in str(caught.value)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (DROP, TransientError),
        (reply({"error": "server_error"}, 500), TransientError),
        (reply(None, 503), TransientError),
        (reply(None, 429), TransientError),
        (Reply(body=b"<html>", content_type="text/html"), GarbledAnswerError),
        (Reply(body=b"{"), GarbledAnswerError),
        (reply({"access_token": 5}), GarbledAnswerError),
        (reply({"access_token": "two words"}), GarbledAnswerError),
        (reply([]), GarbledAnswerError),
        (reply(None, 302, Location="http://127.0.0.1:9/"), ConfigurationError),
        (reply(None, 404), ConfigurationError),
        (Reply(401, b"<html>", "text/html"), CredentialsRefusedError),
        (Reply(400, b"[]"), ConfigurationError),
    ],
)
def test_trouble_at_the_identity_service_is_sorted(
    server: ScriptedServer, clock: Clock, answer: Reply, error: type[Exception]
) -> None:
    server.answers(answer)
    store = DurableStore()
    with pytest.raises(error) as caught:
        client(server, clock, store).access_token()
    assert type(caught.value) is error
    assert "xero_default" in str(caught.value)
    assert store.texts == {}


def test_a_limit_at_the_identity_service_names_its_wait(server: ScriptedServer, clock: Clock) -> None:
    server.answers(reply(None, 429, Retry_After="90"))
    with pytest.raises(TransientError) as caught:
        client(server, clock, MemoryTokenStore()).access_token()
    assert (caught.value.retry_after, len(server.seen)) == (dt.timedelta(seconds=90), 1)


def test_passing_trouble_is_got_over(server: ScriptedServer, clock: Clock) -> None:
    server.answers(DROP, reply(None, 500), granted("access-1"))
    assert client(server, clock, MemoryTokenStore()).access_token() == "access-1"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"client_id": ""}, "xero_default lacks its login"),
        ({"client_secret": ""}, "xero_default lacks its password"),
        ({"url": "identity.xero.com"}, "token_url 'identity.xero.com' is not an address"),
    ],
)
def test_a_connection_that_lacks_something_is_named(
    server: ScriptedServer, clock: Clock, changes: dict[str, str], complaint: str
) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        endpoint(server, clock, **changes)


def test_a_host_that_cannot_be_reached_is_passing_trouble(clock: Clock) -> None:
    with scripted_server() as stopped:
        pass
    with pytest.raises(TransientError, match="could not be reached"):
        client(stopped, clock, MemoryTokenStore()).access_token()


def test_all_secrets_are_masked_and_none_is_logged(
    server: ScriptedServer, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.answers(granted("access-token-Qv7", "refresh-token-Qv7"))
    auth = refresher(server, clock, DurableStore(), "first-refresh-Qv7")
    auth.access_token()
    for secret in ("access-token-Qv7", "refresh-token-Qv7", "first-refresh-Qv7", SECRET):
        assert secret not in str(redact(f"as text: {secret}"))
        assert secret not in caplog.text
        assert secret not in repr(auth._at_hand) + repr(auth._grant)
