"""After a lost answer that nothing came of, another system writes an invoice under our number: it is never taken."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.documents.marks import short_mark
from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.errors import BridgeError
from tests.systems.quiddly.bodies import quiddly_route
from tests.transfer.quiddly_world import change, swedish
from tests.world import credit_note

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.world import World

PO = [{"heading": "Ert ordernr", "value": "x"}, {"heading": "Inköpsorder", "value": "PO-7781"}]
Row = dict[str, Any]


def lost(world: World, when: str, *, is_credit_note: bool = False) -> Row:
    """A document whose creation was sent and got no answer; before, nothing arrived."""
    change(world)
    waiting = world.sandbox.qondor.add(swedish(customInvoiceFields=PO))
    if is_credit_note:
        world.run()
        note = credit_note(2, waiting, customInvoiceFields=PO)
        waiting = world.sandbox.qondor.add({**note, "currency": "SEK", "currencyCode": 752})
    world.sandbox.fault("close", system="quiddly", method="POST", path="/invoices", when=when, nth=1)
    with pytest.raises(BridgeError):
        world.transfer(waiting["id"])
    return dict(waiting)


def written(world: World, waiting: Row, changed: Callable[[Row], None] = lambda body: None) -> Row:
    """The same document as ours but for a change, as somebody else wrote it."""
    source, finance = world.systems()
    document = source.read(str(waiting["id"]))
    reference = finance.reference.read() if finance.reference is not None else None
    credited = world.booking(50001) if document.is_credit_note else None
    body = copy.deepcopy(finance.bookings.payload(document, "C-901", reference, credited))  # type: ignore[arg-type]
    changed(body)
    made = world.sandbox.quiddly.rules.create(body)
    world.sandbox.quiddly.store.flush()
    return dict(made)


def row(**values: Any) -> Callable[[Row], None]:
    return lambda body: body["articleRows"][0].update(values)


def dates(**values: Any) -> Callable[[Row], None]:
    return lambda body: body["dates"].update(values)


CHANGES = [
    (row(description="Half a day"), "the description of its row 1 is 'Half a day', not 'Conference room, full day'"),
    (lambda body: body.pop("yourReference"), "its your reference is empty, not 'PO-7781'"),
    (lambda body: body.update(yourReference="PO-7782"), "its your reference is 'PO-7782', not 'PO-7781'"),
    (lambda body: body.update(ourOrderNumber="P-9"), "its order number is 'P-9', not 'P-5501'"),
    (dates(invoiceDate="2026-11-03"), "its date is '2026-11-03', not '2026-11-02'"),
    (dates(expireDate="2026-12-15"), "its due date is '2026-12-15', not '2026-12-02'"),
    (lambda body: body["debtor"].update(customerNumber="C-7"), "it is booked on another contact"),
    (
        lambda body: body.update(ourOrderNumber="P-5501 · qondor:qondor_default:777"),
        "but that of another document, 'qondor:qondor_default:777'",
    ),
]


@pytest.mark.parametrize(
    ("is_credit_note", "changed", "said"),
    [*((False, *change) for change in CHANGES), *((True, *change) for change in CHANGES[:3])],
)
def test_what_differs_in_one_thing_is_left_alone(
    world: World, is_credit_note: bool, changed: Callable[[Row], None], said: str
) -> None:
    waiting = lost(world, "before", is_credit_note=is_credit_note)
    made = written(world, waiting, changed)
    count = len(world.sandbox.quiddly.invoices.rows())
    result = world.transfer(waiting["id"])
    assert result.outcome is Outcome.IN_DOUBT
    assert said in result.message
    assert world.row(waiting["id"]).booking is None
    assert world.sandbox.qondor.payments[waiting["id"]]["statusText"] == "Unprocessed"
    assert len(world.sandbox.quiddly.invoices.rows()) == count
    assert world.sandbox.quiddly.invoices[made["id"]]["status"] == "CREATED"


def test_an_invoice_under_a_credits_number_is_no_credit(world: World) -> None:
    waiting = lost(world, "before", is_credit_note=True)

    def as_invoice(body: Row) -> None:
        [debit] = world.sandbox.quiddly.invoices.rows()
        body.update({name: debit[name] for name in ("type", "articleRows", "vats", "totals")})
        del body["debitInvoiceNumber"]

    written(world, waiting, as_invoice)
    result = world.transfer(waiting["id"])
    assert result.outcome is Outcome.IN_DOUBT
    assert "its type is 'INVOICE', not 'CREDIT_INVOICE'" in result.message


@pytest.mark.parametrize(("later", "is_short"), [(None, False), (None, True), ("short", False), ("full", True)])
def test_what_a_route_or_an_earlier_version_printed_is_recognised(world: World, later: Any, is_short: bool) -> None:
    waiting = lost(world, "after")
    [made] = world.sandbox.quiddly.invoices.rows()
    mark = short_mark(world.ref(50001)) if is_short else str(world.ref(50001))
    world.sandbox.quiddly.invoices.change(made["id"], ourOrderNumber=f"An older text · {mark}")
    world.route = quiddly_route(**({"printed_mark": later} if later else {}))
    assert world.transfer(waiting["id"]).outcome is Outcome.TRANSFERRED
    assert world.sandbox.qondor.payments[waiting["id"]]["externalReference"] == made["id"]
    assert len(world.sandbox.quiddly.invoices.rows()) == 1
