"""Contacts of many documents: looked for in few calls, made and changed in one, and never twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.documents.outcomes import Outcome
from tests.transfer.ahead.batch_world import once, sent
from tests.world import customer, payment

if TYPE_CHECKING:
    from tests.world import World


def of_customers(world: World, count: int, **changes: Any) -> list[dict[str, Any]]:
    """An invoice each of so many customers."""
    return [world.sandbox.qondor.add(payment(n, customer=customer(900 + n, **changes))) for n in range(1, count + 1)]


def contact_calls(world: World, *methods: str) -> list[tuple[str, int]]:
    """The calls about contacts: the method, and how many contacts were written."""
    calls = [entry for entry in world.calls("xero", *methods) if "/Contacts" in entry.path]
    return [(entry.method, len(entry.body["Contacts"]) if entry.body else 0) for entry in calls]


def names(world: World) -> list[str]:
    return sorted(row["Name"] for row in world.sandbox.xero.contacts.rows())


def test_contacts_that_are_there_are_brought_up_to_date_in_one_call(world: World) -> None:
    for number in (901, 902):
        world.sandbox.xero.add_contact(Name=f"Nordlys Møter {number} AS", TaxNumber=f"NO98765{number:04d}MVA")
    documents = of_customers(world, 3)
    selection = world.select()
    world.sandbox.traffic.reset()
    world.book_ahead(selection)
    assert contact_calls(world, "PUT", "POST") == [("POST", 2), ("PUT", 1)]
    assert sent(world) == [["T-1", "T-2", "T-3"]]
    rows = {row["Name"]: row for row in world.sandbox.xero.contacts.rows()}
    assert rows["Nordlys Møter 901 AS"]["EmailAddress"] == "faktura901@nordlys.example"
    world.run_tasks(selection)
    once(world, documents)
    assert len(names(world)) == 3


def test_a_customer_that_changed_is_read_and_changed_with_the_others(world: World) -> None:
    documents = of_customers(world, 2)
    world.run_ahead()
    again = [
        world.sandbox.qondor.add(payment(n + 10, customer=customer(900 + n, invoiceEmail=f"new{n}@nordlys.example")))
        for n in (1, 2)
    ]
    selection = world.select()
    world.sandbox.traffic.reset()
    world.book_ahead(selection)
    assert contact_calls(world) == [("GET", 0), ("POST", 2)]
    world.run_tasks(selection)
    once(world, [*documents, *again])
    assert [row["EmailAddress"] for row in world.sandbox.xero.contacts.rows()] == [
        "new1@nordlys.example",
        "new2@nordlys.example",
    ]


def test_a_customer_whose_contact_is_archived_is_left_to_its_own_task(world: World) -> None:
    archived = {"Name": "Nordlys Møter 901 AS", "TaxNumber": "NO987650901MVA"}
    row = world.sandbox.xero.add_contact(**archived)
    world.sandbox.xero.contacts.change(row["ContactID"], ContactStatus="ARCHIVED")
    documents = of_customers(world, 3)
    selection = world.select()
    world.book_ahead(selection)
    assert sent(world) == [["T-2", "T-3"]]
    ends = world.run_tasks(selection)
    assert ends[str(documents[0]["id"])].outcome is Outcome.HELD
    assert "is archived in Xero: restore it there" in ends[str(documents[0]["id"])].message
    once(world, documents[1:])


@pytest.mark.parametrize("when", ["before", "within", "after"])
@pytest.mark.parametrize("kind", ["close", "bad_request"])
def test_no_contact_is_made_twice_whatever_becomes_of_the_answer(world: World, kind: str, when: str) -> None:
    documents = of_customers(world, 4)
    selection = world.select()
    world.sandbox.traffic.reset()
    world.sandbox.fault(kind, system="xero", method="PUT", path="*/Contacts", when=when, nth=1)
    world.book_ahead(selection)
    world.sandbox.faults.clear()
    if when == "after":
        assert contact_calls(world, "PUT") == [("PUT", 4)]
    world.run_tasks(selection)
    once(world, documents)
    assert names(world) == [f"Nordlys Møter {900 + n} AS" for n in range(1, 5)]


def test_a_contact_that_another_task_is_making_is_left_to_it(world: World) -> None:
    documents = of_customers(world, 3)
    selection = world.select()
    identity = world.session().finance.contacts.identity
    document = world.session().source.read(str(documents[0]["id"]))
    assert document.party is not None
    world.ledger.contacts.intend(world.route.finance.conn_id, identity(document.party).key)
    world.book_ahead(selection)
    assert sent(world) == [["T-2", "T-3"]]
    world.run_tasks(selection)
    once(world, documents)
    assert len(names(world)) == 3


def test_one_customer_with_different_data_in_two_documents_is_settled_once(world: World) -> None:
    documents = [
        world.sandbox.qondor.add(payment(1)),
        world.sandbox.qondor.add(payment(2)),
        world.sandbox.qondor.add(payment(3, customer=customer(901, phoneNumber="+4799999999"))),
    ]
    selection = world.select()
    world.book_ahead(selection)
    assert sent(world) == [["T-1", "T-2"]]
    world.run_tasks(selection)
    once(world, documents)
    assert len(names(world)) == 1
