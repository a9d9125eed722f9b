"""Batches in the ledger: leases on many, one transaction before a batch leaves, and one after it was answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from invoice_bridge_core.documents.facts import DocumentFacts
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import LeaseLostError, TransientError
from invoice_bridge_core.ledger.database.batch_tables import batches
from invoice_bridge_core.ledger.database.leases import NO_LEASE
from invoice_bridge_core.ledger.documents.batches import BatchNote, Refusal
from invoice_bridge_core.ledger.documents.many_changes import Change
from tests.builders import document
from tests.ledger.rows import all_arrived, booking, claimed, expire, other_ref, row_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge_core.ledger import Claim, Ledger

NOTE = BatchNote("qondor_xero", "run 1#0", "xero_default", "Invoices", "key-1", b'{"Invoices":[]}')
ACTOR = "run 1/book_ahead"


def met(ledger: Ledger, *source_ids: str) -> None:
    ledger.upsert_facts([DocumentFacts(ref=other_ref(source_id)) for source_id in source_ids])


def taken(ledger: Ledger, *source_ids: str, run: str = "run 1") -> list[Claim]:
    ref = other_ref("")
    claimants = {source_id: f"{run}/invoices/{place}" for place, source_id in enumerate(source_ids)}
    return ledger.batches.take(
        ref.system, ref.conn_id, claimants, route="qondor_xero", finance_conn="xero_default", seconds=300
    )


def noted(ledger: Ledger, claims: Sequence[Claim]) -> int:
    changes = [Change(claim, claim.intent(f"T-{claim.row.id}", "hash"), "about to be booked") for claim in claims]
    return ledger.batches.note(NOTE, changes, actor=ACTOR)


def test_leases_are_taken_in_the_order_that_is_given_and_for_the_named_tasks(ledger: Ledger) -> None:
    met(ledger, "1", "2", "3")
    claims = taken(ledger, "3", "1", "unheard of", "2")
    assert [claim.row.ref.source_id for claim in claims] == ["3", "1", "2"]
    assert [claim.row.lease_owner for claim in claims] == [f"run 1/invoices/{place}" for place in (0, 1, 3)]
    assert taken(ledger, "1", "2", run="run 2") == []
    # The document's own task takes over what the batch's process leaves behind.
    assert claimed(ledger, "run 1/invoices/1", other_ref("1")).row.route == "qondor_xero"


def test_only_documents_that_wait_and_nothing_more_are_taken(ledger: Ledger) -> None:
    met(ledger, *map(str, range(1, 10)))
    claimed(ledger, ref=other_ref("1"), finance_conn="xero_default").intend("T-1", "hash")
    claimed(ledger, ref=other_ref("2")).rejected("no")
    claimed(ledger, ref=other_ref("3")).put_aside("kari", "by hand")
    claimed(ledger, ref=other_ref("4")).in_doubt("who knows")
    claimed(ledger, ref=other_ref("5")).held("an account is missing")
    claimed(ledger, ref=other_ref("6"), finance_conn="xero_default").booked(booking("T-6", "f-6"))
    claimed(ledger, ref=other_ref("7")).steps.intend("rejection")
    often = claimed(ledger, ref=other_ref("9"), finance_conn="xero_default")
    for _ in range(4):
        often.intend("T-9", "hash")
        often.withdraw_intent("refused")
    expire(ledger)
    assert [claim.row.ref.source_id for claim in taken(ledger, *map(str, range(1, 10)))] == ["5", "8"]


def test_a_batch_and_its_members_intents_are_written_together_or_not_at_all(ledger: Ledger) -> None:
    met(ledger, "1", "2")
    claims = taken(ledger, "1", "2")
    expire(ledger)
    claimed(ledger, "another", other_ref("2"))
    with pytest.raises(LeaseLostError):
        noted(ledger, claims)
    assert ledger.batches.found(1) is None
    assert row_of(ledger, other_ref("1")).intent_token is None
    assert [change.note for change in ledger.history(row_of(ledger, other_ref("1")))] == ["first met"]


def test_each_intent_points_at_its_batch_and_may_be_on_its_way_as_long_as_that(ledger: Ledger) -> None:
    met(ledger, "1", "2")
    claims = taken(ledger, "1", "2")
    batch_id = noted(ledger, claims)
    batch = ledger.batches.found(batch_id)
    assert batch is not None
    assert (batch.state, batch.body, batch.document_ids) == ("sent", NOTE.body, tuple(one.row.id for one in claims))
    assert {row_of(ledger, other_ref(each)).batch_id for each in "12"} == {batch_id}
    all_arrived(ledger)
    own = claimed(ledger, "run 1/invoices/0", other_ref("1"), finance_conn="xero_default")
    with pytest.raises(TransientError, match="120 seconds after it was sent"):
        own.not_found()


def test_results_are_written_together_and_one_that_cannot_be_keeps_none_back(ledger: Ledger) -> None:
    met(ledger, "1", "2", "3", "9")
    claimed(ledger, ref=other_ref("9"), finance_conn="xero_default").booked(booking("T-9", "taken"))
    claims = taken(ledger, "1", "2", "3")
    batch_id = noted(ledger, claims)
    first, second, third = claims
    changes = [
        Change(first, {**first.as_booked(booking("T-1", "f-1")), **NO_LEASE}, "booked"),
        Change(second, {**second.as_booked(booking("T-2", "taken")), **NO_LEASE}, "booked"),
        Change(third, {**third.withdrawal(), **NO_LEASE, "batch_id": batch_id}, "not booked"),
    ]
    refusals = {third.row.id: Refusal("Xero refused T-3", ("no account",), "hash")}
    assert ledger.batches.end(batch_id, changes, actor=ACTOR, refusals=refusals) == [second]
    rows = [row_of(ledger, other_ref(each)) for each in "123"]
    assert [row.state for row in rows] == [DocumentState.BOOKED, DocumentState.WORKING, DocumentState.SEEN]
    assert [row.lease_owner is None for row in rows] == [True, False, True]
    told = ledger.batches.told(batch_id, third.row.id)
    assert told is not None
    assert (told.run_key, told.refusal) == ("run 1#0", refusals[third.row.id])
    assert ledger.history(rows[0])[-1].actor == ACTOR


def test_a_task_that_reads_the_document_ends_what_the_batch_says_of_it(ledger: Ledger) -> None:
    met(ledger, "1")
    [claim] = taken(ledger, "1")
    batch_id = noted(ledger, [claim])
    own = claimed(ledger, "run 1/invoices/0", other_ref("1"), finance_conn="xero_default")
    own.note_document(document(ref=other_ref("1")))
    # Still open: how long it may be on its way depends on the batch.
    assert own.row.batch_id == batch_id
    own.booked(booking("T-1", "f-1"))
    assert own.row.batch_id is None


def test_the_bytes_of_an_ended_batch_are_forgotten_after_a_week(ledger: Ledger) -> None:
    met(ledger, "1", "2")
    first, second = taken(ledger, "1", "2")
    old, open_one = noted(ledger, [first]), noted(ledger, [second])
    ledger.batches.end(old, [], actor=ACTOR, failure="lost")
    with ledger.transaction() as connection:
        connection.execute(sa.update(batches).values(noted_at=sa.text("now() - interval '8 days'")))
    met(ledger, "3")
    noted(ledger, taken(ledger, "3"))
    bodies = [batch.body for each in (old, open_one) if (batch := ledger.batches.found(each)) is not None]
    assert bodies == [None, NOTE.body]


def test_what_an_ended_task_left_open_is_unknown_and_its_members_keep_their_intents(ledger: Ledger) -> None:
    met(ledger, "1", "2")
    claims = taken(ledger, "1", "2")
    batch_id = noted(ledger, claims)
    ledger.batches.give_up("another run#0")
    before = ledger.batches.found(batch_id)
    assert before is not None
    assert before.state == "sent"
    ledger.batches.give_up(NOTE.run_key)
    after = ledger.batches.found(batch_id)
    assert after is not None
    assert (after.state, after.body) == ("unknown", NOTE.body)
    assert all(row_of(ledger, other_ref(each)).intent_token is not None for each in ("1", "2"))
