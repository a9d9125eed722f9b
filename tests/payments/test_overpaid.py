"""What was paid too much: people read by how much, once, whoever told the source of the payment, and when."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from invoice_bridge_core.payments.unfinished import unfinished_payments
from invoice_bridge_core.reports.payments import news_for_people, payments_text
from tests.payments.backflow import ON, Backflow


@pytest.fixture
def back(quiddly: Backflow) -> Backflow:
    return quiddly


def summary(back: Backflow) -> str:
    """What the summary of a payment run that told nothing itself says, and notes that people were told."""
    entries = unfinished_payments(back.world.ledger, back.world.route, told_since=dt.datetime.now(dt.UTC))
    news = news_for_people(entries, back.world.route)
    back.world.ledger.payments.announced(news)
    return payments_text(back.world.route, entries, news).replace("\N{NO-BREAK SPACE}", " ")


def overpaid_by(back: Backflow, amount: str) -> str:
    return f"{back.name_of(1)} was overpaid by {amount} "


def test_a_customer_who_pays_twice_is_told_of_once(back: Backflow) -> None:
    back.book(1)
    first = back.pay(1)
    back.world.run_payments()
    assert (back.source_says(1), "overpaid" in summary(back), back.world.found()) == (back.paid(first), False, {})
    back.bookkeeper.overpay(back.name_of(1), Decimal(25), on=ON + dt.timedelta(days=5))
    assert back.world.run_payments() == {}
    text = summary(back)
    assert overpaid_by(back, "25.00") in text
    assert "Reported as paid, with a remark:" in text
    assert (summary(back).count("overpaid"), back.world.found(), len(back.reports())) == (0, {}, 1)


def test_another_amount_is_told_anew_and_the_same_one_is_not(back: Backflow) -> None:
    back.book(1)
    back.pay(1)
    back.world.run_payments()
    said = []
    for amount in (25, 10, -35, 25):
        if amount > 0:
            back.bookkeeper.overpay(back.name_of(1), Decimal(amount), on=ON)
        else:
            back.bookkeeper.correct(back.name_of(1), Decimal(-amount), on=ON)
        for _ in range(2):
            assert back.world.run_payments() == {}
            said.append("overpaid" in summary(back))
    assert said == [True, False, True, False, False, False, True, False]


def test_what_another_dag_told_is_in_the_next_summary(back: Backflow) -> None:
    back.book(1)
    payment_id = back.bookkeeper.overpay(back.name_of(1), Decimal(back.total + 25), on=ON)
    # A daily close tells the source, and says nothing of it to people.
    assert len(back.world.run_payments()) == 1
    assert back.source_says(1) == back.paid(payment_id)
    assert overpaid_by(back, "25.00") in summary(back)
    assert ("overpaid" in summary(back), back.world.found()) == (False, {})
