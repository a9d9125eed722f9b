"""E-mail addresses as people write them and as Xero takes them: never a rejection, never a second contact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.documents.outcomes import Outcome
from tests.world import customer, payment

if TYPE_CHECKING:
    from tests.world import Ended, World

REFUSED = ["jørgen@firma.example", '"kari nordmann"@firma.example']


def booking(number: int, email: str | None, **changes: Any) -> dict[str, Any]:
    booker = {"firstName": "Kari", "lastName": "Nordmann", "email": email, "phoneNumber": None} | changes
    return payment(number, type=3, typeText="BookingInvoice", customer=None, booker=booker)


def bare(number: int = 901, **changes: Any) -> dict[str, Any]:
    """A customer without tax numbers."""
    return customer(number, vatNumber=None, organisationNumber=None, **changes)


def run(world: World, *payments: dict[str, Any]) -> list[Ended]:
    for each in payments:
        world.sandbox.qondor.add(each)
    return list(world.run().values())


def contacts(world: World) -> list[tuple[str, str | None]]:
    return [(row["Name"], row.get("EmailAddress")) for row in world.sandbox.xero.contacts.rows()]


@pytest.mark.parametrize("email", REFUSED)
@pytest.mark.parametrize("made", ["customer", "booker"])
def test_an_address_that_xero_refuses_is_left_out_of_a_new_contact_and_said(
    world: World, made: str, email: str
) -> None:
    one, two = (
        booking(number, email) if made == "booker" else payment(number, customer=bare(invoiceEmail=email))
        for number in (1, 2)
    )
    [first] = run(world, one)
    assert first.outcome is Outcome.TRANSFERRED
    assert f"Xero does not take '{email}'" in first.message
    [second] = run(world, two)
    assert second.outcome is Outcome.TRANSFERRED
    name = "Kari Nordmann" if made == "booker" else "Nordlys Møter 901 AS"
    assert contacts(world) == [(name, None)]


@pytest.mark.parametrize("email", REFUSED)
def test_it_is_left_out_of_an_update_too_and_the_rest_is_written(world: World, email: str) -> None:
    run(world, payment(1, customer=customer()))
    [second] = run(world, payment(2, customer=customer(invoiceEmail=email, city="Bergen")))
    assert second.outcome is Outcome.TRANSFERRED
    assert f"Xero does not take '{email}'" in second.message
    [row] = world.sandbox.xero.contacts.rows()
    assert (row["EmailAddress"], row["Addresses"][0]["City"]) == ("faktura901@nordlys.example", "Bergen")
    [third] = run(world, payment(3, customer=customer(invoiceEmail=email, city="Bergen")))
    assert "does not take" not in third.message, "said once, and asked no more"


def test_a_booker_without_a_stored_address_is_not_made_again_by_a_new_ledger(world: World) -> None:
    run(world, booking(1, REFUSED[0]))
    world.ledger.contacts.forget("xero_default", f"booker:{REFUSED[0]}")
    [second] = run(world, booking(2, REFUSED[0]))
    assert second.outcome is Outcome.TRANSFERRED
    assert contacts(world) == [("Kari Nordmann", None)]


@pytest.mark.parametrize("email", ["post@münchen.example", "POST@MÜNCHEN.example"])
def test_a_domain_that_xero_takes_only_as_dns_writes_it_is_sent_so(world: World, email: str) -> None:
    [result] = run(world, payment(1, customer=bare(invoiceEmail=email)))
    assert result.message == ""
    [row] = world.sandbox.xero.contacts.rows()
    assert row["EmailAddress"].casefold() == "post@xn--mnchen-3ya.example"
    [again] = run(world, payment(2, customer=bare(902, name="Nordlys Møter 901 AS", invoiceEmail=email)))
    assert again.outcome is Outcome.TRANSFERRED
    assert len(world.sandbox.xero.contacts) == 1


@pytest.mark.parametrize(
    "email", ["o'neil@firma.example", "o’neil@firma.example", "O'Neil <o'neil@firma.example>", "o'neil@firma.example."]
)
def test_an_apostrophe_belongs_to_an_address(world: World, email: str) -> None:
    there = world.sandbox.xero.add_contact(Name="O'Neil", EmailAddress="o'neil@firma.example")
    run(world, booking(1, email))
    assert [row["ContactID"] for row in world.sandbox.xero.invoices.rows()] == [there["ContactID"]]


def test_a_booker_whose_address_cannot_be_used_at_all_is_booked_all_the_same(world: World) -> None:
    [result] = run(world, booking(1, "ring meg"))
    assert result.outcome is Outcome.TRANSFERRED
    assert "'ring meg'" in result.message
