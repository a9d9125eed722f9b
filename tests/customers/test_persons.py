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


def as_written(found: list[PersonPair], other: list[ContactPerson]) -> list[ContactPerson]:
    """The other side's persons after the changes, in a system that keeps neither ids nor references of persons."""
    after = list(other)
    for pair in found:
        news = {change.field: change.new for change in pair.comparison.changes}
        if not news:
            continue
        made = (pair.other or ContactPerson()).model_copy(update=news)
        place = next((place for place, one in enumerate(after) if one is pair.other), len(after))
        after[place : place + 1] = [made]
    return after


@given(persons, persons)
def test_what_was_written_is_found_again(master: Any, other: Any) -> None:
    other = [one.model_copy(update={"key": "", "external_reference": None}) for one in other]
    after = as_written(pairs(master, other), other)
    again = pairs(master, after)
    assert [pair.comparison.changes for pair in again if pair.comparison.changes] == []
    assert as_written(again, after) == after


def test_a_person_without_an_address_is_known_by_name() -> None:
    kari = ContactPerson(key="1", first_name="Kari", last_name="Nordmann")
    [pair] = pairs([kari], [ContactPerson(first_name="KARI ", last_name="Nordmann", email=None)])
    assert pair.other is not None
    known = {"1": {"first_name": Agreed("Kari", "Kari"), "last_name": Agreed("Berg", "Berg")}}
    [renamed] = pairs([kari], [ContactPerson(first_name="Kari", last_name="Berg")], known)
    assert [change.as_row for change in renamed.comparison.changes] == [("last_name", "Berg", "Nordmann")]


def test_a_name_tells_nothing_between_two_addresses() -> None:
    kari = ContactPerson(key="1", first_name="Kari", email="kari@acme.example")
    [pair] = pairs([kari], [ContactPerson(first_name="Kari", email="kari@other.example")])
    assert pair.other is None
    without = ContactPerson(key="2", first_name="Kari")
    there = [ContactPerson(first_name="Kari", email=f"{name}@acme.example") for name in ("k", "kari")]
    [pair] = pairs([without], there)
    assert pair.other is None
    assert [one.other for one in pairs([without, kari], there)] == [there[0], there[1]]


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
