"""Contact persons of two sides: who is who, and what becomes of them."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from invoice_bridge_core.customers.comparison import Agreed
from invoice_bridge_core.customers.persons import PersonPair, paired
from invoice_bridge_core.customers.values import PERSON_FIELDS
from invoice_bridge_core.documents.customer_card import ContactPerson

emails = st.sampled_from([None, "kari@acme.example", "KARI@acme.example", "ola@acme.example", "per@acme.example"])
names = st.sampled_from([None, "Kari", "Ola", "Per"])
references = st.sampled_from([None, "77", "78"])
persons = st.lists(
    st.builds(
        ContactPerson,
        key=st.sampled_from(["", "1", "2", "3"]),
        external_reference=references,
        first_name=names,
        last_name=names,
        email=emails,
    ),
    max_size=5,
)


def pairs(master: Any, other: Any, base: Any = None, *, wipe: bool = False) -> list[PersonPair]:
    return paired(base or {}, master, other, fields=PERSON_FIELDS, wipe=wipe)


@given(persons, persons)
def test_nobody_is_paired_twice_and_nobody_goes(master: Any, other: Any) -> None:
    found = pairs(master, other)
    partners = [id(pair.other) for pair in found if pair.other is not None]
    assert len(partners) == len(set(partners))
    assert len({pair.key for pair in found}) == len(found)
    assert all(change.new is not None for pair in found for change in pair.comparison.changes)


def test_the_address_counts_before_the_reference() -> None:
    kari = ContactPerson(key="1", email="kari@acme.example", external_reference="77")
    by_reference = ContactPerson(key="x", external_reference="77", email="old@acme.example")
    by_email = ContactPerson(key="y", email="Kari@ACME.example")
    [pair] = pairs([kari], [by_reference, by_email])
    assert pair.other == by_email


def test_a_new_address_of_a_known_person_makes_no_second_person() -> None:
    base = {"1": {"email": Agreed("kari@acme.example", "kari@acme.example")}}
    kari = ContactPerson(key="1", first_name="Kari", email="kari.nordmann@acme.example")
    [pair] = pairs([kari], [ContactPerson(first_name="Kari", email="kari@acme.example")], base)
    assert [change.as_row for change in pair.comparison.changes] == [
        ("email", "kari@acme.example", "kari.nordmann@acme.example")
    ]


def test_a_person_whom_both_sides_renamed_is_a_conflict() -> None:
    base = {"1": {"first_name": Agreed("Kari", "Kari"), "email": Agreed("k@a.example", "k@a.example")}}
    master = ContactPerson(key="1", first_name="Karianne", email="k@a.example")
    [pair] = pairs([master], [ContactPerson(first_name="Karin", email="k@a.example")], base)
    assert [(one.field, one.master, one.other) for one in pair.comparison.conflicts] == [
        ("first_name", "Karianne", "Karin")
    ]


def test_who_cannot_be_told_from_others_is_left_alone() -> None:
    assert pairs([ContactPerson(first_name="Kari")], []) == []
