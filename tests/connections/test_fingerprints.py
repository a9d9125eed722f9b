"""What the ledger keeps of credentials: made with a key that it does not hold, and of earlier releases recognised."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.ledger.connections.fingerprints import (
    fingerprint,
    is_fingerprint_of,
    is_hash_of,
    is_outdated,
    salted_hash,
)
from invoice_bridge_core.transfer.recheck import Waiting
from tests.connections.connection_rows import record
from tests.world import payment

if TYPE_CHECKING:
    from tests.world import World

OLD, NEW, OTHER = b"an old key", b"a new key", b"another key"
VARIABLE = "AIRFLOW_CONN_XERO_DEFAULT"


def never(*_: Any, **__: Any) -> bytes:
    raise AssertionError("a slow hash was made")


def test_a_keyed_hash_needs_its_key_and_takes_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashlib, "scrypt", never)
    kept = salted_hash("weak", (NEW, OLD))
    assert is_hash_of(kept, "weak", (OTHER, NEW))
    assert not is_hash_of(kept, "weak2", (NEW,))
    assert not is_hash_of(kept, "weak", (OLD, OTHER))
    assert not is_hash_of(kept, "weak")
    assert salted_hash("weak", (NEW,)) != salted_hash("weak", (NEW,))
    assert "weak" not in kept
    together = fingerprint(["a", "b"], (NEW, OLD))
    assert together == fingerprint(["a", "b"], (NEW,)) != fingerprint(["a", "b"], (OLD,))
    assert is_fingerprint_of(together, ["a", "b"], (OTHER, NEW))
    assert not is_fingerprint_of(together, ["a", "c"], (NEW,))
    assert not is_fingerprint_of(together, ["a", "b"], (OLD,))


def test_what_was_made_without_a_key_is_recognised_with_one() -> None:
    kept = salted_hash("weak")
    assert is_hash_of(kept, "weak", (NEW,))
    assert not is_hash_of(kept, "weak2", (NEW,))
    assert is_outdated(kept, (NEW,))
    assert not is_outdated(kept, ())
    assert not is_outdated(salted_hash("weak", (NEW,)), (NEW,))
    assert is_fingerprint_of(fingerprint(["a", "b"]), ["a", "b"], (NEW,))
    assert not is_fingerprint_of(fingerprint(["a", "b"]), ["b", "a"], (NEW,))


def test_a_refusal_of_an_earlier_release_gets_its_new_hash_and_is_not_announced_again(world: World) -> None:
    world.sandbox.fault("unauthorised", system="qondor")
    world.select()
    before, announced_by = record(world, "qondor_default"), world.run_key
    world.fingerprint_keys = (NEW,)
    world.select()
    after = record(world, "qondor_default")
    assert before.refused_credentials != after.refused_credentials
    assert is_hash_of(after.refused_credentials, os.environ["AIRFLOW_CONN_QONDOR_DEFAULT"], (NEW,))
    assert not is_hash_of(after.refused_credentials, os.environ["AIRFLOW_CONN_QONDOR_DEFAULT"])
    assert after.refused_at == before.refused_at
    assert after.refused_run == announced_by


def waiting_for_its_connection(world: World, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A document that is held because its connection names a wrong address, which stays so."""
    waiting = world.sandbox.qondor.add(payment(1))
    world.select()
    broken = json.loads(os.environ[VARIABLE])
    broken["host"] = f"{broken['host']}/wrong"
    monkeypatch.setenv(VARIABLE, json.dumps(broken))
    world.transfer(waiting["id"])
    return waiting


def kept_of(world: World, waiting: dict[str, Any]) -> Waiting:
    row = world.row(waiting["id"])
    assert row is not None
    assert row.held_fingerprint is not None
    return Waiting.parse(row.held_fingerprint)


def test_a_task_that_holds_its_document_makes_no_slow_hash(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.fingerprint_keys = (NEW,)
    monkeypatch.setattr(hashlib, "scrypt", never)
    waiting = waiting_for_its_connection(world, monkeypatch)
    assert kept_of(world, waiting).connections == world.session().guard.connections


@pytest.mark.parametrize("keys", [(NEW,), (OTHER, NEW)])
def test_a_document_held_by_an_earlier_release_wakes_with_its_connection_and_not_before(
    world: World, monkeypatch: pytest.MonkeyPatch, keys: tuple[bytes, ...]
) -> None:
    world.fingerprint_keys = () if keys == (NEW,) else (NEW,)
    kept = kept_of(world, waiting_for_its_connection(world, monkeypatch)).connections
    world.fingerprint_keys = keys
    guard = world.session().guard
    assert guard.connections != kept
    assert not guard.has_changed(kept)
    changed = json.loads(os.environ[VARIABLE]) | {"password": "another"}
    monkeypatch.setenv(VARIABLE, json.dumps(changed))
    assert world.session().guard.has_changed(kept)
