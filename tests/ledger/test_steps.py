"""The memory of the writes that follow a booking."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from invoice_bridge_core.documents.facts import DocumentFacts
from invoice_bridge_core.documents.states import StepState
from invoice_bridge_core.errors import LedgerError
from invoice_bridge_core.ledger.database.tables import documents, steps
from tests.builders import document
from tests.growth.plans import made
from tests.ledger.rows import REF, claimed, row_of

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import Ledger
    from invoice_bridge_core.ports import Steps


def test_a_step_that_was_sent_and_never_completed_was_tried(ledger: Ledger) -> None:
    steps: Steps = claimed(ledger).steps
    assert not steps.was_tried("payment")
    token = steps.intend("payment")
    again: Steps = claimed(ledger).steps
    assert again.was_tried("payment")
    assert not again.is_done("payment")
    assert again.intend("payment") == token


def test_a_step_that_was_refused_gets_another_key(ledger: Ledger) -> None:
    steps = claimed(ledger).steps
    token = steps.intend("payment")
    steps.refused("payment")
    assert not steps.was_tried("payment")
    assert steps.intend("payment") != token
    assert steps.was_tried("payment")


def test_a_step_that_is_done_is_not_sent_again(ledger: Ledger) -> None:
    steps = claimed(ledger).steps
    steps.intend("payment")
    steps.done("payment", "p-1")
    steps = claimed(ledger).steps
    assert steps.is_done("payment")
    assert not steps.is_done("allocation")
    with pytest.raises(LedgerError, match="step payment is done"):
        steps.intend("payment")
    with pytest.raises(LedgerError, match="was not sent"):
        steps.refused("payment")
    [record] = ledger.steps(row_of(ledger))
    assert (record.step, record.state, record.finance_id) == ("payment", StepState.DONE, "p-1")
    assert record.ended_at is not None


def test_a_step_that_was_found_done_needs_no_intent(ledger: Ledger) -> None:
    steps = claimed(ledger).steps
    steps.done("allocation", "a-1")
    assert steps.is_done("allocation")


def test_the_keys_of_steps_and_documents_differ(ledger: Ledger) -> None:
    first = claimed(ledger).steps
    second = claimed(ledger, ref=REF.model_copy(update={"source_id": "2"})).steps
    tokens = {first.intend("payment"), first.intend("allocation"), second.intend("payment")}
    assert len(tokens) == 3


def test_an_unfinished_rejection_is_found_whatever_the_queue_says(ledger: Ledger) -> None:
    claim = claimed(ledger)
    assert ledger.unfinished(REF.system, REF.conn_id) == []
    claim.steps.intend("rejection")
    assert [row.ref for row in ledger.unfinished(REF.system, REF.conn_id)] == [REF]
    assert ledger.unfinished(REF.system, "another connection") == []
    claim.steps.done("rejection")
    assert [row.ref for row in ledger.unfinished(REF.system, REF.conn_id)] == [REF]
    claim.rejected("wrong date")
    assert ledger.unfinished(REF.system, REF.conn_id) == []


def test_a_document_that_nobody_has_taken_up_is_not_asked_for_steps(ledger: Ledger) -> None:
    ledger.upsert_facts([DocumentFacts.from_document(document())])
    claim = claimed(ledger)
    with made() as statements:
        assert claim.steps.names == []
    assert statements == []
    claim.steps.intend("payment")
    assert claim.steps.names == ["payment"]
    claim.release()
    assert claimed(ledger, "run 2").steps.names == ["payment"]


def test_steps_are_seen_that_were_written_while_the_lease_was_waited_for(ledger: Ledger) -> None:
    ledger.upsert_facts([DocumentFacts.from_document(document())])
    with ThreadPoolExecutor() as pool:
        with ledger.transaction() as connection:
            # As if another task took it up, sent a step and let it go, all while we wait for the row.
            connection.execute(sa.update(documents).values(route="qondor_xero"))
            waiting = pool.submit(claimed, ledger)
            while not is_waited_for(ledger):
                time.sleep(0.01)
            sent = {"step": "payment", "state": "intended", "token": "1", "intended_at": row_of(ledger).created_at}
            connection.execute(sa.insert(steps).values(document_id=row_of(ledger).id, **sent))
        assert waiting.result(30).steps.was_tried("payment")


def is_waited_for(ledger: Ledger) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with ledger.transaction() as connection:
        return bool(connection.exec_driver_sql(query).scalar_one())
