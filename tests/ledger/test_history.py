"""Every change of a row is kept, with who made it and what it changed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.documents.facts import DocumentFacts
from invoice_bridge_core.errors import LeaseLostError
from tests.builders import document
from tests.ledger.rows import REF, booking, claimed, expire, row_of

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import Ledger


def story(ledger: Ledger) -> list[tuple[str, str | None, str, str]]:
    return [
        (change.actor, change.from_state, change.to_state, change.note) for change in ledger.history(row_of(ledger))
    ]


def test_the_whole_way_of_a_document_is_told(ledger: Ledger) -> None:
    facts = DocumentFacts.from_document(document(), "entry")
    ledger.upsert_facts([facts])
    ledger.upsert_facts([facts])
    ledger.upsert_facts([replace(facts, total=Decimal("12.50"))])
    dead = claimed(ledger, "run 1")
    dead.note_document(document())
    dead.intend("Q-10023", "hash")
    expire(ledger)
    claim = claimed(ledger, "run 2")
    with pytest.raises(LeaseLostError):
        dead.booked(booking())
    claim.note_document(document())
    claim.withdraw_intent("not there")
    claim.intend("Q-10023", "hash")
    claim.booked(booking())
    claim.steps.intend("payment")
    claim.steps.done("payment", "p-1")
    claim.update_booking(booking(status="PAID"))
    claim.release("Qondor does not answer")
    claim = claimed(ledger, "run 3")
    claim.held("a person has to compare", None)
    claim = claimed(ledger, "run 3")
    claim.release()
    claimed(ledger, "run 3").transferred()
    assert story(ledger) == [
        ("queue", None, "seen", "first met"),
        ("queue", "seen", "seen", "read again: it changed in its source"),
        ("run 1", "seen", "seen", "read from its source"),
        ("run 1", "seen", "working", "about to be booked as Q-10023"),
        ("run 2", "working", "working", "taken over from run 1, which stopped without a note"),
        ("run 2", "working", "seen", "not booked: not there"),
        ("run 2", "seen", "working", "about to be booked as Q-10023"),
        ("run 2", "working", "booked", "booked as Q-10023"),
        ("run 2", "booked", "booked", "step payment: about to be sent"),
        ("run 2", "booked", "booked", "step payment: done (p-1)"),
        ("run 2", "booked", "booked", "its booking changed"),
        ("run 2", "booked", "booked", "Qondor does not answer"),
        ("run 3", "booked", "held", "held: a person has to compare"),
        ("run 3", "held", "transferred", "reported to its source"),
    ]


def test_what_was_read_otherwise_than_it_is_written_is_told_once(ledger: Ledger) -> None:
    told = [("customer.invoiceEmail 'a@x; b@x' was read as a@x; also there: b@x",), ("dueDate '1.12.2026' was read",)]
    claim = claimed(ledger, "run 1")
    for read_as in (told[0], told[0], told[0] + told[1], told[0] + told[1], (), told[0] + told[1]):
        claim.note_document(document(read_as=read_as))
    assert [note for *_, note in story(ledger)] == [
        "first met",
        f"read from its source: {told[0][0]}",
        f"read from its source: {told[0][0]}; {told[1][0]}",
    ]


def test_a_long_list_of_what_was_read_is_cut(ledger: Ledger) -> None:
    claimed(ledger).note_document(document(read_as=tuple(f"line {number}" for number in range(1, 31))))
    *_, (_, _, _, note) = story(ledger)
    assert note.endswith("line 19; line 20; and 10 more")


def test_changes_name_what_was_and_what_is(ledger: Ledger) -> None:
    claim = claimed(ledger)
    claim.booked(booking(status="AUTHORISED"))
    claim.update_booking(booking(status="PAID", warnings=()))
    *_, change = ledger.history(row_of(ledger))
    assert change.changes == {"finance_status": ["AUTHORISED", "PAID"], "finance_warnings": ["no PDF", None]}


def test_a_row_made_by_a_claim_is_told(ledger: Ledger) -> None:
    claimed(ledger, "run 1")
    assert story(ledger) == [("run 1", None, "seen", "first met")]
    assert row_of(ledger).ref == REF
