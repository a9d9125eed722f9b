"""Facts of many documents at once, and finding rows again."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.documents import DocumentKind
from invoice_bridge_core.documents.facts import DocumentFacts
from invoice_bridge_core.documents.states import DocumentState
from tests.builders import document, line
from tests.ledger.rows import REF, booking, claimed, other_ref, row_of

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import Ledger

FACTS = DocumentFacts.from_document(document(), "entry 1")


def facts(number: int, **changes: object) -> DocumentFacts:
    return replace(FACTS, ref=other_ref(str(number)), number=f"Q-{number}", **changes)  # type: ignore[arg-type]


def test_facts_come_back_as_they_were_noted(ledger: Ledger) -> None:
    ledger.upsert_facts([FACTS])
    row = row_of(ledger)
    assert row.facts == FACTS
    assert row.state is DocumentState.SEEN
    assert row.facts_read_at is not None
    assert row.label == document().label
    assert isinstance(row.facts.total, Decimal)


def test_thousands_are_noted_and_found(ledger: Ledger) -> None:
    ledger.upsert_facts(facts(number) for number in range(1200))
    found = ledger.rows(REF.system, REF.conn_id, [str(number) for number in range(1000, 1500)])
    assert sorted(found) == [str(number) for number in range(1000, 1200)]
    assert ledger.rows(REF.system, REF.conn_id, []) == {}
    assert ledger.rows("ixpole", REF.conn_id, ["1000"]) == {}


def test_an_upsert_changes_facts_and_no_state(ledger: Ledger) -> None:
    claimed(ledger).held("no account", "fingerprint")
    ledger.upsert_facts([FACTS, replace(FACTS, total=Decimal("12.50"))])
    row = row_of(ledger)
    assert (row.state, row.reason, row.held_fingerprint) == (DocumentState.HELD, "no account", "fingerprint")
    assert row.facts.total == Decimal("12.50")


def test_what_cannot_be_read_now_keeps_what_was_read_before(ledger: Ledger) -> None:
    ledger.upsert_facts([FACTS, DocumentFacts.unreadable(other_ref("2"), "entry")])
    ledger.upsert_facts([DocumentFacts.unreadable(REF, "entry 2")])
    row = row_of(ledger)
    assert row.facts == replace(FACTS, entry_fingerprint="entry 2")
    unread = row_of(ledger, other_ref("2"))
    assert (unread.label, unread.facts.is_readable, unread.facts_read_at) == ("2", False, None)
    assert unread.facts.entry_fingerprint == "entry"


def test_reading_a_document_keeps_the_fingerprint_of_its_entry(ledger: Ledger) -> None:
    ledger.upsert_facts([FACTS])
    claimed(ledger).note_document(document(line("100.00"), payload_hash="other"))
    assert row_of(ledger).facts.entry_fingerprint == "entry 1"
    assert row_of(ledger).facts.payload_hash == "other"


@pytest.mark.parametrize("name", ["Q-10023", "12345", "qondor:qondor_default:12345"])
def test_a_document_is_found_by_number_id_and_reference(ledger: Ledger, name: str) -> None:
    ledger.upsert_facts([FACTS, facts(1)])
    assert [row.ref for row in ledger.find(name)] == [REF]


def test_a_name_that_fits_nothing_finds_nothing(ledger: Ledger) -> None:
    ledger.upsert_facts([FACTS])
    assert ledger.find("qondor:other:12345") == []


def test_rows_are_listed_by_route_and_state(ledger: Ledger) -> None:
    claimed(ledger).held("no account", None)
    claimed(ledger, ref=other_ref("2")).rejected("no customer")
    ledger.upsert_facts([facts(3)])
    assert {row.ref.source_id for row in ledger.outcomes()} == {REF.source_id, "2", "3"}
    assert {row.ref.source_id for row in ledger.outcomes("qondor_xero")} == {REF.source_id, "2"}
    assert [row.ref for row in ledger.outcomes("qondor_xero", [DocumentState.HELD])] == [REF]
    assert ledger.outcomes("another") == []


def test_what_was_sent_or_booked_and_not_reported_is_unfinished(ledger: Ledger) -> None:
    claimed(ledger, ref=other_ref("sent")).intend("Q-1", "hash")
    claimed(ledger, ref=other_ref("booked")).booked(booking())
    done = claimed(ledger, ref=other_ref("done"))
    done.booked(booking(finance_id="f-2"))
    done.transferred()
    claimed(ledger, ref=other_ref("held")).held("no account", None)
    assert {row.ref.source_id for row in ledger.unfinished(REF.system, REF.conn_id)} == {"sent", "booked"}


def credit_note(**changes: object) -> DocumentFacts:
    return facts(99, kind=DocumentKind.CREDIT_NOTE, **changes)


def test_a_credited_invoice_is_found_by_its_id_before_its_number(ledger: Ledger) -> None:
    ledger.upsert_facts([facts(1), facts(2), replace(facts(3), ref=REF.model_copy(update={"conn_id": "other"}))])
    by_id = ledger.credited_row(credit_note(credited_source_id="1", credited_number="Q-2"))
    assert by_id is not None
    assert by_id.number == "Q-1"
    by_number = ledger.credited_row(credit_note(credited_source_id="77", credited_number="Q-2"))
    assert by_number is not None
    assert by_number.ref.source_id == "2"
    assert ledger.credited_row(credit_note(credited_number="Q-3")) is None
    assert ledger.credited_row(credit_note()) is None


def test_of_several_invoices_with_the_number_the_booked_one_is_credited(ledger: Ledger) -> None:
    ledger.upsert_facts([facts(1), replace(facts(2), number="Q-1"), replace(credit_note(), number="Q-1")])
    claimed(ledger, ref=other_ref("1")).booked(booking())
    ledger.upsert_facts([replace(facts(2), number="Q-1", total=Decimal(5))])
    row = ledger.credited_row(document(kind=DocumentKind.CREDIT_NOTE, credited_number="Q-1"))
    assert row is not None
    assert row.ref.source_id == "1"


def test_instants_are_in_utc(ledger: Ledger) -> None:
    ledger.upsert_facts([FACTS])
    row = row_of(ledger)
    assert row.created_at.utcoffset() == dt.timedelta(0)
    assert abs(dt.datetime.now(dt.UTC) - row.created_at) < dt.timedelta(minutes=1)


def test_a_credit_note_has_a_negative_total(ledger: Ledger) -> None:
    ledger.upsert_facts([credit_note(total=Decimal("10000.00"))])
    row = row_of(ledger, other_ref("99"))
    assert row.signed_total == Decimal("-10000.00")
    assert row.label == "Q-99 · Acme Events AS · -10 000.00 NOK"


def test_of_many_that_meet_the_same_documents_at_once_one_is_first(ledger: Ledger) -> None:
    """Queues of routes that share a source, and tasks that claim what a queue is just noting."""
    start = threading.Barrier(8)
    numbers = range(1, 40)

    def note() -> None:
        start.wait()
        ledger.upsert_facts([facts(number) for number in numbers])

    def claim() -> None:
        start.wait()
        for number in numbers:
            claim = ledger.claim(other_ref(str(number)), route="qondor_xero", claimant="task 1")
            if claim is not None:
                claim.release()

    threads = [threading.Thread(target=note) for _ in range(7)] + [threading.Thread(target=claim)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in numbers:
        row = row_of(ledger, other_ref(str(number)))
        notes = [change.note for change in ledger.history(row)]
        assert notes.count("first met") == 1
        assert row.facts == facts(number)
