"""What finance holds is the source's total to the cent; where it is not, nothing is paid or reported."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.documents.outcomes import Outcome
from tests.builders import route
from tests.world import card_payment, credit_note, line, payment

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.world import World

SHORT: dict[str, Any] = {
    "unitPriceExclVat": Decimal("799.68"),
    "unitPriceInclVat": Decimal("999.60"),
    "totalExclVat": Decimal("799.68"),
    "vatAmount": Decimal("199.92"),
    "totalInclVat": Decimal("999.60"),
}
"""A line over 999.60, on a document over `ROUND`."""
ROUND: dict[str, Any] = {
    "totalExclVat": Decimal("799.68"),
    "vatAmount": Decimal("199.92"),
    "totalInclVat": Decimal("1000.00"),
}
LONG: dict[str, Any] = SHORT | {
    "unitPriceExclVat": Decimal("800.32"),
    "unitPriceInclVat": Decimal("1000.40"),
    "totalExclVat": Decimal("800.32"),
    "vatAmount": Decimal("200.08"),
    "totalInclVat": Decimal("1000.40"),
}
DOWN: dict[str, Any] = {
    "totalExclVat": Decimal("800.32"),
    "vatAmount": Decimal("200.08"),
    "totalInclVat": Decimal("1000.00"),
}


def with_rounding(world: World, account: str | None = "860", tolerance: str = "1.00", **finance: Any) -> None:
    world.route = route(finance={"rounding_account": account, **finance}, policy={"total_tolerance": tolerance})


def negative(values: dict[str, Any]) -> dict[str, Any]:
    return {name: -value if name.startswith(("total", "vat")) else value for name, value in values.items()}


@pytest.mark.parametrize("made", [payment, card_payment])
@pytest.mark.parametrize(("lines", "sums", "rounding"), [(SHORT, ROUND, "0.40"), (LONG, DOWN, "-0.40")])
def test_a_rounding_line_makes_the_total_the_sources(
    world: World,
    made: Callable[..., dict[str, Any]],
    lines: dict[str, Any],
    sums: dict[str, Any],
    rounding: str,
) -> None:
    with_rounding(world)
    waiting = world.sandbox.qondor.add(made(1, lines=[line(**lines)], **sums))
    assert world.transfer(waiting["id"]).outcome is Outcome.TRANSFERRED
    [invoice] = world.sandbox.xero.invoices.rows()
    *_, last = invoice["LineItems"]
    assert invoice["Total"] == Decimal("1000.00")
    assert (last["Description"], last["AccountCode"], last["LineAmount"], last["TaxAmount"]) == (
        "Rounding", "860", Decimal(rounding), 0,
    )  # fmt: skip
    paid = [row["Amount"] for row in world.sandbox.xero.payments.rows()]
    assert paid == ([Decimal("1000.00")] if made is card_payment else [])


@pytest.mark.parametrize("by_card", [False, True])
def test_a_credit_note_gets_a_rounding_line_too(world: World, by_card: bool) -> None:
    with_rounding(world)
    invoice = (card_payment if by_card else payment)(1, lines=[line(**SHORT)], **ROUND)
    world.transfer(world.sandbox.qondor.add(invoice)["id"])
    note = credit_note(2, invoice, lines=[line(quantity=-1, **negative(SHORT))], **negative(ROUND))
    assert world.transfer(world.sandbox.qondor.add(note)["id"]).outcome is Outcome.TRANSFERRED
    [booked] = world.sandbox.xero.credit_notes.rows()
    assert (booked["Total"], booked["RemainingCredit"]) == (Decimal("1000.00"), 0)


@pytest.mark.parametrize("made", [payment, card_payment])
def test_without_an_account_the_difference_is_held_and_nothing_is_written(
    world: World, made: Callable[..., dict[str, Any]]
) -> None:
    with_rounding(world, None)
    waiting = world.sandbox.qondor.add(made(1, lines=[line(**SHORT)], **ROUND))
    world.sandbox.traffic.reset()
    result = world.transfer(waiting["id"])
    assert result.outcome is Outcome.HELD
    assert "its lines come to 999.60 in Xero (1000.00 - 999.60 = 0.40)" in result.message
    assert "finance.rounding_account" in result.message
    assert world.calls("xero", "PUT", "POST") == []
    with_rounding(world)
    assert world.transfer(waiting["id"]).outcome is Outcome.TRANSFERRED


@pytest.mark.parametrize(
    ("account", "change", "words"),
    [
        ("999", {}, "'999' of the route's finance.rounding_account not found"),
        ("860", {"Status": "ARCHIVED"}, "is archived in Xero"),
        ("610", {}, "one of Xero's own accounts and takes no invoice lines"),
        ("090", {}, "a bank account and takes no invoice lines"),
        ("200", {}, "has the tax rate 'OUTPUT25'"),
    ],
)
def test_an_account_that_cannot_take_the_difference_is_named(
    world: World, account: str, change: dict[str, Any], words: str
) -> None:
    with_rounding(world, account)
    for row in world.sandbox.xero.books.accounts.find("Code", account):
        world.sandbox.xero.books.accounts.change(row["AccountID"], **change)
    exact, short = payment(1), payment(2, lines=[line(**SHORT)], **ROUND)
    for each in (exact, short):
        world.sandbox.qondor.add(each)
    assert world.transfer(exact["id"]).outcome is Outcome.TRANSFERRED
    result = world.transfer(short["id"])
    assert result.outcome is Outcome.HELD
    assert words in result.message
    assert len(world.sandbox.xero.invoices.rows()) == 1


def test_beyond_the_tolerance_nothing_is_rounded_away(world: World) -> None:
    with_rounding(world, tolerance="0.39")
    result = world.transfer(world.sandbox.qondor.add(payment(1, lines=[line(**SHORT)], **ROUND))["id"])
    assert result.outcome is Outcome.HELD
    assert "999.60" in result.message
    assert world.sandbox.xero.contacts.rows() == []


@pytest.mark.parametrize("by", ["contact", "account"])
@pytest.mark.parametrize("made", [payment, card_payment])
def test_another_total_in_finance_stops_before_money_moves(
    world: World, made: Callable[..., dict[str, Any]], by: str
) -> None:
    first = world.sandbox.qondor.add(payment(9))
    world.transfer(first["id"])
    xero = world.sandbox.xero
    if by == "contact":
        [contact] = xero.contacts.rows()
        xero.contacts.put({**contact, "AccountsReceivableTaxType": "NONE"})
    else:
        [account] = xero.books.accounts.find("Code", "200")
        xero.books.accounts.change(account["AccountID"], TaxType="NONE")
    waiting = world.sandbox.qondor.add(made(1))
    result = world.transfer(waiting["id"])
    assert result.outcome is Outcome.HELD
    assert "8 000.00 NOK" in result.message
    assert "10 000.00" in result.message
    assert world.row(waiting["id"]).booking is not None
    assert status_of(world, str(waiting["id"])) == "Unprocessed"
    assert xero.payments.rows() == []
    # Nothing changed yet, so nothing is done, and nothing is booked twice.
    assert world.transfer(waiting["id"]).message == result.message
    assert len(xero.invoices.rows()) == 2
    correct(world, "T-1")
    assert world.transfer(waiting["id"]).outcome is Outcome.TRANSFERRED
    assert status_of(world, str(waiting["id"])) == "Processed"
    assert [row["Amount"] for row in xero.payments.rows()] == ([10000] if made is card_payment else [])
    assert world.booking(waiting["id"]).total == 10000


def test_another_total_that_was_voided_is_said(world: World) -> None:
    [account] = world.sandbox.xero.books.accounts.find("Code", "200")
    world.new_run()
    world.transfer(world.sandbox.qondor.add(payment(9))["id"])
    world.sandbox.xero.books.accounts.change(account["AccountID"], TaxType="NONE")
    waiting = world.sandbox.qondor.add(payment(1))
    world.transfer(waiting["id"])
    world.sandbox.xero.bookkeeper.void("T-1")
    result = world.transfer(waiting["id"])
    assert result.outcome is Outcome.HELD
    assert "voided" in result.message


def test_a_cent_that_finance_makes_otherwise_is_said_and_no_card_money_moves(world: World) -> None:
    """The contact's default wins; VAT of so small a line is a cent."""
    cents: dict[str, Any] = {name: Decimal("0.04") for name in ("unitPriceExclVat", "totalExclVat")}
    cents |= {name: Decimal("0.05") for name in ("unitPriceInclVat", "totalInclVat")} | {"vatAmount": Decimal("0.01")}
    sums = {name: cents[name] for name in ("totalExclVat", "vatAmount", "totalInclVat")}
    world.transfer(world.sandbox.qondor.add(payment(9))["id"])
    [contact] = world.sandbox.xero.contacts.rows()
    world.sandbox.xero.contacts.put({**contact, "AccountsReceivableTaxType": "NONE"})
    invoice = world.transfer(world.sandbox.qondor.add(payment(1, lines=[line(**cents)], **sums))["id"])
    assert invoice.outcome is Outcome.TRANSFERRED
    assert "with 0.04 NOK, but the total of T-1 is 0.05" in invoice.message
    card = world.transfer(world.sandbox.qondor.add(card_payment(2, lines=[line(**cents)], **sums))["id"])
    assert card.outcome is Outcome.HELD
    assert world.sandbox.xero.payments.rows() == []


def status_of(world: World, source_id: str) -> Any:
    found = world.sandbox.qondor.payments.get(source_id)
    assert found is not None
    return found["statusText"]


def correct(world: World, number: str) -> None:
    """A bookkeeper takes 25 % on every line."""
    accounting = world.sandbox.xero.accounting
    [invoice] = world.sandbox.xero.invoices.find("InvoiceNumber", number)
    lines = [
        {name: value for name, value in one.items() if name != "TaxAmount"} | {"TaxType": "OUTPUT25"}
        for one in invoice["LineItems"]
    ]
    body = {"InvoiceID": invoice["InvoiceID"], "LineItems": lines, "LineAmountTypes": "Exclusive"}
    accounting.invoices.create_or_update(body, 4)


@pytest.mark.parametrize("made", [payment, card_payment])
def test_a_line_of_text_costs_nothing_and_arrives(world: World, made: Callable[..., dict[str, Any]]) -> None:
    nothing = dict.fromkeys(
        ("unitPriceExclVat", "unitPriceInclVat", "vatPercentage", "totalExclVat", "vatAmount", "totalInclVat"), 0
    )
    text: dict[str, Any] = {**line(), **nothing, "articleNumber": None, "quantity": 0, "description": "Day 2: dinner"}
    waiting = world.sandbox.qondor.add(made(1, lines=[line(), text]))
    assert world.transfer(waiting["id"]).outcome is Outcome.TRANSFERRED
    [invoice] = world.sandbox.xero.invoices.rows()
    _, said = invoice["LineItems"]
    assert (said["Description"], "AccountCode" in said, "Quantity" in said) == ("Day 2: dinner", False, False)
    assert invoice["Total"] == 10000
