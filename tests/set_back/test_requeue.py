"""A person puts a document back: the rules of both sides, and what it leads to (docs/set_back.md)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import NotResolvedError
from tests.payments.backflow import ON
from tests.world import card_payment, credit_note

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.set_back.people import People


def notes(people: People, number: int = 1) -> list[str]:
    return [change.note for change in people.world.ledger.history(people.row(number))]


def qondor_of(people: People) -> Any:
    return people.world.sandbox.qondor


def ask_in_vain(people: People, kind: Any) -> None:
    people.world.sandbox.fault(kind, system=people.world.route.finance.system, method="GET")


def remove(people: People, number: int) -> None:
    """As if the booking had never been there; Quiddly keeps nothing of what was deleted."""
    if not people.back.into_xero:
        people.void(number)
        return
    invoices = people.world.sandbox.xero.invoices
    [row] = invoices.find("InvoiceNumber", people.back.name_of(number))
    invoices.remove(row["InvoiceID"])


def let_go(people: People, number: int = 1) -> None:
    """The booking counts no longer, and its number is free: a deleted draft in Xero, a deleted invoice in Quiddly."""
    if people.back.into_xero:
        people.back.bookkeeper.delete(people.back.name_of(number))
    else:
        people.void(number)


def as_drafts(people: People) -> None:
    if people.back.into_xero:
        people.back.change_route("finance", invoice_status="DRAFT")


def test_what_is_gone_is_booked_again_once_and_the_history_says_who_and_why(qondor: People) -> None:
    as_drafts(qondor)
    qondor.back.book(1)
    let_go(qondor)
    said = qondor.requeues(reason="the wrong month", by="Anna Berg")
    assert "waits in Qondor again" in said
    assert f"books it as {qondor.back.name_of(1)}" in said
    assert qondor.put_back() == [{"invoiceId": 50001}]
    assert (qondor.row().state, qondor.row().booking) == (DocumentState.SEEN, None)
    assert qondor.back.source_says(1)[0] == "Unprocessed"
    told = next(note for note in notes(qondor) if "the wrong month" in note)
    assert told.startswith("Anna Berg put it back in Qondor: the wrong month (")
    assert "Anna Berg, by hand" in {change.actor for change in qondor.world.ledger.history(qondor.row())}
    assert qondor.outcome()[0] == "transferred"
    assert qondor.living() == [qondor.back.name_of(1)]
    assert qondor.told() == qondor.reference()
    assert qondor.world.run() == {}
    assert qondor.differences() == {}


def test_a_document_whose_number_is_kept_is_held_as_the_table_says(qondor: People) -> None:
    if not qondor.back.into_xero:
        pytest.skip("Quiddly keeps no number of what is deleted")
    qondor.back.book(1)
    qondor.void()
    said = qondor.requeues()
    assert "Xero keeps the number T-1 of what was voided" in said
    assert "number_prefix" in said
    assert qondor.outcome()[0] == "held"
    assert qondor.living() == []
    qondor.back.change_route("finance", number_prefix="N-")
    qondor.says_not_booked()
    assert qondor.outcome()[0] == "transferred"
    assert qondor.living() == ["N-T-1"]
    assert qondor.told() == qondor.reference()
    assert qondor.world.run() == {}


def test_with_another_prefix_it_is_booked_at_once(qondor: People) -> None:
    qondor.back.book(1)
    qondor.void()
    prefix = f"N-{qondor.world.route.finance.number_prefix}"
    qondor.back.change_route("finance", number_prefix=prefix)
    assert f"books it as {prefix}T-1." in qondor.requeues()
    assert qondor.outcome()[0] == "transferred"
    assert qondor.living() == [f"{prefix}T-1"]
    payment_id = str(qondor.back.bookkeeper.pay(f"{prefix}T-1", on=ON))
    qondor.world.run_payments()
    assert qondor.back.source_says(1) == qondor.back.paid(payment_id)


def test_it_can_be_put_back_as_often_as_its_booking_goes(qondor: People) -> None:
    as_drafts(qondor)
    qondor.back.book(1)
    for times in (1, 2, 3):
        let_go(qondor)
        qondor.requeues()
        assert len(qondor.put_back()) == times
        assert qondor.outcome()[0] == "transferred"
        assert len(qondor.living()) == 1


SOURCES: dict[str, Callable[[People, int], Any]] = {
    "processed": lambda people, number: None,
    "waits": lambda people, number: people.set_back(number),
    "failed": lambda people, number: qondor_of(people).payments.change(
        people.back.source_id(number), status=3, statusText="Failed"
    ),
    "paid": lambda people, number: qondor_of(people).administrator.set_paid(people.back.source_id(number), ON),
    "deleted": lambda people, number: qondor_of(people).administrator.remove(people.back.source_id(number)),
    "cannot be asked": lambda people, number: people.world.sandbox.fault("error", system="qondor", method="GET"),
    "has a reference that finance does not know": lambda people, number: qondor_of(people).administrator.change(
        people.back.source_id(number), externalReference="nowhere"
    ),
    "has no reference": lambda people, number: qondor_of(people).administrator.change(
        people.back.source_id(number), externalReference=None
    ),
}
REFUSED_BY_SOURCE = {
    "failed": "failed, which is final",
    "paid": "is paid, and it takes back processed payments only",
    "deleted": "no longer knows",
    "cannot be asked": "could not be asked",
}
FINANCES: dict[str, Callable[[People, int], Any]] = {
    "gone": lambda people, number: let_go(people, number),
    "never there": lambda people, number: remove(people, number),
    "there": lambda people, number: None,
    "there with another total": lambda people, number: people.back.bookkeeper.changes.total(
        people.back.name_of(number), Decimal("777.00")
    ),
    "cannot be asked": lambda people, number: ask_in_vain(people, "error"),
    "refuses to be asked": lambda people, number: ask_in_vain(people, "refuse"),
}
REFUSED_BY_FINANCE = {
    "there": "would be booked twice",
    "there with another total": "would be booked twice",
    "cannot be asked": "nobody knows whether it is gone",
    "refuses to be asked": "nobody knows whether it is gone",
}


@pytest.mark.parametrize("source", SOURCES)
def test_both_sides_have_to_allow_it(qondor: People, source: str) -> None:
    """Each state of the source with each of finance."""
    as_drafts(qondor)
    qondor.back.book(*range(1, len(FINANCES) + 1))
    allowed = []
    for number, finance in enumerate(FINANCES, start=1):
        qondor.world.sandbox.traffic.reset()
        FINANCES[finance](qondor, number)
        SOURCES[source](qondor, number)
        row = qondor.row(number)
        why = REFUSED_BY_SOURCE.get(source) or REFUSED_BY_FINANCE.get(finance)
        if why is None:
            assert "waits in Qondor again" in qondor.requeues(number)
            assert len(qondor.put_back()) == (source != "waits")
            allowed.append(number)
            continue
        with pytest.raises(NotResolvedError, match=why):
            qondor.requeues(number)
        qondor.world.sandbox.faults.clear()
        assert qondor.put_back() == []
        now = qondor.row(number)
        assert (now.state, now.booking, now.lease_owner) == (row.state, row.booking, None)
        assert notes(qondor, number)[-1].startswith("said that it has to be put back: voided by mistake; refused: ")
    run = qondor.world.run()
    for number in allowed:
        ended = run[qondor.back.source_id(number)]
        assert str(ended.outcome) == "transferred", ended.message
        assert qondor.living().count(qondor.back.name_of(number)) == 1
        assert qondor.told(number) == qondor.reference(number)


def test_a_credit_note_is_never_put_back(qondor: People) -> None:
    qondor.back.book(1)
    invoice = qondor.world.sandbox.qondor.payments["50001"]
    currency = {name: invoice[name] for name in ("currency", "currencyCode")}
    qondor.world.sandbox.qondor.add(credit_note(2, invoice, **currency))
    qondor.world.run()
    with pytest.raises(NotResolvedError, match="never takes a processed credit note back"):
        qondor.requeues(2)
    assert qondor.put_back() == []


def test_a_card_payment_is_put_back_and_its_money_booked_once(qondor: People) -> None:
    currency = {} if qondor.back.into_xero else {"currency": "SEK", "currencyCode": 752}
    qondor.world.sandbox.qondor.add(card_payment(1, **currency))
    assert qondor.outcome()[0] == "transferred"
    if qondor.back.into_xero:
        qondor.back.bookkeeper.unpay(qondor.back.name_of(1))
    with pytest.raises(NotResolvedError, match="would be booked twice"):
        qondor.requeues()
    qondor.void()
    qondor.back.change_route("finance", number_prefix="N-")
    qondor.requeues()
    assert qondor.outcome()[0] == "transferred"
    assert len(qondor.living()) == 1


def test_what_is_in_doubt_is_resolved_first(qondor: People) -> None:
    qondor.back.add(1)
    system = qondor.world.route.finance.system
    path = "*Invoices" if qondor.back.into_xero else "*nvoice*"
    for method in ("PUT", "POST"):
        qondor.world.sandbox.fault("close", system=system, method=method, path=path, when="after")
    qondor.world.run()
    qondor.world.sandbox.faults.clear()
    assert qondor.row().intent_token is not None
    with pytest.raises(NotResolvedError, match="has to be known first"):
        qondor.requeues()
    assert qondor.put_back() == []


def test_what_was_set_as_processed_by_hand_and_is_nowhere_is_put_back_and_booked(qondor: People) -> None:
    qondor.back.add(1)
    qondor.world.select()
    qondor.world.sandbox.qondor.administrator.set_processed("50001", "F-2026-9")
    qondor.world.new_run()
    assert str(qondor.world.transfer("50001").outcome) == "held"
    qondor.world.sandbox.traffic.reset()
    said = qondor.requeues()
    assert "has no F-2026-9, which its source refers to" in said
    assert qondor.row().state is DocumentState.SEEN
    assert qondor.outcome()[0] == "transferred"
    assert qondor.living() == [qondor.back.name_of(1)]


def test_what_another_booking_stands_for_is_not_put_back(qondor: People) -> None:
    qondor.back.book(2)
    other = qondor.reference(2)
    qondor.back.add(1)
    qondor.world.select()
    qondor.world.sandbox.qondor.administrator.set_processed("50001", other)
    qondor.world.new_run()
    qondor.world.transfer("50001")
    if not qondor.back.into_xero:
        other = qondor.back.name_of(2)
        qondor.world.sandbox.qondor.administrator.change("50001", externalReference=other)
    with pytest.raises(NotResolvedError, match="may stand for"):
        qondor.requeues()
    assert qondor.put_back() == []


def test_what_waits_is_not_put_back(qondor: People) -> None:
    qondor.back.add(1)
    qondor.world.select()
    with pytest.raises(NotResolvedError, match="waits in Qondor already"):
        qondor.requeues()


def test_what_somebody_works_on_is_left_to_them(qondor: People) -> None:
    qondor.back.book(1)
    qondor.void()
    claim = qondor.world.ledger.claim(qondor.world.ref("50001"), route=qondor.world.route.route, claimant="a task")
    assert claim is not None
    with pytest.raises(NotResolvedError, match="is being worked on") as refused:
        qondor.requeues()
    assert refused.value.may_pass
    assert qondor.put_back() == []


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"offices": ("8",)}, "belongs to office 7 and project 5501, which route"),
        ({"projects": ("1",)}, "belongs to office 7 and project 5501, which route"),
        ({"start_date": dt.date(2026, 11, 3)}, "before the start_date 2026-11-03 of route"),
    ],
)
def test_what_its_route_no_longer_takes_would_wait_for_nobody(
    qondor: People, changed: dict[str, Any], why: str
) -> None:
    as_drafts(qondor)
    qondor.back.book(1)
    let_go(qondor)
    qondor.back.change_route("source", **changed)
    with pytest.raises(NotResolvedError, match=why):
        qondor.requeues()
    assert qondor.put_back() == []


def test_ixpole_has_no_such_call(ixpole: People) -> None:
    ixpole.back.book(1)
    with pytest.raises(NotResolvedError, match="iXpole has no call that puts a document back"):
        ixpole.requeues()
    assert ixpole.world.calls("ixpole") == []
