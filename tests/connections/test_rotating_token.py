"""Xero's refresh token changes at every use: one process renews it, the others wait and take what it got."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from invoice_bridge.systems.registry import open_finance
from invoice_bridge_core.documents.outcomes import Outcome
from tests.world import FERNET_KEY, customer, payment

if TYPE_CHECKING:
    from tests.world import World


@pytest.fixture
def world(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The world with a Xero connection that was authorised by a person instead of a custom connection."""
    connection = world.sandbox.connections["xero_default"]
    connection["extra"]["refresh_token"] = world.sandbox.xero.identity.consent()
    monkeypatch.setenv("AIRFLOW_CONN_XERO_DEFAULT", json.dumps(connection))
    return world


def token_calls(world: World) -> int:
    return int(world.sandbox.calls()["xero"]["tokens"])


def test_eight_workers_renew_an_expired_token_once(world: World) -> None:
    for number in range(8):
        world.sandbox.qondor.add(payment(number, customer=customer(number)))
    selection = world.select()
    assert token_calls(world) == 1
    world.sandbox.xero.identity.expire_access_tokens()
    with ThreadPoolExecutor(8) as workers:
        results = list(workers.map(lambda facts: world.transfer(facts.ref.source_id), selection.invoices))
    assert [result.outcome for result in results] == [Outcome.TRANSFERRED] * 8
    assert token_calls(world) == 2


def test_the_chain_goes_on_over_many_renewals_and_never_lies_open_in_the_database(world: World) -> None:
    vault = world.ledger.token_vault(lambda: Fernet(FERNET_KEY))
    for _ in range(4):
        reference = open_finance(world.route, vault).reference
        assert reference is not None
        reference.read()
        world.sandbox.xero.identity.expire_access_tokens()
    assert token_calls(world) == 4
    engine = sa.create_engine(world.ledger_url)
    with engine.connect() as connection:
        [(name, ciphertext)] = connection.execute(sa.text("SELECT name, ciphertext FROM invoice_bridge.tokens"))
    engine.dispose()
    kept = json.loads(str(vault.peek(name)))
    assert kept["refresh"]
    for secret in (kept["access"], kept["refresh"]):
        assert secret not in str(ciphertext)
