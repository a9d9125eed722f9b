from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from invoice_bridge.hooks.auth.tokens import MemoryTokenStore, Token, renewal_time
from invoice_bridge_core.errors import ConfigurationError, LedgerError
from tests.hooks.identity import NAME, SECRET, Clock, DurableStore, client, forms, granted, refresher, signed_with
from tests.hooks.scripted_server import DROP, Reply, ScriptedServer


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_many_processes_make_one_token_call(server: ScriptedServer, clock: Clock) -> None:
    server.answers(Reply(body=granted("access-1").body, delay=0.1), granted("access-2"))
    store = DurableStore()
    with ThreadPoolExecutor(16) as pool:
        tokens = list(pool.map(lambda _: client(server, clock, store).access_token(), range(16)))
    assert set(tokens) == {"access-1"}
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("lifetime", "margin"), [(1800, 120), (3600, 120), (1200, 120), (600, 60), (10, 1), ("1800", 120)]
)
def test_a_token_is_outdated_shortly_before_its_end(
    server: ScriptedServer, clock: Clock, lifetime: int | str, margin: int
) -> None:
    server.answers(granted("access-1", lifetime=lifetime), granted("access-2"))
    auth = client(server, clock, MemoryTokenStore())
    auth.access_token()
    clock.now += int(lifetime) - margin - 0.5
    assert auth.access_token() == "access-1"
    clock.now += 1
    assert auth.access_token() == "access-2"


@pytest.mark.parametrize("lifetime", [None, "soon", 0, -5])
def test_a_token_without_an_end_is_used_until_it_is_refused(
    server: ScriptedServer, clock: Clock, lifetime: object
) -> None:
    server.answers(granted("access-1", lifetime=lifetime), granted("access-2"))
    auth = client(server, clock, MemoryTokenStore())
    request = signed_with(auth)
    clock.now += 10**7
    assert auth.access_token() == "access-1"
    auth.renew(request)
    assert auth.access_token() == "access-2"


def test_a_refused_token_is_replaced_once_however_many_were_refused_with_it(
    server: ScriptedServer, clock: Clock
) -> None:
    server.answers(granted("access-1"), granted("access-2"), granted("access-3"))
    store = DurableStore()
    auths = [client(server, clock, store) for _ in range(8)]
    requests = [signed_with(auth) for auth in auths]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda pair: pair[0].renew(pair[1]), zip(auths, requests, strict=True)))
    assert {auth.access_token() for auth in auths} == {"access-2"}
    assert len(server.seen) == 2


def test_changed_credentials_make_a_stored_token_worthless(server: ScriptedServer, clock: Clock) -> None:
    server.answers(granted("access-1"), granted("access-2"))
    store = DurableStore()
    client(server, clock, store).access_token()
    assert client(server, clock, store, client_secret="another-secret").access_token() == "access-2"


def test_each_refresh_uses_the_token_of_the_one_before(server: ScriptedServer, clock: Clock) -> None:
    server.answers(granted("access-1", "refresh-1"), granted("access-2", "refresh-2"))
    store = DurableStore()
    assert refresher(server, clock, store).access_token() == "access-1"
    clock.now += 1790
    assert refresher(server, clock, store).access_token() == "access-2"
    assert [form["refresh_token"] for form in forms(server)] == ["first-refresh", "refresh-1"]
    assert store.history == ["refresh-1", "refresh-2"]


def test_a_refresh_token_that_does_not_rotate_is_kept(server: ScriptedServer, clock: Clock) -> None:
    server.answers(granted("access-1", "refresh-1"), granted("access-2"), granted("access-3"))
    auth = refresher(server, clock, DurableStore())
    for _ in range(3):
        auth.access_token()
        clock.now += 1790
    assert [form["refresh_token"] for form in forms(server)] == ["first-refresh", "refresh-1", "refresh-1"]


def test_an_access_token_whose_refresh_token_could_not_be_stored_is_not_used(
    server: ScriptedServer, clock: Clock
) -> None:
    server.answers(granted("access-1", "refresh-1"))
    store = DurableStore()
    store.broken = True
    auth = refresher(server, clock, store)
    with pytest.raises(LedgerError):
        auth.access_token()
    assert auth._at_hand is None
    assert store.texts == {}


def test_a_new_authorisation_wins_over_the_stored_chain(server: ScriptedServer, clock: Clock) -> None:
    server.answers(granted("access-1", "refresh-1"), granted("access-2", "refresh-2"), granted("access-3", "refresh-3"))
    store = DurableStore()
    refresher(server, clock, store).access_token()
    assert refresher(server, clock, store, "authorised-again").access_token() == "access-2"
    clock.now += 1790
    refresher(server, clock, store, "authorised-again").access_token()
    assert [form["refresh_token"] for form in forms(server)] == ["first-refresh", "authorised-again", "refresh-2"]


def test_a_lost_answer_is_asked_for_again_with_the_stored_token(server: ScriptedServer, clock: Clock) -> None:
    server.answers(granted("access-1", "refresh-1"), DROP, granted("access-2", "refresh-2"))
    store = DurableStore()
    refresher(server, clock, store).access_token()
    clock.now += 1790
    assert refresher(server, clock, store).access_token() == "access-2"
    assert [form["refresh_token"] for form in forms(server)] == ["first-refresh", "refresh-1", "refresh-1"]


def test_a_refresh_token_needs_a_durable_store(server: ScriptedServer, clock: Clock) -> None:
    with pytest.raises(ConfigurationError, match=r"xero_default has a refresh token.*ledger"):
        refresher(server, clock, MemoryTokenStore())


def test_what_is_stored_holds_no_credentials_of_the_connection(server: ScriptedServer, clock: Clock) -> None:
    server.answers(granted("access-1", "refresh-1"))
    store = DurableStore()
    refresher(server, clock, store).access_token()
    assert SECRET not in store.texts[NAME]
    assert "first-refresh" not in store.texts[NAME]


def test_an_unreadable_stored_token_is_replaced(server: ScriptedServer, clock: Clock) -> None:
    server.answers(granted("access-1"))
    store = DurableStore()
    store.texts[NAME] = "{broken"
    assert client(server, clock, store).access_token() == "access-1"
    assert Token.model_validate_json(store.texts[NAME]).access == "access-1"


def test_the_renewal_time_is_two_minutes_or_a_tenth_before_the_end() -> None:
    assert renewal_time(1000.0, 1800.0) == 1000 + 1800 - 120
    assert renewal_time(1000.0, 100.0) == 1000 + 100 - 10
    assert renewal_time(1000.0, None) is None
