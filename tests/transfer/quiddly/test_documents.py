"""Qondor to Quiddly through the core: created, activated, reported, each once, whatever happens to an answer."""

from __future__ import annotations

import pytest

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.errors import BridgeError
from tests.transfer.quiddly_world import calls, change, everything, everything_once, swedish, until_done
from tests.world import World, credit_note, customer, line


def test_an_invoice_costs_two_calls_and_is_created_activated_and_reported(world: World) -> None:
    waiting = world.sandbox.qondor.add(swedish())
    result = world.transfer(waiting["id"])
    assert calls(world) == ["POST /invoices", "PUT /invoices/{invoice_id}/activate"]
    [made] = world.sandbox.quiddly.invoices.rows()
    assert (result.outcome, result.finance_number, result.message) == (Outcome.TRANSFERRED, "QT-1", "")
    assert (made["status"], made["totals"]["totalToPay"]) == ("ACTIVATED", 10000)
    assert world.sandbox.qondor.payments[waiting["id"]]["externalReference"] == made["id"]

    world.sandbox.traffic.reset()
    assert world.transfer(waiting["id"]).outcome is Outcome.ALREADY_TRANSFERRED
    assert calls(world) == []


def test_a_run_signs_in_once_and_each_document_costs_two_calls(world: World) -> None:
    for one in everything():
        world.sandbox.qondor.add(one)
    until_done(world)
    everything_once(world)
    assert sorted(calls(world)) == ["POST /invoices"] * 4 + ["PUT /invoices/{invoice_id}/activate"] * 4
    assert world.sandbox.calls()["quiddly"]["tokens"] == 1


def test_created_but_not_activated_is_found_again_and_activated(world: World) -> None:
    waiting = world.sandbox.qondor.add(swedish())
    world.sandbox.fault("close", system="quiddly", method="POST", path="/invoices", when="after", nth=1)
    with pytest.raises(BridgeError):
        world.transfer(waiting["id"])
    [made] = world.sandbox.quiddly.invoices.rows()
    assert made["status"] == "CREATED"

    world.sandbox.traffic.reset()
    assert world.transfer(waiting["id"]).outcome is Outcome.TRANSFERRED
    assert calls(world) == ["GET /invoices", "PUT /invoices/{invoice_id}/activate"]
    assert [row["status"] for row in world.sandbox.quiddly.invoices.rows()] == ["ACTIVATED"]


def test_a_card_refund_waits_for_its_invoice_too(world: World) -> None:
    _, card, _, refund = everything()
    paid, refunded = world.sandbox.qondor.add(card), world.sandbox.qondor.add(refund)
    world.select()
    held = world.transfer(refunded["id"])
    assert held.outcome is Outcome.HELD
    assert "Waits for its invoice T-3" in held.message
    assert world.sandbox.quiddly.invoices.rows() == []

    assert world.transfer(paid["id"]).outcome is Outcome.TRANSFERRED
    assert world.transfer(refunded["id"]).outcome is Outcome.TRANSFERRED
    numbers = {row["invoiceNumber"]: row.get("debitInvoiceNumber") for row in world.sandbox.quiddly.invoices.rows()}
    assert numbers == {"QT-3": None, "QT-4": "QT-3"}


def test_an_activation_whose_answer_was_lost_is_looked_at_and_not_repeated(world: World) -> None:
    waiting = world.sandbox.qondor.add(swedish())
    world.sandbox.fault("close", system="quiddly", method="PUT", when="after", nth=1)
    with pytest.raises(BridgeError):
        world.transfer(waiting["id"])
    world.sandbox.traffic.reset()
    assert world.transfer(waiting["id"]).outcome is Outcome.TRANSFERRED
    # Once for the activation, and once to see that the booking still stands before Qondor is told.
    assert calls(world) == ["GET /invoices/{invoice_id}"] * 2
    assert len(world.sandbox.quiddly.distributions.rows()) == 1


def test_somebody_activated_it_by_hand_in_between(world: World) -> None:
    waiting = world.sandbox.qondor.add(swedish())
    world.sandbox.fault("error", system="quiddly", method="PUT", when="before", nth=1)
    with pytest.raises(BridgeError):
        world.transfer(waiting["id"])
    [made] = world.sandbox.quiddly.invoices.rows()
    world.sandbox.quiddly.rules.activate(made["id"], {})
    assert world.transfer(waiting["id"]).outcome is Outcome.TRANSFERRED
    assert len(world.sandbox.quiddly.distributions.rows()) == 1


def test_a_409_to_the_first_activation_counts_as_done(world: World) -> None:
    change(world, activate=False)
    waiting = world.sandbox.qondor.add(swedish())
    world.sandbox.fault("close", system="qondor", method="PUT", when="before", nth=1)
    with pytest.raises(BridgeError):
        world.transfer(waiting["id"])
    [made] = world.sandbox.quiddly.invoices.rows()
    world.sandbox.quiddly.rules.activate(made["id"], {})
    change(world)
    assert world.transfer(waiting["id"]).outcome is Outcome.TRANSFERRED
    assert world.booking(waiting["id"]).status == "ACTIVATED"
    assert len(world.sandbox.quiddly.distributions.rows()) == 1


@pytest.mark.parametrize("status", ["DRAFT", "NEW"])
def test_what_quiddly_calls_its_first_state_keeps_no_invoice_from_going_out(
    world: World, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = world.sandbox.quiddly.rules.create
    monkeypatch.setattr(world.sandbox.quiddly.rules, "create", lambda body: {**create(body), "status": status})
    waiting = world.sandbox.qondor.add(swedish())
    assert world.transfer(waiting["id"]).outcome is Outcome.TRANSFERRED
    assert calls(world) == ["POST /invoices", "PUT /invoices/{invoice_id}/activate"]
    assert len(world.sandbox.quiddly.distributions.rows()) == 1
    assert world.booking(waiting["id"]).status == "ACTIVATED"


def test_an_unknown_state_is_held_until_quiddly_says_that_it_is_activated(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiddly = world.sandbox.quiddly
    create = quiddly.rules.create
    monkeypatch.setattr(quiddly.rules, "create", lambda body: quiddly.invoices.put({**create(body), "status": "OPEN"}))
    waiting = world.sandbox.qondor.add(swedish())
    held = world.transfer(waiting["id"])
    assert held.outcome is Outcome.HELD
    assert "Quiddly gives QT-1 the status OPEN, which does not say whether it is activated" in held.message
    assert world.sandbox.qondor.payments[waiting["id"]]["statusText"] == "Unprocessed"
    [made] = quiddly.invoices.rows()
    quiddly.invoices.change(made["id"], status="ACTIVATED")
    assert world.transfer(waiting["id"]).outcome is Outcome.TRANSFERRED
    assert calls(world) == ["POST /invoices", *["GET /invoices/{invoice_id}"] * 3]
    assert world.sandbox.qondor.payments[waiting["id"]]["externalReference"] == made["id"]


def test_without_activation_it_stays_a_draft(world: World) -> None:
    change(world, activate=False)
    waiting = world.sandbox.qondor.add(swedish())
    assert world.transfer(waiting["id"]).outcome is Outcome.TRANSFERRED
    assert calls(world) == ["POST /invoices"]
    booking = world.row(waiting["id"]).booking
    assert booking is not None
    assert (booking.status, booking.is_draft) == ("CREATED", True)


@pytest.mark.parametrize("status", [409, 400])
def test_a_number_that_exists_is_looked_up_and_adopted_when_it_is_ours(world: World, status: int) -> None:
    world.sandbox.quiddly.duplicate_status = status
    waiting = world.sandbox.qondor.add(swedish())
    # 429 says "not processed", which is not true here: the next attempt meets its own number.
    world.sandbox.fault("too_many_requests", system="quiddly", method="POST", path="/invoices", when="after", nth=1,
                        retry_after=0)  # fmt: skip
    assert world.transfer(waiting["id"]).outcome is Outcome.TRANSFERRED
    assert calls(world) == [
        "POST /invoices", "POST /invoices", "GET /invoices", "PUT /invoices/{invoice_id}/activate",
    ]  # fmt: skip
    assert len(world.sandbox.quiddly.invoices.rows()) == 1


@pytest.mark.parametrize("status", [409, 400])
def test_somebody_elses_number_leaves_the_document_in_doubt(world: World, status: int) -> None:
    world.sandbox.quiddly.duplicate_status = status
    stranger = world.sandbox.qondor.add(swedish(7, customer=customer(977)))
    world.transfer(stranger["id"])
    [made] = world.sandbox.quiddly.invoices.rows()
    world.sandbox.quiddly.invoices.change(made["id"], invoiceNumber="QT-1", ourOrderNumber="by hand")

    waiting = world.sandbox.qondor.add(swedish(1))
    result = world.transfer(waiting["id"])
    assert result.outcome is Outcome.IN_DOUBT
    assert "QT-1 is already in Quiddly, but it is not what was sent: it does not carry our mark" in result.message
    assert len(world.sandbox.quiddly.invoices.rows()) == 1
    assert world.sandbox.qondor.payments[waiting["id"]]["statusText"] == "Unprocessed"


@pytest.mark.parametrize("status", [409, 400])
@pytest.mark.parametrize("kind", ["close", "unavailable"])
def test_with_the_look_up_switched_off_a_lost_answer_leaves_it_in_doubt(world: World, kind: str, status: int) -> None:
    change(world, invoice_search_path=None)
    world.sandbox.quiddly.duplicate_status = status
    waiting = world.sandbox.qondor.add(swedish())
    how = {"retry_after": 0} if kind == "unavailable" else {}
    world.sandbox.fault(kind, system="quiddly", method="POST", path="/invoices", when="after", nth=1, **how)
    until_done(world)
    result = world.transfer(waiting["id"])
    assert result.outcome is Outcome.IN_DOUBT
    assert "QT-1 may be in Quiddly already" in result.message
    assert len(world.sandbox.quiddly.invoices.rows()) == 1
    assert world.sandbox.qondor.payments[waiting["id"]]["statusText"] == "Unprocessed"

    change(world)
    assert world.transfer(waiting["id"]).outcome is Outcome.TRANSFERRED
    assert len(world.sandbox.quiddly.invoices.rows()) == 1


def test_with_no_way_to_look_a_lost_activation_is_held_and_never_sent_again(world: World) -> None:
    change(world, invoice_search_path=None, invoice_path=None)
    waiting = world.sandbox.qondor.add(swedish())
    world.sandbox.fault("close", system="quiddly", method="PUT", when="after", nth=1)
    with pytest.raises(BridgeError):
        world.transfer(waiting["id"])
    for _ in range(2):
        result = world.transfer(waiting["id"])
        assert result.outcome is Outcome.HELD
        assert "may be activated" in result.message
    assert [call for call in calls(world) if "activate" in call] == ["PUT /invoices/{invoice_id}/activate"]


def test_card_money_is_remarked_not_sent_out_and_named_in_the_outcome(world: World) -> None:
    card, credit = everything()[1], everything()[3]
    for one in (card, credit):
        world.sandbox.qondor.add(one)
    ended = world.run()
    booked, credited = world.sandbox.quiddly.invoices.rows()
    assert (booked["remark"], booked["terms"], booked["distributionCode"]) == (
        "Paid by card", {"payment": "Paid by card"}, None,
    )  # fmt: skip
    assert (credited["remark"], credited["distributionCode"]) == ("Refunded to the card", None)
    assert [(result.outcome, result.message) for result in ended.values()] == [
        (Outcome.TRANSFERRED, "Card payment of T-3 cannot be booked, because Quiddly has no call for it. "
         "Enter it in Quiddly by hand"),
        (Outcome.TRANSFERRED, "Card refund of T-4 cannot be booked, because Quiddly has no call for it. "
         "Enter it in Quiddly by hand"),
    ]  # fmt: skip


def test_a_wrong_vat_rate_is_rejected_and_a_missing_exchange_rate_held(world: World) -> None:
    world.booked_before()
    odd = line("VAT15", vatPercentage=15, vatAmount=1200, totalInclVat=9200)
    wrong = world.sandbox.qondor.add(swedish(1, lines=[odd], vatAmount=1200, totalInclVat=9200))
    foreign = world.sandbox.qondor.add(swedish(2, currency="NOK", currencyCode=578))
    ended = world.run()
    assert ended[str(wrong["id"])].outcome is Outcome.REJECTED
    told = world.sandbox.qondor.payments[wrong["id"]]["failureMessage"]
    assert told == "VAT rate 15% not configured for article code 'VAT15' on line 1: Quiddly takes 0, 6, 12 and 25%"
    assert ended[str(foreign["id"])].outcome is Outcome.HELD
    assert world.run() == {}
    assert calls(world) == []

    change(world, exchange_rates={"NOK": "0.98"})
    world.run()
    [made] = world.sandbox.quiddly.invoices.rows()
    assert {**made["currency"], "exchangeRate": str(made["currency"]["exchangeRate"])} == {
        "baseCurrency": "SEK", "exchangeRate": "0.98", "invoiceCurrency": "NOK",
    }  # fmt: skip


def test_a_credit_of_an_invoice_that_was_made_by_hand_names_it_as_it_is(world: World) -> None:
    invoice = world.sandbox.qondor.add(swedish(1))
    world.transfer(invoice["id"])
    [made] = world.sandbox.quiddly.invoices.rows()
    world.sandbox.quiddly.invoices.change(made["id"], invoiceNumber="H-77")
    credit = {**credit_note(2, invoice), "creditedInvoiceId": None, "creditedInvoiceNumber": "H-77"}
    waiting = world.sandbox.qondor.add({**credit, "currency": "SEK", "currencyCode": 752})
    assert world.transfer(waiting["id"]).outcome is Outcome.TRANSFERRED
    assert world.sandbox.quiddly.invoices.find("invoiceNumber", "QT-2")[0]["debitInvoiceNumber"] == "H-77"


@pytest.mark.parametrize("field", ["debtor", "currency", "ourOrderNumber"])
def test_a_strangers_invoice_of_the_bare_number_is_never_credited(world: World, field: str) -> None:
    stranger = world.sandbox.qondor.add(swedish(7))
    world.transfer(stranger["id"])
    quiddly = world.sandbox.quiddly
    [made] = quiddly.invoices.rows()
    odd = {
        "debtor": {**made["debtor"], "customerNumber": "C-1"},
        "currency": {**made["currency"], "invoiceCurrency": "EUR"},
        "ourOrderNumber": "ixpole:ixpole_default:INST-1",
    }
    quiddly.invoices.change(made["id"], **{"invoiceNumber": "T-1", "ourOrderNumber": "by hand", field: odd[field]})
    credit = {**credit_note(2, swedish(1)), "currency": "SEK", "currencyCode": 752}
    waiting = world.sandbox.qondor.add(credit)
    world.sandbox.traffic.reset()
    held = world.transfer(waiting["id"])
    assert held.outcome is Outcome.HELD
    assert "Waits for its invoice T-1" in held.message
    assert calls(world) == ["GET /invoices"] * 2
    assert [row["invoiceNumber"] for row in quiddly.invoices.rows()] == ["T-1"]

    quiddly.invoices.change(made["id"], **{**made, "invoiceNumber": "T-1", "ourOrderNumber": "by hand"})
    assert world.transfer(waiting["id"]).outcome is Outcome.TRANSFERRED
    assert quiddly.invoices.find("invoiceNumber", "QT-2")[0]["debitInvoiceNumber"] == "T-1"


def test_a_credit_that_names_its_invoice_by_id_alone_is_booked_against_it(world: World) -> None:
    invoice = world.sandbox.qondor.add(swedish(1))
    credit = {**credit_note(2, invoice), "creditedInvoiceNumber": None, "currency": "SEK", "currencyCode": 752}
    waiting = world.sandbox.qondor.add(credit)
    world.run()
    assert world.booking(waiting["id"]).number == "QT-2"
    assert world.sandbox.quiddly.invoices.find("invoiceNumber", "QT-2")[0]["debitInvoiceNumber"] == "QT-1"
    assert world.sandbox.qondor.payments[waiting["id"]]["statusText"] == "Processed"


def test_a_dry_run_shows_the_body_and_sends_nothing(world: World) -> None:
    waiting = world.sandbox.qondor.add(swedish())
    result = world.rehearse(waiting["id"])
    assert result.outcome is Outcome.WOULD_TRANSFER
    assert '"invoiceNumber": "QT-1"' in str(result.payload)
    assert world.calls("quiddly", "PUT", "PATCH", "DELETE") == []
    assert not [call for call in calls(world) if "POST" in call]
    assert world.sandbox.quiddly.invoices.rows() == []


def test_two_customers_with_one_number_do_not_become_one_debtor(world: World) -> None:
    first, second = (
        world.sandbox.qondor.add(swedish(n, customer=customer(900 + n, customerNumber="C-1"))) for n in (1, 2)
    )
    assert world.transfer(first["id"]).outcome is Outcome.TRANSFERRED
    held = world.transfer(second["id"])
    assert (held.outcome, held.message) == (
        Outcome.HELD,
        "Customer 'Nordlys Møter 902 AS' (ref: 902) has number C-1, but so has 'Nordlys Møter 901 AS' (ref: 901) in "
        "Quiddly. There the two would become one customer: give 'Nordlys Møter 902 AS' another number",
    )
    assert [row["debtor"]["name"] for row in world.sandbox.quiddly.invoices.rows()] == ["Nordlys Møter 901 AS"]

    world.sandbox.qondor.add({**second, "customer": customer(902)})
    assert world.transfer(second["id"]).outcome is Outcome.TRANSFERRED
    world.sandbox.qondor.add(swedish(3, customer=customer(901, customerNumber="C-1", name="Nordlys Konferanse AS")))
    assert [result.outcome for result in world.run().values()] == [Outcome.TRANSFERRED]


def test_one_customer_that_a_source_keeps_twice_is_one_debtor(world: World) -> None:
    for number in (1, 2):
        buyer = customer(900 + number, customerNumber="C-1", name="Nordlys AS" if number == 1 else "NORDLYS  AS")
        waiting = world.sandbox.qondor.add(swedish(number, customer=buyer))
        assert world.transfer(waiting["id"]).outcome is Outcome.TRANSFERRED
