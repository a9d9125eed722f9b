"""Many documents changed at once: the same as one after the other, with a statement for all that change alike."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_bridge_core.documents.facts import DocumentFacts
from invoice_bridge_core.ledger.database.leases import NO_LEASE
from invoice_bridge_core.ledger.documents.many_changes import Change
from tests.examples import SHARED_FIXTURE, examples
from tests.ledger.rows import booking, claimed, other_ref, row_of

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import Claim, Ledger

NAMES_OF_ROW = (
    "id",
    "source_id",
    "lease_owner",
    "lease_token",
    "finance_id",
    "search_text",
    "intent_token",
    "booked_at",
)
"""Columns that differ from row to row by themselves; instants do too."""

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
bookings = st.fixed_dictionaries(
    {
        "total": st.decimals(Decimal(-99), Decimal(99), places=2),
        "marker": st.none() | texts,
        "due_date": st.none() | st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)),
        "is_draft": st.booleans(),
        "warnings": st.lists(texts, max_size=2).map(tuple),
    }
)
ends = st.tuples(st.sampled_from(["booked", "withdrawn", "let go"]), bookings, st.none() | texts)


def values_of(claim: Claim, kind: str, given_booking: dict[str, Any], number: int) -> dict[str, Any]:
    if kind == "booked":
        return {**claim.as_booked(booking("T-1", f"f-{number}", **given_booking)), **NO_LEASE}
    return {**claim.withdrawal(), **NO_LEASE} if kind == "withdrawn" else dict(NO_LEASE)


def told(ledger: Ledger, claim: Claim) -> tuple[dict[str, Any], list[Any]]:
    """Row and history, without what differs by itself."""
    record = claim.leased.record
    instants = {name for name, value in record.items() if isinstance(value, dt.datetime)}
    row = {name: value for name, value in record.items() if name not in {*NAMES_OF_ROW, *instants}}
    history = [
        (one.from_state, one.to_state, one.note, {k: v for k, v in one.changes.items() if k not in NAMES_OF_ROW})
        for one in ledger.history(row_of(ledger, claim.row.ref))
    ]
    return {**row, "has": sorted(instants)}, history


@settings(max_examples=examples(40), suppress_health_check=SHARED_FIXTURE)
@given(changed=st.lists(ends, min_size=1, max_size=5))
def test_together_is_the_same_as_one_after_the_other(ledger: Ledger, changed: list[Any]) -> None:
    with ledger.transaction() as connection:
        connection.execute(sa.text("TRUNCATE invoice_bridge.documents CASCADE"))
    count = len(changed)
    refs = [other_ref(str(number)) for number in range(2 * count)]
    ledger.upsert_facts([DocumentFacts(ref=ref) for ref in refs])
    claims = [claimed(ledger, ref=ref, finance_conn="xero_default") for ref in refs]
    values = [
        values_of(claim, kind, given_booking, number)
        for number, (claim, (kind, given_booking, _)) in enumerate(zip(claims, [*changed, *changed], strict=True))
    ]
    notes = [note for _, _, note in changed]
    for claim, each, note in zip(claims[:count], values[:count], notes, strict=True):
        claim.leased.change(each, note)
    together = [Change(*each) for each in zip(claims[count:], values[count:], notes, strict=True)]
    assert ledger.batches.change(together, actor=claims[0].leased.record["lease_owner"] or "test") == []
    for alone, in_one in zip(claims[:count], claims[count:], strict=True):
        assert told(ledger, alone) == told(ledger, in_one)


def test_fifty_that_change_alike_are_one_statement(ledger: Ledger) -> None:
    refs = [other_ref(str(number)) for number in range(50)]
    ledger.upsert_facts([DocumentFacts(ref=ref) for ref in refs])
    claims = [claimed(ledger, ref=ref, finance_conn="xero_default") for ref in refs]
    changes = [
        Change(claim, claim.as_booked(booking(f"T-{place}", f"f-{place}")), "booked")
        for place, claim in enumerate(claims)
    ]
    sent: list[str] = []

    def heard(*about: Any) -> None:
        sent.append(about[2].split()[0])

    sa.event.listen(sa.Engine, "before_cursor_execute", heard)
    try:
        ledger.batches.change(changes, actor="run/book_ahead")
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", heard)
    assert sent == ["SAVEPOINT", "UPDATE", "RELEASE", "INSERT"]
    assert {row_of(ledger, ref).booking is not None for ref in refs} == {True}
