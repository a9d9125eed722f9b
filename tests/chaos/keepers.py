"""Which customers there are in a random round, and who changes what of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.chaos.acts import Act, InTurn
from tests.chaos.customer_acts import (
    AddsCustomer,
    AddsPerson,
    ChangesCustomer,
    ClearsRegisters,
    EditsContact,
    MakesContact,
)
from tests.chaos.customer_phase import CUSTOMERS
from tests.world import customer

if TYPE_CHECKING:
    from random import Random

    from tests.chaos.documents import Paper
    from tests.chaos.journeys import Journey

_FIRST = 900
_OTHERS = (904, 905)
_LATE = 906
A_DAY = 25 * 3600
"""Contact persons and telephone numbers, of which Qondor's list says nothing, are looked at once a day."""


def with_customers(rng: Random, journey: Journey) -> tuple[Journey, list[Act]]:
    """The same, with the customers of its documents and some more kept in step.

    Each field of a customer is changed once and on one side only: what people changed on both is theirs to mend.
    """
    numbers = sorted({number_of(paper) for paper in journey.papers} | set(rng.sample(_OTHERS, rng.randint(0, 2))))
    names = {number: str(customer(number)["name"]) for number in numbers}
    first: list[Act] = [ClearsRegisters()]
    acts: list[Act] = []
    for number in numbers:
        first.append(_added(rng, number))
        if rng.random() < 0.25:
            first.append(_by_hand(number))
        changed = _changed(rng, number)
        if changed is not None:
            acts.append(changed)
            names[number] = dict(changed.values).get("name", names[number])
        acts += _persons(rng, number)
        if rng.random() < 0.3:
            acts.append(_edited(rng, number, changed, names[number]))
    if rng.random() < 0.4:
        acts.append(_added(rng, _LATE))
        names[_LATE] = str(customer(_LATE)["name"])
    rng.shuffle(acts)
    papers = tuple(named(paper, names) for paper in journey.papers)
    last = InTurn(tuple(acts), takes=A_DAY)
    made = replace(
        journey,
        papers=papers,
        acts=(*journey.acts, last),
        phases=(*journey.phases, CUSTOMERS),
        begins_with=tuple(first),
        customers=tuple(names.values()),
    )
    return made, acts


def number_of(paper: Paper) -> int:
    """The id of a document's customer."""
    return _FIRST + paper.expected.customer


def named(paper: Paper, names: dict[int, str]) -> Paper:
    """The same document, of the customer as it is called in the end."""
    return replace(paper, expected=replace(paper.expected, customer_name=names[number_of(paper)]))


def _added(rng: Random, number: int) -> AddsCustomer:
    values = {name: value for name, value in customer(number).items() if name != "id"}
    persons = [_person(number, name) for name in ("Kari", "Ola") if rng.random() < 0.4]
    return AddsCustomer(number, tuple({**values, "officeId": 7}.items()), tuple(persons))


def _person(number: int, name: str) -> tuple[tuple[str, Any], ...]:
    email = _email(number, name)
    return (("firstName", name), ("lastName", "Nordmann"), ("email", email))


def _email(number: int, name: str) -> str:
    return f"{name.lower()}{number}@nordlys.example"


def _by_hand(number: int) -> MakesContact:
    """The customer's contact was there before us, with an address of its own; its tax number says whose it is."""
    known = customer(number)
    return MakesContact(
        f"00000000-0000-4000-8000-{number:012}",
        (
            ("Name", known["name"]),
            ("TaxNumber", known["vatNumber"]),
            ("EmailAddress", f"gammel{number}@nordlys.example"),
        ),
    )


def _changed(rng: Random, number: int) -> ChangesCustomer | None:
    new: dict[str, Any] = {
        "name": f"Nordlys Reiser {number} AS",
        "invoiceEmail": f"ny{number}@nordlys.example",
        "phoneNumber": f"+472311{number:04}",
        "address": "Kirkegata 2",
    }
    fields = [name for name in new if rng.random() < 0.3]
    if not fields:
        return None
    return ChangesCustomer(number, tuple((name, new[name]) for name in fields), in_documents=rng.random() < 0.5)


def _persons(rng: Random, number: int) -> list[Act]:
    acts: list[Act] = []
    if rng.random() < 0.3:
        acts.append(AddsPerson(number, _email(number, "Per"), (("firstName", "Per"), ("lastName", "Hansen"))))
    if rng.random() < 0.2:
        acts.append(AddsPerson(number, _email(number, "Kari"), (("firstName", "Kari"), ("lastName", "Hansen"))))
    return acts


def _edited(rng: Random, number: int, changed: ChangesCustomer | None, name: str) -> EditsContact:
    """Somebody changes in Xero what Qondor leaves as it is; it is put back."""
    taken = dict(changed.values) if changed is not None else {}
    names = (str(customer(number)["name"]), name)
    email = None if "invoiceEmail" in taken or rng.random() < 0.5 else f"feil{number}@nordlys.example"
    phone = None if "phoneNumber" in taken else f"9{rng.randint(1000000, 9999999)}"
    return EditsContact(names, email, phone)
