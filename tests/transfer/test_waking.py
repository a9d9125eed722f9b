"""What a held document waits for wakes it in the next run: each reason is made, mended, and gone after one run."""

from __future__ import annotations

import datetime as dt
import json
import os
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from invoice_bridge_core.commands.describe import describe
from invoice_bridge_core.commands.rejections import confirm_rejections
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import WakesOn
from invoice_bridge_core.ledger.database.tables import documents
from invoice_bridge_core.transfer.recheck import Waiting
from tests.builders import route
from tests.transfer.test_dry_run import somebodys
from tests.world import credit_note, line, payment

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.world import World

LEFT = (DocumentState.HELD, DocumentState.IN_DOUBT)


def mapping(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    waiting = world.sandbox.qondor.add(payment(1, lines=[line("OLD")]))

    def mend() -> None:
        world.route = world.route.with_account_codes({"OLD": "200"})

    return waiting, mend


def account(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    waiting = world.sandbox.qondor.add(payment(1, lines=[line("OLD")]))
    accounts = world.sandbox.xero.books.accounts
    closed = next(row for row in accounts.rows() if row.get("Code") == "299")
    return waiting, lambda: accounts.change(closed["AccountID"], Status="ACTIVE")


def archived_contact(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    contact = world.sandbox.xero.add_contact(
        Name="Nordlys Møter 901 AS", TaxNumber="NO987650901MVA", ContactStatus="ARCHIVED"
    )
    contacts = world.sandbox.xero.contacts
    contacts.change(contact["ContactID"], ContactStatus="ARCHIVED")
    waiting = world.sandbox.qondor.add(payment(1))
    return waiting, lambda: contacts.change(contact["ContactID"], ContactStatus="ACTIVE")


def double_contact(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    world.route = route(finance={"ambiguous_contact": "hold"})
    for name in ("Nordlys 1", "Nordlys 2"):
        last = world.sandbox.xero.add_contact(Name=name, TaxNumber="NO987650901MVA")
    waiting = world.sandbox.qondor.add(payment(1))
    return waiting, lambda: world.sandbox.xero.contacts.change(last["ContactID"], ContactStatus="ARCHIVED")


def invoice_by_hand(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    waiting = world.sandbox.qondor.add(credit_note(1, payment(2)))
    return waiting, lambda: somebodys(world, "T-2")


def number_taken(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    somebodys(world, "T-1")
    waiting = world.sandbox.qondor.add(payment(1))
    invoices = world.sandbox.xero.invoices
    [theirs] = invoices.rows()
    return waiting, lambda: invoices.change(theirs["InvoiceID"], Status="DELETED")


def connection(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    variable = f"AIRFLOW_CONN_{world.route.finance.conn_id.upper()}"
    right = os.environ[variable]
    broken = json.loads(right)
    broken["host"] = f"{broken['host']}/wrong"
    waiting = world.sandbox.qondor.add(payment(1))
    world.select()
    monkeypatch.setenv(variable, json.dumps(broken))
    return waiting, lambda: monkeypatch.setenv(variable, right)


def entry(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    # One whose entry shows its kind.
    strange = payment(2, type=9, typeText="GiftVoucher")
    waiting = world.sandbox.qondor.add(strange)
    return waiting, lambda: world.sandbox.qondor.payments.change(
        waiting["id"], type=1, typeText="CustomerOfferInvoice", invoiceDate="2026-11-03"
    )


def currency(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    waiting = world.sandbox.qondor.add(payment(1, currency="DKK", currencyCode=208))
    return waiting, lambda: world.sandbox.xero.books.currencies.put({"Code": "DKK", "Description": "Danish Krone"})


def lock_date(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    waiting = world.sandbox.qondor.add(payment(1, invoiceDate="2026-08-20"))
    organisations = world.sandbox.xero.books.organisations
    key = world.sandbox.xero.books.organisation["OrganisationID"]
    return waiting, lambda: organisations.change(key, PeriodLockDate="2026-07-31")


def invoice_moves(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    invoice = payment(2)
    waiting = world.sandbox.qondor.add(credit_note(1, invoice))
    return waiting, lambda: (world.sandbox.qondor.add(invoice), world.run())


def merged_into_archived(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    xero = world.sandbox.xero
    theirs = xero.add_contact(Name="Nordlys Møter 901 AS", TaxNumber="NO987650901MVA")
    into = xero.add_contact(Name="Group Invoices AS")
    xero.merge_contacts(theirs["ContactID"], into["ContactID"])
    xero.contacts.change(into["ContactID"], ContactStatus="ARCHIVED")
    waiting = world.sandbox.qondor.add(payment(1))
    return waiting, lambda: xero.contacts.change(into["ContactID"], ContactStatus="ACTIVE")


REASONS = [
    mapping, account, currency, lock_date, archived_contact, double_contact, merged_into_archived, invoice_by_hand,
    invoice_moves, number_taken, connection, entry,
]  # fmt: skip


@pytest.mark.parametrize("reason", REASONS)
def test_what_a_reason_asks_for_moves_its_document_within_one_run(
    world: World, monkeypatch: pytest.MonkeyPatch, reason: Callable[[World, pytest.MonkeyPatch], Any]
) -> None:
    waiting, mend = reason(world, monkeypatch)
    world.transfer(waiting["id"])
    assert world.row(waiting["id"]).state in LEFT
    mend()
    world.run()
    assert world.row(waiting["id"]).state is DocumentState.TRANSFERRED


def first_booking(world: World) -> Callable[[], Any]:
    return lambda: world.transfer(world.sandbox.qondor.add(payment(9))["id"])


def rejections_guard(world: World) -> Callable[[], Any]:
    world.booked_before()
    for number in range(20, 25):
        world.transfer(world.sandbox.qondor.add(payment(number, lines=[line("UNKNOWN")]))["id"])
    return lambda: confirm_rejections(world.ledger, world.route.route, by="kari", yes=True)


@pytest.mark.parametrize("kept", [first_booking, rejections_guard])
def test_what_was_kept_from_being_rejected_goes_within_one_run(
    world: World, kept: Callable[[World], Callable[[], Any]]
) -> None:
    world.route = route(policy={"unmapped_article": "reject"})
    mend = kept(world)
    waiting = world.sandbox.qondor.add(payment(1, lines=[line("UNHEARD-OF")]))
    world.run()
    assert world.row(waiting["id"]).state is DocumentState.HELD
    assert world.run() == {}
    mend()
    world.run()
    assert world.row(waiting["id"]).state is DocumentState.REJECTED


def test_nothing_changed_means_no_call_but_the_list(world: World) -> None:
    world.sandbox.qondor.add(payment(1, lines=[line("OLD")]))
    world.run()
    world.sandbox.traffic.reset()
    assert world.run() == {}
    assert len(world.calls("qondor")) == 1


def test_a_document_behind_a_bare_entry_is_read_again_after_an_hour(world: World) -> None:
    waiting = world.sandbox.qondor.add(payment(1, lines=[line("OLD")]))
    world.run()
    world.sandbox.qondor.payments.change(waiting["id"], lines=[line()])
    assert world.run() == {}
    pass_by(world, dt.timedelta(hours=1))
    world.run()
    assert world.row(waiting["id"]).state is DocumentState.TRANSFERRED


def test_of_many_with_one_reason_a_few_are_tried_and_the_rest_follows(world: World) -> None:
    first, mend = archived_contact(world, pytest.MonkeyPatch())
    ids = [first["id"], *(world.sandbox.qondor.add(payment(number))["id"] for number in range(2, 9))]
    assert len(world.run()) == 8
    assert len(world.run()) == 3
    mend()
    assert [one.outcome for one in world.run().values()] == ["transferred"] * 3
    assert [one.outcome for one in world.run().values()] == ["transferred"] * 5
    assert {world.row(one).state for one in ids} == {DocumentState.TRANSFERRED}


@pytest.mark.parametrize(
    ("age", "since_look", "tried"),
    [
        (dt.timedelta(hours=5), dt.timedelta(0), True),
        (dt.timedelta(hours=7), dt.timedelta(minutes=20), False),
        (dt.timedelta(hours=7), dt.timedelta(hours=1), True),
        (dt.timedelta(days=8), dt.timedelta(hours=5), False),
        (dt.timedelta(days=8), dt.timedelta(hours=6), True),
    ],
)
def test_what_only_a_try_can_tell_is_tried_often_at_first(
    world: World, age: dt.timedelta, since_look: dt.timedelta, tried: bool
) -> None:
    archived_contact(world, pytest.MonkeyPatch())
    world.run()
    with world.ledger.transaction() as there:
        now = dt.datetime.now(dt.UTC)
        there.execute(sa.update(documents).values(announced_at=now - age, updated_at=now - since_look))
    assert bool(world.run()) is tried


def test_a_look_that_finds_nothing_new_is_no_line_of_the_history(world: World) -> None:
    waiting, _ = archived_contact(world, pytest.MonkeyPatch())
    world.run()
    before = world.ledger.history(world.row(waiting["id"]))
    assert len(world.run()) == 1
    assert len(world.ledger.history(world.row(waiting["id"]))) == len(before)


def test_show_says_when_it_is_looked_at_again(world: World) -> None:
    waiting, _ = archived_contact(world, pytest.MonkeyPatch())
    world.run()
    row = world.row(waiting["id"])
    text = describe(row, world.ledger.steps(row), world.ledger.history(row))
    assert "Looked at:      again in every run" in text
    assert "and once a day" in text


@pytest.mark.parametrize("wakes_on", [frozenset(), frozenset({WakesOn.ROUTE}), frozenset(WakesOn)])
def test_what_a_document_waits_for_is_kept_as_text(wakes_on: frozenset[WakesOn]) -> None:
    waiting = Waiting("fingerprint", wakes_on, "seen", "connections")
    assert Waiting.parse(str(waiting)) == waiting
    assert Waiting.parse("of an earlier release").shows_by_trying


def pass_by(world: World, time: dt.timedelta) -> None:
    """As long goes by for the ledger's documents."""
    with world.ledger.transaction() as there:
        there.execute(sa.update(documents).values(updated_at=documents.c.updated_at - time))
