"""What a comparison of three sides comes to, whatever stands in their fields."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from invoice_bridge_core.customers.comparison import Agreed, Comparison, compare
from invoice_bridge_core.customers.values import is_same

FIELDS = ("name", "email", "phone", "tax_number", "address", "payment_terms")
TEXTS: dict[str, list[Any]] = {
    "name": ["Acme Events AS", "Acme  Events AS", "Nordlys AS", "acme events as"],
    "email": ["post@acme.example", "POST@acme.example", "faktura@acme.example"],
    "phone": ["+47 22 00 00 00", "+4722000000", "0047 22000000", "90000000"],
    "tax_number": ["NO 974 760 673 MVA", "NO974760673MVA", "974760673", "NO923609016MVA"],
    "address": [
        {"line1": "Storgata 1", "city": "Oslo", "country_code": "NO"},
        {"line1": "Storgata  1", "city": "Oslo", "country": "Norway"},
        {"line1": "Kirkegata 2", "city": "Oslo", "country_code": "NO"},
    ],
    "payment_terms": [14, 30],
}
sides = st.fixed_dictionaries({field: st.sampled_from([None, *TEXTS[field]]) for field in FIELDS})
bases = st.fixed_dictionaries(
    {},
    optional={
        field: st.builds(Agreed, st.sampled_from([None, *TEXTS[field]]), st.sampled_from([None, *TEXTS[field]]))
        for field in FIELDS
    },
)


def compared(base: Any, master: Any, other: Any, *, wipe: bool = False) -> Comparison:
    return compare(base, master, other, fields=FIELDS, wipe=wipe, same=is_same)


def applied(other: dict[str, Any], comparison: Comparison) -> dict[str, Any]:
    return other | {change.field: change.new for change in comparison.changes}


@given(bases, sides, sides, st.booleans())
def test_what_was_changed_is_not_changed_again(base: Any, master: Any, other: Any, wipe: bool) -> None:
    first = compared(base, master, other, wipe=wipe)
    after = applied(other, first)
    again = compared(first.agreed or {}, master, after, wipe=wipe)
    assert again.changes == ()
    assert again.conflicts == first.conflicts


@given(bases, sides, sides)
def test_an_empty_field_of_the_master_empties_nothing(base: Any, master: Any, other: Any) -> None:
    comparison = compared(base, master, other)
    assert all(change.new is not None for change in comparison.changes)
    assert {one.field for one in comparison.changes} <= {field for field in FIELDS if master[field] is not None}


@given(bases, sides, sides)
def test_wiping_makes_both_sides_equal_where_there_is_no_conflict_and_something_changed(
    base: Any, master: Any, other: Any
) -> None:
    comparison = compared(base, master, other, wipe=True)
    after = applied(other, comparison)
    left = {conflict.field for conflict in comparison.conflicts}
    for field in FIELDS:
        known = base.get(field)
        was_left_so = (
            known is not None
            and is_same(field, known.master, master[field])
            and is_same(field, known.other, other[field])
        )
        assert field in left or was_left_so or is_same(field, after[field], master[field])


@given(bases, sides, sides)
def test_a_conflict_is_a_field_that_both_sides_changed(base: Any, master: Any, other: Any) -> None:
    for conflict in compared(base, master, other).conflicts:
        known = base[conflict.field]
        assert not is_same(conflict.field, known.master, master[conflict.field])
        assert not is_same(conflict.field, known.other, other[conflict.field])
        assert not is_same(conflict.field, master[conflict.field], other[conflict.field])


@given(sides, sides)
def test_at_a_first_meeting_the_master_counts_and_nothing_is_a_conflict(master: Any, other: Any) -> None:
    comparison = compared({}, master, other)
    assert comparison.conflicts == ()
    after = applied(other, comparison)
    assert all(master[field] is None or is_same(field, after[field], master[field]) for field in FIELDS)


@given(sides)
def test_a_side_is_equal_to_itself(side: Any) -> None:
    assert compared({}, side, side, wipe=True).changes == ()


def test_only_the_other_side_drifted_so_the_master_is_put_back() -> None:
    base = {"email": Agreed("post@acme.example", "post@acme.example")}
    comparison = compared(base, {"email": "post@acme.example"}, {"email": "ny@acme.example"})
    assert [change.as_row for change in comparison.changes] == [("email", "ny@acme.example", "post@acme.example")]
    assert not comparison.conflicts


def test_what_the_other_side_writes_in_its_own_way_is_not_sent_again() -> None:
    base = {"name": Agreed("Acme AS", "Acme AS (C-902)")}
    assert not compared(base, {"name": "Acme AS"}, {"name": "Acme AS (C-902)"}).changes
    assert compared(base, {"name": "Acme Nord AS"}, {"name": "Acme AS (C-902)"}).changes


def test_an_empty_field_of_the_other_side_is_no_conflict_but_filled_again() -> None:
    base = {"phone": Agreed("22000000", "22000000")}
    comparison = compared(base, {"phone": "90000000"}, {"phone": None})
    assert [change.new for change in comparison.changes] == ["90000000"]
