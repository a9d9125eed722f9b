"""Quiddly's payments, added up here: whose they are, how often they count, and when they are marked."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.ledger.payments.payment_ledger import PaymentLedger
from invoice_bridge_core.payments.findings import Finding
from sandbox.ixpole.tenants import ARENA
from tests.payments.backflow import IXPOLE_QUIDDLY, ON, QONDOR_QUIDDLY, Backflow, backflow
from tests.world import credit_note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.sandbox import Sandbox

NEXT_DAY = ON + dt.timedelta(days=1)


@pytest.fixture(params=[QONDOR_QUIDDLY, IXPOLE_QUIDDLY])
def back(request: pytest.FixtureRequest, sandbox: Sandbox, ledger_url: str) -> Iterator[Backflow]:
    """Both routes into Quiddly."""
    back = backflow(sandbox, ledger_url, request.param)
    yield back
    back.world.close()


@pytest.fixture
def qondor(sandbox: Sandbox, ledger_url: str) -> Iterator[Backflow]:
    back = backflow(sandbox, ledger_url, QONDOR_QUIDDLY)
    yield back
    back.world.close()


def waiting(back: Backflow) -> list[str]:
    """What Quiddly still hands out."""
    return [row["id"] for row in back.world.sandbox.quiddly.vouchers.table.rows() if row["exported"] is None]


def marks(back: Backflow) -> dict[str, str]:
    """What was marked since the traffic was forgotten, and as whose."""
    entries = [entry for entry in back.world.calls("quiddly", "PUT") if entry.path.endswith("/external/export")]
    assert len({entry.path for entry in entries}) == len(entries)
    return {entry.path.split("/")[2]: entry.body["externalId"] for entry in entries}


def paid_of(back: Backflow, number: int = 1) -> Decimal:
    entry = back.world.ledger.payments.status(back.world.ref(back.source_id(number)))
    assert entry is not None
    assert entry.booking_status is not None
    return entry.booking_status.paid


def test_a_poll_costs_a_call_per_page_and_one_for_each_payment_of_ours(back: Backflow) -> None:
    back.book(1, 2, 3)
    first, second = back.pay(1), back.pay(2, 5)
    back.world.run_payments()
    assert marks(back) == {
        first: str(back.world.ref(back.source_id(1))),
        second: str(back.world.ref(back.source_id(2))),
    }
    # The second page is empty, which says that the first one was the last.
    assert len(back.world.calls("quiddly", "GET")) == 2
    assert waiting(back) == []
    back.world.sandbox.traffic.reset()
    assert back.world.run_payments() == {}
    assert len(back.world.calls("quiddly")) == 1


def test_a_correction_opens_the_invoice_again_before_it_was_told_and_is_for_a_person_afterwards(back: Backflow) -> None:
    back.book(1)
    back.pay(1)
    back.bookkeeper.correct(back.name_of(1), Decimal(100), on=ON)
    assert (back.world.run_payments(), back.world.found()) == ({}, {back.source_id(1): Finding.PART_PAID})
    rest = back.pay(1, on=NEXT_DAY)
    back.world.run_payments()
    assert back.source_says(1) == back.paid(rest, NEXT_DAY)
    back.bookkeeper.correct(back.name_of(1), on=NEXT_DAY)
    assert back.world.run_payments() == {}
    assert back.world.found() == {back.source_id(1): Finding.REMOVED}
    [text] = back.people_read()
    assert "was told that" in text
    assert f"{back.total:,}.00".replace(",", " ") in text.replace("\N{NO-BREAK SPACE}", " ")
    back.pay(1, on=NEXT_DAY)
    assert (back.world.run_payments(), back.people_read(), len(back.reports())) == ({}, [], 1)


def test_an_invoice_that_was_overpaid_is_paid_and_a_person_hears_of_the_rest(back: Backflow) -> None:
    back.book(1)
    payment_id = back.bookkeeper.overpay(back.name_of(1), Decimal(back.total + 25), on=ON)
    [result] = back.world.run_payments().values()
    assert (result.outcome, back.source_says(1)) == (Outcome.REPORTED_PAID, back.paid(payment_id))
    assert f"{back.name_of(1)} was overpaid by 25.00" in result.message


def test_payments_of_other_peoples_invoices_are_left_where_they_are(back: Backflow) -> None:
    back.book(1)
    foreign = [back.bookkeeper.pay_foreign(f"F-{number}", Decimal(10), on=ON) for number in range(3)]
    ours = back.pay(1)
    back.world.run_payments()
    assert (list(marks(back)), waiting(back)) == ([ours], foreign)
    back.world.sandbox.traffic.reset()
    back.world.run_payments()
    assert (marks(back), back.source_says(1)) == ({}, back.paid(ours))


def test_a_payment_of_no_invoice_keeps_nobody_waiting(back: Backflow) -> None:
    back.book(1)
    stray = back.bookkeeper.pay_foreign("F-1", Decimal(10), on=ON)
    vouchers = back.world.sandbox.quiddly.vouchers.table
    vouchers.change(stray, payment={**vouchers[stray]["payment"], "invoiceNumber": None})
    ours = back.pay(1)
    back.world.run_payments()
    assert (back.source_says(1), list(marks(back)), waiting(back)) == (back.paid(ours), [ours], [stray])


@pytest.mark.parametrize("currency", ["NOK", "USD"])
def test_a_payment_in_another_currency_than_its_invoice_is_left_to_a_person(
    back: Backflow, currency: str, caplog: pytest.LogCaptureFixture
) -> None:
    back.book(1)
    odd = back.pay(1)
    vouchers = back.world.sandbox.quiddly.vouchers.table
    vouchers.change(odd, payment={**vouchers[odd]["payment"], "invoiceCurrency": currency})
    assert (back.world.run_payments(), waiting(back), marks(back)) == ({}, [odd], {})
    assert back.world.found() == {back.source_id(1): Finding.OPEN}
    assert f"Payment {odd} of {back.name_of(1)} is in {currency}" in caplog.text


def test_all_pages_are_read_before_the_first_mark_moves_the_rest_up(qondor: Backflow) -> None:
    qondor.book(1, 2)
    for number in range(150):
        qondor.bookkeeper.pay_foreign(f"F-{number}", Decimal(1), on=ON)
        if number in (20, 99, 149):
            qondor.pay(1, 100)
            qondor.pay(2, 1000)
    qondor.world.run_payments()
    assert (paid_of(qondor, 1), paid_of(qondor, 2)) == (300, 3000)
    assert len(marks(qondor)) == 6
    assert len(waiting(qondor)) == 150
    methods = [entry.method for entry in qondor.world.calls("quiddly")]
    assert methods == ["GET"] * 2 + ["PUT"] * 6


def test_nothing_is_marked_that_the_ledger_could_not_keep(back: Backflow, monkeypatch: pytest.MonkeyPatch) -> None:
    back.book(1)
    payment_id = back.pay(1)

    def dies(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(PaymentLedger, "keep_poll", dies)
        with pytest.raises(KeyboardInterrupt):
            back.world.poll()
    assert (waiting(back), marks(back)) == ([payment_id], {})
    assert back.world.found() == {back.source_id(1): Finding.OPEN}
    assert len(back.world.run_payments()) == 1
    assert back.source_says(1) == back.paid(payment_id)


def test_a_payment_whose_mark_did_not_arrive_is_handed_out_again_and_counts_once(back: Backflow) -> None:
    back.book(1)
    payment_id = back.pay(1, 5)
    back.world.sandbox.fault("error", system="quiddly", method="PUT", path="/vouchers/*", count=9)
    for _ in range(2):
        with pytest.raises(Exception, match=payment_id):
            back.world.poll()
    back.world.sandbox.faults.clear()
    assert (waiting(back), paid_of(back)) == ([payment_id], 5)
    back.world.poll()
    assert (waiting(back), paid_of(back)) == ([], 5)


def test_one_payment_that_cannot_be_marked_keeps_nobody_waiting(
    back: Backflow, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its voucher was removed between the list and the mark."""
    back.book(1, 2)
    stuck, other = back.pay(1), back.pay(2)
    vouchers = back.world.sandbox.quiddly.vouchers
    kept, waiting_ones = vouchers.table[stuck], vouchers.waiting

    def told_and_removed(page: int, limit: int) -> Any:
        told = waiting_ones(page, limit)
        vouchers.table.remove(stuck)
        return told

    with monkeypatch.context() as patch:
        patch.setattr(vouchers, "waiting", told_and_removed)
        assert len(back.world.run_payments()) == 2
    assert (back.source_says(1), back.source_says(2)) == (back.paid(stuck), back.paid(other))
    assert f"Payment {stuck} of {back.name_of(1)} is stored here, but Quiddly still lists it" in caplog.text
    vouchers.table.put(kept)
    back.world.run_payments()
    assert (waiting(back), paid_of(back), len(back.reports())) == ([], back.total, 2)


def test_two_routes_that_share_a_connection_keep_each_others_payments(sandbox: Sandbox, ledger_url: str) -> None:
    qondor = backflow(sandbox, ledger_url, QONDOR_QUIDDLY)
    ixpole = backflow(sandbox, ledger_url, IXPOLE_QUIDDLY)
    qondor.book(1)
    ixpole.book(1)
    of_qondor, of_ixpole = qondor.pay(1), ixpole.pay(1)
    assert list(qondor.world.run_payments()) == [qondor.source_id(1)]
    assert (qondor.source_says(1), ixpole.source_says(1)) == (qondor.paid(of_qondor), ixpole.unpaid())
    assert waiting(qondor) == []
    assert list(ixpole.world.run_payments()) == [ixpole.source_id(1)]
    assert ixpole.source_says(1) == ixpole.paid(of_ixpole)
    for back in (qondor, ixpole):
        assert back.world.run_payments() == {}
        back.world.close()


def credited(back: Backflow, amount: int = 10000) -> None:
    """An invoice, open, and a credit note of ours over a part of it or all of it."""
    back.book(1)
    note = credit_note(2, back.document(1), currency="SEK", currencyCode=752)
    share = Decimal(amount) / 10000
    for name in ("totalExclVat", "vatAmount", "totalInclVat"):
        note[name] = note[name] * share
        note["lines"][0][name] = note["lines"][0][name] * share
    for name in ("unitPriceExclVat", "unitPriceInclVat"):
        note["lines"][0][name] = note["lines"][0][name] * share
    back.world.sandbox.qondor.add(note)
    assert [result.outcome for result in back.world.run().values()] == [Outcome.TRANSFERRED]


def test_our_own_credit_note_clears_an_invoice_and_is_not_told_itself(qondor: Backflow) -> None:
    credited(qondor)
    [result] = qondor.world.run_payments().values()
    assert result.outcome is Outcome.REPORTED_PAID
    # From the day of the credit note.
    assert (qondor.source_says(1), qondor.source_says(2)) == (("Paid", "2026-11-02"), ("Processed", None))
    assert (qondor.world.found(), qondor.world.calls("quiddly", "PUT")[2:]) == ({}, [])


def test_our_own_credit_note_over_a_part_leaves_the_rest_to_money(qondor: Backflow) -> None:
    credited(qondor, 2500)
    assert (qondor.world.run_payments(), qondor.world.found()) == ({}, {qondor.source_id(1): Finding.PART_PAID})
    qondor.pay(1, 7500)
    qondor.world.run_payments()
    assert qondor.source_says(1) == ("Paid", "2026-11-20")


def test_a_credit_note_that_is_still_a_draft_clears_nothing(qondor: Backflow) -> None:
    qondor.book(1)
    qondor.change_route("finance", activate=False)
    qondor.world.sandbox.qondor.add(credit_note(2, qondor.document(1), currency="SEK", currencyCode=752))
    qondor.world.run()
    assert qondor.world.run_payments() == {}
    assert qondor.world.found()[qondor.source_id(1)] is Finding.OPEN
    qondor.bookkeeper.activate(qondor.name_of(2))
    qondor.world.sandbox.clock.advance(3700)
    qondor.world.run_payments()
    qondor.world.run_payments()
    assert qondor.source_says(1)[0] == "Paid"


def test_what_our_own_credit_note_cleared_is_held_where_the_route_says_so(qondor: Backflow) -> None:
    qondor.change_route("payments", settled_by_credit="hold")
    credited(qondor)
    assert (qondor.world.run_payments(), qondor.world.found()) == ({}, {qondor.source_id(1): Finding.CREDIT_HELD})
    assert qondor.people_read() == [
        "QT-1 was cleared by a credit note, not by money. The route leaves it to a person whether T-1 counts as paid"
    ]


def test_a_draft_is_followed_and_its_payment_is_told_after_it_became_real(back: Backflow) -> None:
    back.change_route("finance", activate=False)
    back.book(1)
    assert back.world.found() == {back.source_id(1): Finding.DRAFT}
    back.world.sandbox.clock.advance(3700)
    assert (back.world.run_payments(), back.world.found()) == ({}, {back.source_id(1): Finding.DRAFT})
    back.bookkeeper.activate(back.name_of(1))
    back.world.sandbox.clock.advance(3700)
    back.world.run_payments()
    assert (back.source_says(1), back.world.found()) == (back.unpaid(), {back.source_id(1): Finding.OPEN})
    payment_id = back.pay(1)
    back.world.run_payments()
    assert back.source_says(1) == back.paid(payment_id)


def test_what_was_paid_before_the_ledger_knew_that_the_draft_is_real_is_not_forgotten(back: Backflow) -> None:
    back.change_route("finance", activate=False)
    back.book(1)
    back.bookkeeper.activate(back.name_of(1))
    payment_id = back.pay(1)
    # Drafts are asked for once an hour, and the payment is marked before that.
    assert (back.world.run_payments(), back.world.found()) == ({}, {back.source_id(1): Finding.DRAFT})
    assert waiting(back) == []
    back.world.sandbox.clock.advance(3700)
    back.world.run_payments()
    back.world.run_payments()
    assert (back.source_says(1), paid_of(back)) == (back.paid(payment_id), back.total)


@pytest.mark.parametrize("is_polled_before", [True, False])
def test_what_was_paid_before_a_set_back_draft_was_told_as_real_is_not_forgotten(
    back: Backflow, is_polled_before: bool
) -> None:
    back.change_route("finance", activate=False)
    back.book(1)
    back.bookkeeper.activate(back.name_of(1))
    payment_id = back.pay(1)
    if is_polled_before:
        back.world.run_payments()
    sandbox = back.world.sandbox
    if back.from_qondor:
        sandbox.qondor.administrator.set_back(back.source_id(1), despite_rules=True)
    else:
        sandbox.ixpole.seller.set_back(back.source_id(1), ARENA)
    back.world.run()
    assert back.source_says(1) == back.unpaid()
    for _ in range(2):
        sandbox.clock.advance(3700)
        back.world.run_payments()
    assert (back.source_says(1), paid_of(back)) == (back.paid(payment_id), back.total)


def test_a_draft_that_was_removed_in_quiddly_is_for_a_person(back: Backflow) -> None:
    back.change_route("finance", activate=False)
    back.book(1)
    [draft] = back.world.sandbox.quiddly.invoices.rows()
    back.world.sandbox.quiddly.invoices.remove(draft["id"])
    back.world.sandbox.clock.advance(3700)
    assert (back.world.run_payments(), back.world.found()) == ({}, {back.source_id(1): Finding.GONE})
    [text] = back.people_read()
    assert text.startswith(f"{back.name_of(1)} was voided or deleted in finance")


def test_two_routes_that_poll_at_once_mark_each_payment_once(sandbox: Sandbox, ledger_url: str) -> None:
    routes = [backflow(sandbox, ledger_url, name) for name in (QONDOR_QUIDDLY, IXPOLE_QUIDDLY)]
    for back in routes:
        back.book(1, 2)
    for back in routes:
        back.pay(1)
        back.pay(2)
    # Slow enough that the second route asks before the first has marked anything.
    sandbox.fault("delay", system="quiddly", seconds=0.1)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda back: back.world.run_payments(), routes))
    assert len(marks(routes[0])) == 4
    assert waiting(routes[0]) == []
    for back in routes:
        assert paid_of(back, 1) == paid_of(back, 2) > 0
        back.world.close()


def test_a_payment_that_cannot_be_read_is_left_for_a_person_and_the_others_are_told(
    back: Backflow, caplog: pytest.LogCaptureFixture
) -> None:
    back.book(1)
    vouchers = back.world.sandbox.quiddly.vouchers.table
    odd = back.bookkeeper.pay_foreign("F-1", Decimal(10), on=ON)
    vouchers.change(odd, payment={**vouchers[odd]["payment"], "paymentDate": 1621209600000})
    payment_id = back.pay(1)
    back.world.run_payments()
    assert back.source_says(1) == back.paid(payment_id)
    assert (list(marks(back)), waiting(back)) == ([payment_id], [odd])
    assert f"Payment {odd} in Quiddly cannot be read" in caplog.text
    assert "1621209600000" not in caplog.text
