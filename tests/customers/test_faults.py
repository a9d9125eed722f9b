"""A fault at any call, a death at any note: later runs finish from there, with nobody twice and nobody lost."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from invoice_bridge_core.customers.batches import ContactBatches
from invoice_bridge_core.customers.sync import CustomerSync
from invoice_bridge_core.documents.customer_states import CustomerState
from invoice_bridge_core.errors import BridgeError
from invoice_bridge_core.ledger.contacts import ContactLedger
from invoice_bridge_core.ledger.customers.customer_claim import CustomerClaim
from tests.transfer.write_faults import WRITE_FAULTS
from tests.world import customer, payment

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.customers.customer_world import CustomerWorld

KARI = {"firstName": "Kari", "lastName": "Nordmann", "email": "kari@nordlys.example"}
PEOPLE = [{"FirstName": "Kari", "LastName": "Nordmann", "EmailAddress": "kari@nordlys.example"}]


def named(fault: dict[str, Any]) -> str:
    return "-".join(map(str, fault.values()))


FAULTS = [
    # One after which nobody knows and one after which everybody does are tried in every run of the tests.
    pytest.param(
        {**fault, "count": count},
        id=f"{named(fault)}-{count}",
        marks=() if place in (1, 8) and count == 1 else pytest.mark.long,
    )
    for place, fault in enumerate(WRITE_FAULTS)
    for count in (1, 2)
]


class Killed(BaseException):
    """The process is gone: nobody gets to catch it."""


@pytest.fixture
def waiting(kept: CustomerWorld) -> CustomerWorld:
    """Two customers to be made, one with a contact person, and one whose contact has to be changed."""
    kept.add(901, contactPersons=[KARI])
    kept.add(902)
    kept.add(903)
    kept.put_contact("c-3", Name="Nordlys Møter 903 AS", EmailAddress="faktura903@nordlys.example")
    return kept


@pytest.fixture
def wanted(returned: CustomerWorld) -> CustomerWorld:
    """The other way: a contact to be made, with a contact person, and one whose customer has to be changed."""
    returned.put_contact("c-1", Name="Nordlys AS", EmailAddress="post@nordlys.example", ContactPersons=PEOPLE)
    returned.put_contact("c-2", Name="Sør AS", EmailAddress="ny@sor.example", ContactNumber="S-2")
    returned.add(902, name="Sør AS", externalReference="c-2", invoiceEmail="post@sor.example")
    return returned


def everyone_once(world: CustomerWorld) -> None:
    assert (
        sorted(contact.get("ContactNumber") or contact["Name"] for contact in world.contacts())
        == [
            "Nordlys Møter 903 AS",
            "qondor_default:customer:901",
            "qondor_default:customer:902",
        ]
        or len(world.contacts()) == 3
    )
    people = [person["EmailAddress"] for one in world.contacts() for person in one.get("ContactPersons") or ()]
    assert people == ["kari@nordlys.example"]
    settled(world)


def both_once(world: CustomerWorld) -> None:
    assert len(world.sandbox.qondor.customers.all()) == 2
    assert len(world.sandbox.qondor.contact_persons.all()) == 1
    [made] = [one for one in world.sandbox.qondor.customers.all() if one["externalReference"] == "c-1"]
    assert len(world.sandbox.qondor.contact_persons.of(made["id"])) == 1
    settled(world)


def settled(world: CustomerWorld) -> None:
    assert set(world.states().values()) == {CustomerState.IN_STEP}
    assert world.differences() == []
    world.sandbox.traffic.reset()
    world.sync()
    assert not world.calls("xero", "PUT", "POST") + world.calls("qondor", "PUT", "POST")


@pytest.mark.parametrize("writes_ahead", [True, False], ids=["batches", "alone"])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_fault_at_a_write_into_xero(
    waiting: CustomerWorld, method: str, fault: dict[str, Any], writes_ahead: bool
) -> None:
    waiting.writes_ahead = writes_ahead
    waiting.sandbox.fault(system="xero", method=method, path="*Contacts*", **fault)
    waiting.sync_until_quiet()
    everyone_once(waiting)


# By Qondor's 503 nothing was done (contract qondor.md), so it is sent again within the call.
@pytest.mark.parametrize("fault", [one for one in FAULTS if "unavailable-after" not in str(one.id)])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "*/Customer/v1/Customer"),
        ("PUT", "*/Customer/v1/Customer"),
        ("POST", "*/ContactPerson"),
        ("PUT", "*UpdateCustomerRelation"),
    ],
)
def test_a_fault_at_a_write_into_qondor(wanted: CustomerWorld, method: str, path: str, fault: dict[str, Any]) -> None:
    wanted.sandbox.fault(system="qondor", method=method, path=path, **fault)
    wanted.sync_until_quiet()
    both_once(wanted)


@pytest.mark.parametrize(
    "kind",
    [
        "close",
        *(
            pytest.param(kind, marks=pytest.mark.slow)
            for kind in ("error", "html", "half_json", "empty", "wrong_type", "unavailable")
        ),
    ],
)
@pytest.mark.parametrize(
    ("system", "path"), [("xero", "*Contacts*"), ("qondor", "*GetAll*"), ("qondor", "*Customer/9*")]
)
def test_a_failed_reading_is_not_taken_for_nobody(waiting: CustomerWorld, system: str, path: str, kind: str) -> None:
    waiting.sandbox.fault(kind, system=system, method="GET", path=path, count=3)
    waiting.sync_until_quiet()
    everyone_once(waiting)


def test_a_batch_of_which_a_part_was_saved(waiting: CustomerWorld) -> None:
    """Xero answers 400 to the whole and has saved some of it all the same."""
    waiting.sandbox.fault("half_json", system="xero", method="PUT", path="*Contacts")
    waiting.plan()
    # As if the second element had not been saved: a person takes it away before anybody looks.
    rows = waiting.ledger.customers.wanted(*waiting.conns)
    session = waiting.session()
    ContactBatches(session, "test/write_ahead").write([row.id for row in rows])
    waiting.sync_until_quiet()
    everyone_once(waiting)


NOTES = [
    (CustomerClaim, "intend"),
    (CustomerClaim, "linked"),
    (CustomerClaim, "in_step"),
    (ContactLedger, "intend"),
    (ContactLedger, "remember"),
]


@pytest.mark.parametrize("writes_ahead", [True, False], ids=["batches", "alone"])
@pytest.mark.parametrize("nth", [1, *(pytest.param(nth, marks=pytest.mark.slow) for nth in (2, 3))])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("owner", "note"), NOTES, ids=lambda part: getattr(part, "__name__", part))
def test_a_death_at_a_note(
    waiting: CustomerWorld, owner: type, note: str, when: str, nth: int, writes_ahead: bool
) -> None:
    waiting.writes_ahead = writes_ahead
    with patch.object(owner, note, dying(getattr(owner, note), when, nth)), suppress(Killed):
        waiting.sync()
    forget_leases(waiting)
    waiting.sync_until_quiet()
    everyone_once(waiting)


@pytest.mark.parametrize("nth", [1, *(pytest.param(nth, marks=pytest.mark.slow) for nth in (2, 3))])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("owner", "note"), NOTES[:3] + NOTES[4:], ids=lambda part: getattr(part, "__name__", part))
def test_a_death_at_a_note_on_the_way_into_qondor(
    wanted: CustomerWorld, owner: type, note: str, when: str, nth: int
) -> None:
    with patch.object(owner, note, dying(getattr(owner, note), when, nth)), suppress(Killed):
        wanted.sync()
    forget_leases(wanted)
    wanted.sync_until_quiet()
    both_once(wanted)


def test_two_runs_at_once_and_a_transfer_beside_make_one_contact(waiting: CustomerWorld) -> None:
    from concurrent.futures import ThreadPoolExecutor

    there = waiting.sandbox.qondor.customers[901]
    document = waiting.sandbox.qondor.add(payment(1, customer={**customer(901), **there}))
    waiting.plan()
    ids = [row.id for row in waiting.ledger.customers.wanted(*waiting.conns)]
    selection = waiting.select()
    assert len(selection.invoices) == 1
    ahead = [partial(ContactBatches(waiting.session(), f"run {one}/ahead").write, ids) for one in (1, 2)]
    alone = [
        partial(CustomerSync(waiting.session(), f"run {one}/{link}").sync, link, "") for one in (3, 4) for link in ids
    ]
    works: list[Callable[[], object]] = [*ahead, *alone, partial(waiting.transfer, document["id"])]
    with ThreadPoolExecutor(len(works)) as pool:
        for future in [pool.submit(attempt, work) for work in works]:
            future.result()
    waiting.run_until_quiet()
    waiting.sync_until_quiet()
    everyone_once(waiting)
    assert waiting.booking(document["id"]).contact_id == waiting.customer_row(901).finance_id


def attempt(work: Callable[[], object]) -> None:
    with suppress(BridgeError):
        work()


def dying(real: Callable[..., Any], when: str, nth: int) -> Callable[..., Any]:
    """The note, at whose nth time the process dies."""
    calls = iter(range(1, 1000))

    def note(*args: Any, **kwargs: Any) -> Any:
        dies = next(calls) == nth
        if dies and when == "before":
            raise Killed
        value = real(*args, **kwargs)
        if dies:
            raise Killed
        return value

    return note


def forget_leases(world: CustomerWorld) -> None:
    """As if the leases of whoever died had run out."""
    world.expire_leases()
