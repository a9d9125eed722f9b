"""What a document's task asks of its ledger: each statement is paid for by every document."""

from __future__ import annotations

from functools import partial

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger import Ledger
from invoice_bridge_core.ports import ReferenceData
from tests.builders import document
from tests.growth.plans import made
from tests.ledger.rows import REF, booking, claimed, row_of


def read_before(ledger: Ledger) -> None:
    """As after a queue step that has read the document."""
    claim = claimed(ledger, "run 0")
    claim.note_document(document())
    claim.release()


def test_a_free_lease_is_taken_by_one_statement(ledger: Ledger) -> None:
    read_before(ledger)
    with made() as statements:
        claimed(ledger)
    assert [text.split()[0] for text in statements] == ["UPDATE"]
    assert ledger.claim(REF, route="qondor_xero", claimant="run 2") is None


def test_a_document_of_another_route_is_noted_as_taken_up(ledger: Ledger) -> None:
    read_before(ledger)
    assert ledger.claim(REF, route="another", claimant="run 2") is not None
    assert ledger.history(row_of(ledger))[-1].note == "taken up by the route another"


def test_facts_that_did_not_change_are_noted_with_the_next_write(ledger: Ledger) -> None:
    read_before(ledger)
    before = row_of(ledger).facts_read_at
    claim = claimed(ledger)
    with made() as statements:
        claim.note_document(document())
    assert statements == []
    assert row_of(ledger).facts_read_at == before
    claim.renew()
    after = row_of(ledger).facts_read_at
    assert before is not None
    assert after is not None
    assert after > before


def test_facts_that_changed_are_noted_at_once(ledger: Ledger) -> None:
    read_before(ledger)
    claim = claimed(ledger)
    claim.note_document(document(number="Q-2"))
    assert row_of(ledger).number == "Q-2"


def test_what_is_noted_with_a_write_does_not_undo_it(ledger: Ledger) -> None:
    read_before(ledger)
    claim = claimed(ledger)
    claim.note_document(document())
    claim.intend("Q-1", "hash")
    claim.booked(booking())
    row = row_of(ledger)
    assert (row.state, row.intent_number, row.booking) == (DocumentState.BOOKED, "Q-1", booking())


def test_what_a_run_keeps_is_recalled_by_one_query(ledger: Ledger) -> None:
    names = ("variable codes", "xero_default")
    for name in names:
        ledger.reference_data(name, "run 1", partial(_snapshot, name))
    ledger.reference_data("xero_default", "run 2", partial(_snapshot, "run 2"))
    with made() as statements:
        ledger.recall("run 1", (*names, "never kept"))
        kept = [ledger.reference_data(name, "run 1", _unread).body["of"] for name in names]
    assert (kept, len(statements)) == (list(names), 1)
    assert ledger.reference_data("xero_default", "run 2", _unread).body["of"] == "run 2"
    assert ledger.reference_data("never kept", "run 1", partial(_snapshot, "now")).body["of"] == "now"


def test_a_task_begins_with_one_query(ledger: Ledger, ledger_url: str) -> None:
    ledger.reference_data("xero_default", "run 1", partial(_snapshot, "finance"))
    ledger.reference_data("xero_default", "run 2", partial(_snapshot, "run 2"))
    with made() as statements:
        own = Ledger.connect_for(ledger_url, "run 1", ["xero_default", "never kept"])
        assert own.reference_data("xero_default", "run 1", _unread).body["of"] == "finance"
    assert len(statements) == 1
    assert own.kept_reference_data("never kept", "run 1") is None
    own.close()


def test_a_task_knows_how_it_left_its_document(ledger: Ledger) -> None:
    read_before(ledger)
    claim = claimed(ledger)
    claim.held("no mapping")
    with made() as statements:
        row = ledger.row_by_now(REF)
    assert statements == []
    assert row == row_of(ledger)


def _snapshot(of: str) -> ReferenceData:
    return ReferenceData(body={"of": of}, fingerprint="")


def _unread() -> ReferenceData:
    raise AssertionError("it was read anew")
