"""What people wrote goes to finance as it was meant, and the history says what was read otherwise."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

from invoice_bridge_core.documents.outcomes import Outcome
from tests.documents import mangled
from tests.examples import SHARED_FIXTURE, examples
from tests.world import customer, line, payment

if TYPE_CHECKING:
    from tests.world import World


def transferred(world: World, **changes: Any) -> dict[str, Any]:
    """The one invoice that Xero holds after the transfer of the ordinary payment with these changes."""
    waiting = world.sandbox.qondor.add(payment(1, **changes))
    result = world.transfer(waiting["id"])
    assert result.outcome is Outcome.TRANSFERRED, result.message
    [invoice] = world.sandbox.xero.invoices.rows()
    return invoice


def told(world: World) -> str:
    """What the history says of how the document was read."""
    return "\n".join(change.note for change in world.ledger.history(world.row(50001)))


@pytest.mark.parametrize(
    "number", ["T-1\u200b", "\ufeffT-1", "T-\u00ad1", "T\u20111", " Ｔ-1", "T-1\u00a0", "\u202dT-1\u202c"]
)
def test_a_number_is_booked_without_what_nobody_sees(world: World, number: str) -> None:
    assert transferred(world, invoiceNumber=number)["InvoiceNumber"] == "T-1"


def test_what_was_read_otherwise_is_told_once(world: World) -> None:
    email = "post@firm.example; faktura@firm.example"
    buyer = customer(901, invoiceEmail=email)
    invoice = transferred(world, customer=buyer, invoiceDate="2026-10-31T23:00:00Z")
    assert invoice["Date"] == "2026-11-01"
    [contact] = world.sandbox.xero.contacts.rows()
    assert contact["EmailAddress"] == "post@firm.example"
    sentence = (
        "customer.invoiceEmail 'post@firm.example; faktura@firm.example' was read as post@firm.example; also there:"
    )
    assert told(world).count(sentence) == 1
    assert told(world).count("invoiceDate '2026-10-31T23:00:00Z' was read as 2026-11-01") == 1


def test_a_text_of_a_rich_editor_is_booked_as_it_showed(world: World) -> None:
    says = "<p>Day&nbsp;2:<br>dinner &amp; wine, a &lt; b</p>"
    [booked] = transferred(world, lines=[line(description=says)])["LineItems"]
    assert booked["Description"] == "Day 2:\ndinner & wine, a < b"


def test_the_instant_of_midnight_is_a_day_in_the_routes_own_time_zone(world: World) -> None:
    schedule = world.route.schedule.model_copy(update={"timezone": "Europe/Helsinki"})
    world.route = world.route.model_copy(update={"schedule": schedule})
    assert transferred(world, invoiceDate="2026-10-31T22:00:00Z")["Date"] == "2026-11-01"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("totalInclVat", "10,000"),
        ("totalInclVat", "10000 SEK"),
        ("invoiceDate", "11/02/2026"),
        ("dueDate", "2026-31-12"),
        ("paymentTermsDays", "thirty"),
    ],
)
def test_what_cannot_be_read_holds_and_names_field_and_value(world: World, field: str, value: str) -> None:
    waiting = world.sandbox.qondor.add(payment(1, **{field: value}))
    result = world.transfer(waiting["id"])
    assert result.outcome is Outcome.HELD
    assert f"{field} " in result.message
    assert repr(value) in result.message
    assert world.sandbox.xero.contacts.rows() == []


def test_a_character_that_stays_is_named_by_its_code_point(world: World) -> None:
    waiting = world.sandbox.qondor.add(payment(1, invoiceNumber='T-1\ue000"'))
    result = world.transfer(waiting["id"])
    assert result.outcome is not Outcome.TRANSFERRED
    assert "U+E000" in result.message
    assert "U+0022 QUOTATION MARK" in result.message


def test_a_noisy_invoice_is_booked_to_the_cent(world: World) -> None:
    noisy: dict[str, Any] = {
        "quantity": Decimal("2.9999999999999996"),
        "unitPriceExclVat": Decimal("11.340000000000002"),
        "vatPercentage": Decimal("24.999999999999996"),
        "totalExclVat": Decimal("34.019999999999996"),
        "vatAmount": Decimal("8.504999999999999"),
        "totalInclVat": Decimal("42.524999999999995"),
    }
    sums = {name: noisy[name] for name in ("totalExclVat", "vatAmount", "totalInclVat")}
    invoice = transferred(world, lines=[line(**noisy)], **sums)
    [booked] = invoice["LineItems"]
    assert (booked["Quantity"], booked["UnitAmount"]) in ((3, Decimal("11.34")), (1, Decimal("34.02")))


@settings(max_examples=examples(12), suppress_health_check=SHARED_FIXTURE)
@given(mangled.payment(payment(1), fields=5))
def test_a_mangled_payment_is_booked_as_the_clean_one(world: World, written: tuple[dict[str, Any], Any]) -> None:
    number = world.new_run().removeprefix("test/run_").removesuffix("#0")
    values = {**written[0], "id": 60000 + int(number)}
    values["invoiceNumber"] = str(values["invoiceNumber"]).replace("1", f"1{number}").replace("１", f"1{number}")
    result = world.transfer(world.sandbox.qondor.add(values)["id"])
    assert result.outcome is Outcome.TRANSFERRED, (result.message, written[1])
    booked = world.sandbox.xero.invoices[result.finance_id]
    assert (booked["Total"], booked["Date"], booked["DueDate"]) == (10000, "2026-11-02", "2026-12-02")
    assert booked["InvoiceNumber"] == f"T-1{number}"
    assert len(world.sandbox.xero.contacts.rows()) == 1
