"""A contact chosen by a person, on the desk or in the question: the next run books on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.decisions.all_kinds import kind_named, open_questions
from invoice_bridge_core.decisions.kind import Answer, Question
from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.documents.several_contacts import is_of_several_contacts
from invoice_bridge_core.transfer.chosen_contact import ContactChoice
from tests.builders import route
from tests.desk.clerk import Clerk, notes
from tests.world import World, payment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.sandbox import Sandbox

TWINS = ("Nordlys Oslo", "Nordlys (Bergen) 'x'")


@pytest.fixture
def world(sandbox: Sandbox, ledger_url: str) -> Iterator[World]:
    """Payments 1 and 2 of one customer, for whom two contacts fit."""
    world = World(sandbox, ledger_url, route(finance={"ambiguous_contact": "hold"}))
    for name in TWINS:
        sandbox.xero.add_contact(Name=name, TaxNumber="NO987650901MVA", EmailAddress="faktura901@nordlys.example")
    sandbox.qondor.add(payment(1))
    sandbox.qondor.add(payment(2))
    assert {ended.outcome for ended in world.run().values()} == {Outcome.HELD}
    yield world
    world.close()


def contact(world: World, name: str) -> str:
    [found] = [one for one in ContactChoice(world.session()).candidates(world.row(50001)) if one.name == name]
    return found.contact_id


def booked_on(world: World) -> set[str]:
    return {world.booking(source_id).contact_id for source_id in (50001, 50002)}


def asked(world: World) -> list[Question]:
    world.new_run()
    return open_questions(world.session())


def test_the_reason_is_known_again(world: World) -> None:
    assert is_of_several_contacts(world.row(50001).reason)
    assert not is_of_several_contacts("2 contacts are archived")


def test_the_chosen_contact_is_booked_on_by_all_documents_of_the_customer(world: World) -> None:
    anna, chosen = Clerk(world), contact(world, TWINS[1])
    world.sandbox.traffic.reset()
    assert "choose_contact" in anna.has(world.row(50001))
    row = world.row(50001)
    assert TWINS[1] in anna.did("choose_contact", row, contact=chosen)
    assert world.calls("xero", "PUT", "POST") == []
    assert any(note.startswith(f"Anna Berg chose the contact '{TWINS[1]}'") for _, note in notes(world, 50001))
    assert "Anna Berg chose" in Clerk(world, "Bo Lund").may_not("choose_contact", row, contact=contact(world, TWINS[0]))
    assert {ended.outcome for ended in world.run().values()} == {Outcome.TRANSFERRED}
    assert booked_on(world) == {chosen}


def test_what_does_not_fit_or_is_archived_meanwhile_is_not_taken(world: World) -> None:
    anna, chosen = Clerk(world), contact(world, TWINS[0])
    stranger = world.sandbox.xero.add_contact(Name="Somebody else AS")
    assert "shows no active contact" in anna.may_not("choose_contact", world.row(50001), contact=stranger["ContactID"])
    world.sandbox.xero.contacts[chosen]["ContactStatus"] = "ARCHIVED"
    assert "shows no active contact" in anna.may_not("choose_contact", world.row(50001), contact=chosen)
    assert is_of_several_contacts(world.row(50001).reason)


def test_one_question_for_the_customer_with_its_contacts_for_options(world: World) -> None:
    [question] = asked(world)
    text = kind_named("contact").text(world.session(), question)
    assert text is not None
    assert len(text.options) == 3
    assert text.options[-1] == "None of these"
    chosen = contact(world, TWINS[1])
    [option] = [one for one in text.options if one.endswith(chosen)]
    said = kind_named("contact").carry_out(world.session(), question, answer(option))
    assert TWINS[1] in said
    assert asked(world) == []
    assert Clerk(world, "Bo Lund").has(world.row(50001)) == {"retry", "put_aside"}
    again = kind_named("contact").carry_out(world.session(), question, answer(option))
    assert again.startswith("Nothing was left to do.")
    assert "Anna Berg chose the contact" in again
    world.run()
    assert booked_on(world) == {chosen}


def test_none_of_these_is_kept_and_not_asked_again(world: World) -> None:
    [question] = asked(world)
    said = kind_named("contact").carry_out(world.session(), question, answer("None of these", approved=False))
    assert said.endswith("wants none of the contacts that fit")
    assert asked(world) == []


def test_what_the_desk_did_is_shown_as_done(world: World) -> None:
    [question] = asked(world)
    Clerk(world).did("choose_contact", world.row(question.source_id), contact=contact(world, TWINS[0]))
    assert kind_named("contact").text(world.session(), question) is None
    assert "Anna Berg chose" in kind_named("contact").carry_out(world.session(), question, answer("x · y"))


def answer(option: str, *, approved: bool = True) -> Answer:
    return Answer(approved, "Anna Berg", None, "Anna Berg, by decisions__x/run/decision.carry_out/0", option)
