"""Customers that agree are passed by; whatever is spoilt by hand is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.chaos.acts import Act
from tests.chaos.cases import perform, violations
from tests.chaos.customer_acts import AddsCustomer, AddsPerson, ChangesCustomer, ClearsRegisters, MakesContact
from tests.chaos.customer_phase import CUSTOMERS
from tests.chaos.documents import INVOICE, paper, route_of
from tests.chaos.journeys import Journey
from tests.chaos.phases import TRANSFER
from tests.chaos.world import PACES
from tests.world import customer

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox
    from tests.chaos.world import ChaosWorld

DAY = 25 * 3600
KARI = (("firstName", "Kari"), ("email", "kari@nordlys.example"))
NAME = customer(901)["name"]


@dataclass(frozen=True)
class Spoils(Act):
    """Other values in the customer's contact."""

    values: tuple[tuple[str, Any], ...]

    def __call__(self, sandbox: Sandbox) -> None:
        [contact] = [row for row in sandbox.xero.contacts.rows() if row["Name"] == NAME]
        sandbox.xero.contacts.put({**contact, **dict(self.values)})


PERSON = {"FirstName": "Kari", "EmailAddress": "kari@nordlys.example"}
SPOILT: list[tuple[Act, str]] = [
    (MakesContact("c-2", (("Name", "Nordlys AS"), ("ContactNumber", "qondor_default:customer:901"))), "2 times"),
    (MakesContact("c-3", (("Name", f"{NAME} (2)"),)), "the contact c-3 is in one of Xero and the ledger only"),
    (Spoils((("EmailAddress", "feil@nordlys.example"),)), "invoiceEmail is 'ny901@nordlys.example' in Qondor"),
    (Spoils((("ContactPersons", [PERSON, PERSON]),)), "kari@nordlys.example of"),
    (Spoils((("ContactPersons", []),)), "on one side only"),
]


@pytest.fixture
def kept(world: ChaosWorld) -> Journey:
    """Both sides agree on a customer that was changed and got a contact person when it was known."""
    values = tuple({**customer(901), "officeId": 7}.items())
    changed = ChangesCustomer(901, (("invoiceEmail", "ny901@nordlys.example"), ("phoneNumber", "+4723110901")))
    route = route_of("qondor_xero")
    journey = Journey(
        "kept in step",
        route,
        (paper(route, INVOICE, 1),),
        acts=(changed, AddsPerson(901, "kari@nordlys.example", KARI, takes=DAY)),
        phases=(TRANSFER, CUSTOMERS),
        begins_with=(ClearsRegisters(), AddsCustomer(901, values)),
        customers=(NAME,),
    )
    world.plant(journey)
    perform(world, journey, PACES["next run"])
    return journey


def test_whatever_is_spoilt_is_found(world: ChaosWorld, kept: Journey) -> None:
    assert violations(world, kept, ()) == []
    for act, says in SPOILT:
        before = world.played.ask(contacts)
        world.act(act)
        assert any(says in violation for violation in violations(world, kept, ())), says
        world.played.ask(put_back, before)
    assert violations(world, kept, ()) == []


def contacts(sandbox: Sandbox) -> list[dict[str, Any]]:
    """What Xero holds; runs in the sandbox."""
    return [dict(row) for row in sandbox.xero.contacts.rows()]


def put_back(sandbox: Sandbox, rows: list[dict[str, Any]]) -> None:
    """Let Xero hold that again; runs in the sandbox."""
    sandbox.xero.contacts.clear()
    for row in rows:
        sandbox.xero.contacts.put(row)
