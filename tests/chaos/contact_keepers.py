"""Which contacts there are in a random round whose finance system counts, and who changes what of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.chaos.acts import Act, InTurn
from tests.chaos.customer_acts import AddsCustomer, ChangesCustomer, ClearsRegisters, MakesContact, RenewsContact
from tests.chaos.customer_phase import CUSTOMERS
from tests.chaos.keepers import A_DAY, named, number_of
from tests.world import customer

if TYPE_CHECKING:
    from random import Random

    from tests.chaos.customer_acts import Values
    from tests.chaos.journeys import Journey

_OTHERS = (921, 922)
"""Contacts of whom Qondor has never heard."""
_LATE = 923


def with_contacts(rng: Random, journey: Journey) -> tuple[Journey, list[Act]]:
    """The same, with Xero's contacts kept in step in Qondor: those of the documents' customers, and some more.

    Each field is changed once and on one side only: what people changed on both is theirs to mend.
    """
    theirs = sorted({number_of(paper) for paper in journey.papers})
    others = rng.sample(_OTHERS, rng.randint(1, 2))
    names = {number: str(customer(number)["name"]) for number in (*theirs, *others)}
    first: list[Act] = [ClearsRegisters()]
    acts: list[Act] = []
    for number in (*theirs, *others):
        first.append(_contact(rng, number))
        if number in theirs:
            first.append(AddsCustomer(number, tuple({**customer(number), "officeId": 7}.items())))
        changed = _renewed(rng, number)
        acts += [changed] if changed.values or changed.person else []
        names[number] = dict(changed.values).get("Name", names[number])
        if number in theirs and "Phones" not in dict(changed.values) and rng.random() < 0.3:
            acts.append(ChangesCustomer(number, (("phoneNumber", f"+479{rng.randint(1000000, 9999999)}"),)))
    if rng.random() < 0.4:
        acts.append(_contact(rng, _LATE))
        names[_LATE] = str(customer(_LATE)["name"])
    rng.shuffle(acts)
    settings = journey.route.customers
    assert settings is not None
    route = journey.route.model_copy(update={"customers": settings.model_copy(update={"master": "finance"})})
    made = replace(
        journey,
        route=route,
        papers=tuple(named(paper, names) for paper in journey.papers),
        acts=(*journey.acts, InTurn(tuple(acts), takes=A_DAY)),
        phases=(*journey.phases, CUSTOMERS),
        begins_with=tuple(first),
        customers=tuple(names.values()),
    )
    return made, acts


def _id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def _contact(rng: Random, number: int) -> MakesContact:
    known = customer(number)
    address = {
        "AddressLine1": known["address"],
        "PostalCode": known["zipCode"],
        "City": known["city"],
        "Country": known["country"],
    }
    values: dict[str, Any] = {
        "Name": known["name"],
        "TaxNumber": known["vatNumber"],
        "CompanyNumber": known["organisationNumber"],
        "AccountNumber": known["customerNumber"],
        "EmailAddress": known["invoiceEmail"],
        "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": known["phoneNumber"]}],
        "Addresses": [{"AddressType": kind, **address} for kind in ("STREET", "POBOX")],
        "ContactPersons": [dict(_person(number, name)) for name in ("Kari", "Ola") if rng.random() < 0.4],
    }
    return MakesContact(_id(number), tuple(values.items()))


def _person(number: int, name: str) -> Values:
    email = f"{name.lower()}{number}@nordlys.example"
    return (("FirstName", name), ("LastName", "Nordmann"), ("EmailAddress", email), ("IncludeInEmails", False))


def _renewed(rng: Random, number: int) -> RenewsContact:
    new: dict[str, Any] = {
        "Name": f"Nordlys Reiser {number} AS",
        "EmailAddress": f"ny{number}@nordlys.example",
        "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": f"+472311{number:04}"}],
    }
    values = tuple((name, value) for name, value in new.items() if rng.random() < 0.3)
    return RenewsContact(_id(number), values, _person(number, "Per") if rng.random() < 0.3 else ())
