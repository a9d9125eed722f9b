"""Random worlds: what a dry run says is what the run does, and whatever happens, nobody is there twice or lost."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_bridge_core.customers.direction import Direction
from invoice_bridge_core.customers.values import shown, values_of
from invoice_bridge_core.documents.customer_card import CustomerCard
from invoice_bridge_core.documents.customer_states import CustomerState
from tests.customers.customer_world import CustomerWorld, organisation_number
from tests.examples import SHARED_FIXTURE, examples
from tests.transfer.write_faults import WRITE_FAULTS
from tests.world import customer, payment

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox
    from tests.postgres import PostgresServer

EMAILS = ("post@acme.example", "faktura@acme.example", "POST@acme.example", None)
NAMES = ("Acme AS", "ACME AS", "Acme  Events AS", "Nordlys AS", "Sør AS")
PEOPLE = (
    {"firstName": "Kari", "lastName": "Nordmann", "email": "kari@acme.example"},
    {"firstName": "Ola", "email": "ola@acme.example"},
    {"firstName": "Per"},
)
ours = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(NAMES),
            "number": st.integers(1, 4),
            "has_number": st.booleans(),
            "invoiceEmail": st.sampled_from(EMAILS),
            "phoneNumber": st.sampled_from((None, "+47 22 00 00 00", "22000001")),
            "city": st.sampled_from((None, "Oslo", "Bergen")),
            "isActive": st.sampled_from((True, True, True, False)),
            "people": st.lists(st.sampled_from(PEOPLE), max_size=2, unique_by=str),
        }
    ),
    max_size=5,
)
theirs = st.lists(
    st.fixed_dictionaries(
        {
            "Name": st.sampled_from(NAMES),
            "number": st.integers(1, 4),
            "has_number": st.booleans(),
            "EmailAddress": st.sampled_from(EMAILS),
            "ContactStatus": st.sampled_from(("ACTIVE", "ACTIVE", "ACTIVE", "ARCHIVED")),
        }
    ),
    max_size=4,
)


def fill(world: CustomerWorld, ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> None:
    for place, one in enumerate(ours):
        number = organisation_number(one["number"]) if one["has_number"] else None
        world.add(
            900 + place,
            name=one["name"],
            organisationNumber=number,
            vatNumber=None,
            invoiceEmail=one["invoiceEmail"],
            phoneNumber=one["phoneNumber"],
            city=one["city"],
            isActive=one["isActive"],
            contactPersons=one["people"],
        )
    taken: set[str] = set()
    for place, contact in enumerate(theirs):
        name = contact["Name"]
        if contact["ContactStatus"] == "ACTIVE" and name.casefold() in taken:
            name = f"{name} {place}"
        taken.add(name.casefold())
        world.put_contact(
            f"c-{place}",
            Name=name,
            TaxNumber=organisation_number(contact["number"]) if contact["has_number"] else None,
            EmailAddress=contact["EmailAddress"],
            ContactStatus=contact["ContactStatus"],
        )


@pytest.mark.parametrize("master", ["source", "finance"])
@settings(max_examples=examples(6), suppress_health_check=SHARED_FIXTURE)
@given(ours=ours, theirs=theirs)
def test_what_a_dry_run_says_is_what_the_run_does(
    sandbox: Sandbox, postgres: PostgresServer, master: str, ours: Any, theirs: Any
) -> None:
    from tests.postgres import fresh_ledger_url

    with fresh_ledger_url(postgres) as url:
        world = CustomerWorld.of(sandbox, url, master=master)
        fill(world, ours, theirs)
        foreseen = {(row.customer, row.field, row.old, row.new) for row in world.plan(dry_run=True).table}
        assert world.customer_rows() == []
        before = cards(world)
        run = world.sync()
        assert not run.errors
        assert run.table == foreseen
        told = {(row.label, *one) for row in world.customer_rows() for one in row.written}
        assert told == foreseen
        plain = {one for one in foreseen if not one[1].startswith("contact person ")}
        assert changed(world, before) == plain
        world.close()


def cards(world: CustomerWorld) -> dict[str, CustomerCard]:
    source, finance = world.systems()
    direction = Direction.of(world.route, source, finance)
    found = [card for card in direction.other.read(None, {}, ()) if isinstance(card, CustomerCard)]
    return {card.key: card for card in found}


def changed(world: CustomerWorld, before: dict[str, CustomerCard]) -> set[tuple[str, str, str, str]]:
    """What became of the other side's fields, by what is there now."""
    source, finance = world.systems()
    direction = Direction.of(world.route, source, finance)
    after = cards(world)
    labels = {
        (row.finance_id if direction.is_source_master else row.source_key): row.label for row in world.customer_rows()
    }
    found = set()
    for key, card in after.items():
        then = values_of(before.get(key, CustomerCard()), direction.fields)
        for field, value in values_of(card, direction.fields).items():
            if shown(then[field]) != shown(value):
                found.add((labels[key], field, shown(then[field]), shown(value)))
    return found


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_nobody_is_there_twice_or_lost(kept: CustomerWorld, seed: int) -> None:
    play(kept, random.Random(seed))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 160))
def test_the_same_for_many_more_rounds(kept: CustomerWorld, seed: int) -> None:
    play(kept, random.Random(seed))


def play(world: CustomerWorld, dice: random.Random) -> None:
    """Some rounds of syncs, transfers, faults and people on both sides; then both sides say the same, once."""
    for number in range(901, 901 + dice.randint(1, 4)):
        world.add(number, contactPersons=dice.sample(PEOPLE, dice.randint(0, 2)))
    for _ in range(dice.randint(3, 8)):
        for _ in range(dice.randint(0, 2)):
            act(world, dice)
        if dice.random() < 0.6:
            fault = dice.choice(WRITE_FAULTS)
            method = dice.choice(("PUT", "POST"))
            world.sandbox.fault(system="xero", method=method, path="*Contacts*", nth=dice.randint(1, 3), **fault)
        world.writes_ahead = dice.random() < 0.7
        if dice.random() < 0.3:
            world.forget_versions()
        world.sync(limit=dice.choice((None, 1, 2)))
        if dice.random() < 0.5:
            world.run_until_quiet(3)
    world.sandbox.faults.clear()
    world.forget_versions()
    settle_conflicts(world)
    world.sync_until_quiet(10)
    world.run_until_quiet()
    # A document that is older than the customer's last change has brought its own data along.
    world.sync_until_quiet()
    assert world.differences() == []
    numbers = [contact["ContactNumber"] for contact in world.contacts() if contact.get("ContactNumber")]
    assert sorted(numbers) == sorted(set(numbers))
    assert sorted(numbers) == sorted(
        f"qondor_default:customer:{one['id']}" for one in world.sandbox.qondor.customers.all()
    )
    assert {row.state for row in world.customer_rows()} <= {CustomerState.IN_STEP}
    for contact in world.contacts():
        people = [tuple(sorted(person.items())) for person in contact.get("ContactPersons") or ()]
        assert len(people) == len(set(people))
    booked = {row["ContactID"] for row in world.sandbox.xero.invoices.rows()}
    assert booked <= {row.finance_id for row in world.customer_rows()}


def act(world: CustomerWorld, dice: random.Random) -> None:
    """Something that a person does on either side."""
    customers, contacts = world.sandbox.qondor.customers.all(), world.contacts()
    match dice.choice(("new", "mail", "phone", "person", "drift", "document")):
        case "new":
            world.add(901 + len(customers))
        case "mail":
            one = dice.choice(customers)
            mail = f"ny{dice.randint(1, 999)}@nordlys.example"
            world.sandbox.qondor.customers.update({"id": one["id"], "invoiceEmail": mail})
        case "phone":
            one = dice.choice(customers)
            phone = f"+472{dice.randint(1000000, 9999999)}"
            world.sandbox.qondor.customers.update({"id": one["id"], "phoneNumber": phone})
        case "person":
            one = dice.choice(customers)
            name = f"p{dice.randint(1, 9999)}"
            if len(world.sandbox.qondor.contact_persons.of(one["id"])) < 5:
                world.sandbox.qondor.contact_persons.put(firstName=name, email=f"{name}@nordlys.example", of=one["id"])
        case "drift" if contacts:
            phones = [{"PhoneType": "DEFAULT", "PhoneNumber": f"9{dice.randint(1000000, 9999999)}"}]
            world.put_contact(dice.choice(contacts)["ContactID"], Phones=phones)
        case "document":
            one = dice.choice(customers)
            number = 1 + len(world.sandbox.qondor.payments.rows())
            world.sandbox.qondor.add(payment(number, customer={**customer(), **one}))


def settle_conflicts(world: CustomerWorld) -> None:
    """A person makes both sides say the same where both were changed."""
    world.sync_until_quiet(4)
    for row in world.customer_rows():
        if row.state is CustomerState.CONFLICT and row.finance_id is not None and row.source is not None:
            world.put_contact(
                row.finance_id,
                EmailAddress=row.source.email,
                Phones=[{"PhoneType": "DEFAULT", "PhoneNumber": row.source.phone}],
            )
