from __future__ import annotations

import pytest

from invoice_bridge.hooks.auth.tokens import MemoryTokenStore, TokenAuth
from invoice_bridge.hooks.quiddly.login import PasswordLogin
from invoice_bridge_core.errors import ConfigurationError, CredentialsRefusedError, GarbledAnswerError, TransientError
from tests.hooks.identity import Clock, service, signed_with
from tests.hooks.scripted_server import DROP, Reply, ScriptedServer, reply

PASSWORD = "correct-horse-battery"
SIGNED_IN = reply({"idToken": "eyJfirst", "tokenType": "Bearer"})
SIGNED_IN_AGAIN = reply({"idToken": "eyJsecond", "tokenType": "Bearer"})


def login(server: ScriptedServer, clock: Clock, store: MemoryTokenStore) -> TokenAuth:
    grant = PasswordLogin(service(clock, "Quiddly", "quiddly_default"), server.url, "erp", PASSWORD)
    return TokenAuth(grant, store, name="quiddly:quiddly_default", clock=clock.time)


def test_a_token_is_outdated_before_its_day_is_over_and_shared_until_then(server: ScriptedServer) -> None:
    clock, store = Clock(), MemoryTokenStore()
    server.answers(SIGNED_IN, SIGNED_IN_AGAIN)
    assert login(server, clock, store).access_token() == "eyJfirst"
    clock.now += 86_400 - 180
    assert login(server, clock, store).access_token() == "eyJfirst"
    clock.now += 120
    assert signed_with(login(server, clock, store)).headers["Authorization"] == "Bearer eyJsecond"
    assert len(server.seen) == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply({"message": PASSWORD}, 401), CredentialsRefusedError),
        (reply({"message": PASSWORD}, 400), CredentialsRefusedError),
        (reply(None, 404), ConfigurationError),
        (reply(None, 302, Location="http://127.0.0.1:9/"), ConfigurationError),
        (reply(None, 500), TransientError),
        (reply(None, 429), TransientError),
        (DROP, TransientError),
        (reply({}), GarbledAnswerError),
        (reply({"idToken": "two words"}), GarbledAnswerError),
        (Reply(200, b"<html>", "text/html"), GarbledAnswerError),
    ],
)
def test_trouble_with_signing_in_is_sorted(server: ScriptedServer, answer: Reply, error: type[Exception]) -> None:
    server.answers(answer)
    with pytest.raises(error) as caught:
        login(server, Clock(), MemoryTokenStore()).access_token()
    assert type(caught.value) is error
    assert PASSWORD not in str(caught.value)
    assert "quiddly_default" in str(caught.value)


def test_another_password_makes_stored_tokens_worthless(server: ScriptedServer) -> None:
    one, other = (PasswordLogin(service(Clock()), server.url, "erp", each) for each in ("a", "b"))
    assert one.origin != other.origin
