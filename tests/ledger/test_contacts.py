"""One contact per customer, whoever makes it first."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.errors import TransientError
from invoice_bridge_core.ledger import KnownContact, Ledger

if TYPE_CHECKING:
    from collections.abc import Callable

CONN = "xero_default"


def remember(ledger: Ledger, key: str = "901", name: str = "Acme Events AS", contact_id: str = "c-1") -> None:
    ledger.contacts.remember(CONN, key, KnownContact(contact_id, "data 1", name))


def at_once(count: int, work: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)


def test_a_choice_is_remembered_until_it_is_forgotten(ledger: Ledger) -> None:
    assert ledger.contacts.known(CONN, "901") is None
    remember(ledger)
    assert ledger.contacts.known(CONN, "901") == KnownContact("c-1", "data 1", "Acme Events AS")
    assert ledger.contacts.known("quiddly_default", "901") is None
    remember(ledger, contact_id="c-2")
    assert ledger.contacts.known(CONN, "901") == KnownContact("c-2", "data 1", "Acme Events AS")
    ledger.contacts.forget(CONN, "901")
    assert ledger.contacts.known(CONN, "901") is None


@pytest.mark.parametrize("name", ["Ångström & Søn AS", "ÅNGSTRÖM & SØN AS", " ångström  & søn as"])
def test_a_name_is_taken_whatever_its_capitals(ledger: Ledger, name: str) -> None:
    remember(ledger, name="Ångström & Søn AS")
    assert ledger.contacts.is_name_taken(CONN, name, by_other_than="902")
    assert not ledger.contacts.is_name_taken(CONN, name, by_other_than="901")
    assert not ledger.contacts.is_name_taken("quiddly_default", name, by_other_than="902")
    ledger.contacts.forget(CONN, "901")
    assert not ledger.contacts.is_name_taken(CONN, name, by_other_than="902")


@pytest.mark.parametrize(
    ("name", "contact_id", "key", "among", "found"),
    [
        ("Beta AS", "c-1", "q:customer:902", "q:", ("q:customer:901", "Acme Events AS")),
        ("ACME  events as", "c-1", "q:customer:902", "q:", None),
        ("Beta AS", "c-2", "q:customer:902", "q:", None),
        ("Beta AS", "c-1", "q:customer:901", "q:", None),
        ("Beta AS", "c-1", "x:customer:902", "x:", None),
        ("Beta AS", "c-1", "q:customer:902", "_:", None),
    ],
)
def test_a_contact_that_another_customer_has_under_another_name(
    ledger: Ledger, name: str, contact_id: str, key: str, among: str, found: tuple[str, str] | None
) -> None:
    remember(ledger, "q:customer:901")
    assert ledger.contacts.shared_with(CONN, contact_id, name, by_other_than=key, among=among) == found
    assert ledger.contacts.shared_with("quiddly_2", contact_id, name, by_other_than=key, among=among) is None


def test_an_intent_to_make_a_contact_survives_the_attempt(ledger: Ledger) -> None:
    token, tried_before = ledger.contacts.intend(CONN, "901")
    assert not tried_before
    assert ledger.contacts.intend(CONN, "901") == (token, True)
    assert ledger.contacts.known(CONN, "901") is None


@pytest.mark.parametrize("end", [remember, lambda ledger: ledger.contacts.withdraw_intent(CONN, "901")])
def test_an_intent_that_ended_is_followed_by_one_with_another_key(
    ledger: Ledger, end: Callable[[Ledger], None]
) -> None:
    token, _ = ledger.contacts.intend(CONN, "901")
    end(ledger)
    again, tried_before = ledger.contacts.intend(CONN, "901")
    assert again != token
    assert not tried_before


def test_two_makers_of_one_contact_make_one(ledger: Ledger) -> None:
    made = []

    def make() -> None:
        with ledger.locked("tax NO912345678", "name acme events as"):
            if ledger.contacts.known(CONN, "901") is None:
                made.append(ledger.contacts.intend(CONN, "901"))
                remember(ledger)

    at_once(6, make)
    assert len(made) == 1


def test_locks_in_any_order_do_not_wait_for_each_other_for_ever(ledger: Ledger) -> None:
    done: list[int] = []

    def work() -> None:
        keys = ["a", "b", "c"] if len(done) % 2 else ["c", "b", "a", "a"]
        with ledger.locked(*keys, seconds=20):
            done.append(1)

    at_once(10, work)
    assert len(done) == 10


def test_a_lock_that_is_held_too_long_is_passing_trouble(ledger: Ledger) -> None:
    with (
        ledger.locked("name acme"),
        pytest.raises(TransientError, match="name acme is busy"),
        ledger.locked("name acme", seconds=1),
    ):
        pytest.fail("two hold one lock")
    with ledger.locked("name acme", seconds=1):
        pass


def test_an_error_under_a_lock_gives_it_back_and_is_not_changed(ledger: Ledger) -> None:
    with pytest.raises(ZeroDivisionError), ledger.locked("name acme"):
        _ = 1 / 0
    with ledger.locked("name acme", seconds=1):
        pass
