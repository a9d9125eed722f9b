"""Quiddly's payments as they are handed out: pages, odd entries, marks."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge.hooks.quiddly.hook import QuiddlyHook
from invoice_bridge.systems.quiddly.finance import QuiddlyFinance
from invoice_bridge_core.errors import GarbledAnswerError, NotFoundError, OutcomeUnknownError, RefusedError
from invoice_bridge_core.ports import ReferenceData
from invoice_bridge_core.ports.booking_status import ReceivedPayment
from tests.hooks.scripted_server import connection_json, reply, scripted_server
from tests.systems.quiddly.bodies import quiddly_route, swedish

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox

ON = dt.date(2026, 11, 20)


@pytest.fixture
def sandbox(running: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """With an activated invoice QQ-10023 over 10 000 SEK."""
    running.reset(documents=0)
    monkeypatch.setenv("AIRFLOW_CONN_QUIDDLY_DEFAULT", json.dumps(running.connections["quiddly_default"]))
    nothing = ReferenceData(body={}, fingerprint="")
    made = finance().bookings.create(swedish(), "any", nothing, idempotency_key="key")
    running.quiddly.rules.activate(made.finance_id, {})
    running.traffic.reset()
    return running


def finance() -> QuiddlyFinance:
    return QuiddlyFinance(QuiddlyHook(sleep=lambda _: None), quiddly_route())


def waiting() -> tuple[ReceivedPayment, ...]:
    return finance().received_payments.waiting()


def calls(sandbox: Sandbox) -> list[tuple[str, Any]]:
    entries = [each for each in sandbox.traffic.log(system="quiddly") if "authenticate" not in each.path]
    return [(each.method, each.body or each.query) for each in entries]


def change(sandbox: Sandbox, payment_id: str, **values: Any) -> None:
    """Let a payment be told otherwise."""
    table = sandbox.quiddly.vouchers.table
    table.change(payment_id, payment={**table[payment_id]["payment"], **values})


def test_a_payment_is_read_with_its_day_and_its_invoices_currency(sandbox: Sandbox) -> None:
    payment_id = sandbox.quiddly.bookkeeper.pay("QQ-10023", Decimal("99.95"), on=ON)
    assert waiting() == (ReceivedPayment(payment_id, "QQ-10023", Decimal("99.95"), "SEK", ON),)
    assert calls(sandbox) == [("GET", "page=1&limit=100"), ("GET", "page=2&limit=100")]


def test_a_correction_is_negative(sandbox: Sandbox) -> None:
    sandbox.quiddly.bookkeeper.pay("QQ-10023", on=ON)
    sandbox.quiddly.bookkeeper.correct("QQ-10023", Decimal("0.50"), on=ON)
    assert [payment.amount for payment in waiting()] == [Decimal(10000), Decimal("-0.50")]


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (99, 2), (100, 2), (201, 3)])
def test_every_page_is_read_and_nothing_is_marked(sandbox: Sandbox, count: int, pages: int) -> None:
    for number in range(count):
        sandbox.quiddly.bookkeeper.pay_foreign(f"F-{number}", Decimal(1), on=ON)
    found = waiting()
    assert [payment.number for payment in found] == [f"F-{number}" for number in range(count)]
    assert [method for method, _ in calls(sandbox)] == ["GET"] * pages


def test_a_server_that_hands_out_fewer_than_it_was_asked_for_is_read_to_its_end(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(25):
        sandbox.quiddly.bookkeeper.pay_foreign(f"F-{number}", Decimal(1), on=ON)
    vouchers, original = sandbox.quiddly.vouchers, sandbox.quiddly.vouchers.waiting
    monkeypatch.setattr(vouchers, "waiting", lambda page, limit: original(page, min(limit, 10)))
    assert len(waiting()) == 25


def test_a_payment_that_moved_to_the_next_page_while_they_were_read_is_one(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(150):
        sandbox.quiddly.bookkeeper.pay_foreign(f"F-{number}", Decimal(1), on=ON)
    vouchers, original = sandbox.quiddly.vouchers, sandbox.quiddly.vouchers.waiting
    # Somebody's payment is put before the second page is read.
    monkeypatch.setattr(vouchers, "waiting", lambda page, limit: original(1, 200)[99 if page == 2 else 0 :][:limit])
    assert len(waiting()) == 150


def test_a_payment_without_a_day_counts_from_today(sandbox: Sandbox) -> None:
    payment_id = sandbox.quiddly.bookkeeper.pay("QQ-10023", on=ON)
    change(sandbox, payment_id, paymentDate=None, date=None)
    [payment] = waiting()
    assert payment.paid_on == dt.datetime.now(dt.UTC).date()


@pytest.mark.parametrize("missing", ["id", "invoiceNumber", "amount"])
def test_a_payment_that_can_be_nobodys_of_ours_is_left_alone_and_keeps_nobody_waiting(
    sandbox: Sandbox, missing: str, caplog: pytest.LogCaptureFixture
) -> None:
    foreign = sandbox.quiddly.bookkeeper.pay_foreign("F-1", Decimal(10), on=ON)
    ours = sandbox.quiddly.bookkeeper.pay("QQ-10023", on=ON)
    change(sandbox, foreign, **{missing: None})
    assert [payment.payment_id for payment in waiting()] == [ours]
    named = "without an id" if missing == "id" else foreign
    assert f"Payment {named} of" in caplog.text
    assert f"has no {missing}: it was left there for a person" in caplog.text


def test_a_whole_page_of_such_payments_is_not_the_last_one(sandbox: Sandbox) -> None:
    for number in range(200):
        change(sandbox, sandbox.quiddly.bookkeeper.pay_foreign(f"F-{number}", Decimal(1), on=ON), amount=None)
    ours = sandbox.quiddly.bookkeeper.pay("QQ-10023", on=ON)
    assert [payment.payment_id for payment in waiting()] == [ours]


EPOCH = 1621209600000


@pytest.mark.parametrize(
    "odd", [{"id": "V.1", "paymentDate": EPOCH}, {"id": {}}, {"id": "V.1", "amount": "much"}, "V.1"]
)
def test_one_payment_that_cannot_be_read_keeps_nobody_else_waiting(
    odd: object, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    plain = {"invoiceNumber": "F-1", "amount": 1, "paymentDate": "2026-11-20", "name": "Somebody"}
    with scripted_server() as server:
        connection = connection_json(conn_type="quiddly", host=server.url, password="token")
        monkeypatch.setenv("AIRFLOW_CONN_QUIDDLY_DEFAULT", connection)
        # The page that holds the odd one is as long as the one before it, so it is not taken for the last.
        server.answers(reply([{**plain, "id": "V.8"}, {**plain, "id": "V.9"}]), reply([odd, {**plain, "id": "V.10"}]),
                       reply([{**plain, "id": "V.11"}]))  # fmt: skip
        assert [payment.payment_id for payment in waiting()] == ["V.8", "V.9", "V.10", "V.11"]
    [record] = caplog.records
    named = "V.1" if isinstance(odd, dict) and odd["id"] == "V.1" else "without an id"
    assert record.getMessage() == f"Payment {named} in Quiddly cannot be read: it was left there for a person"


@pytest.mark.parametrize("page", [{"payments": []}, None, "V.1"])
def test_a_page_that_is_no_list_of_payments_is_garbled(page: object, monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_server() as server:
        connection = connection_json(conn_type="quiddly", host=server.url, password="token")
        monkeypatch.setenv("AIRFLOW_CONN_QUIDDLY_DEFAULT", connection)
        server.answers(reply(page))
        with pytest.raises(GarbledAnswerError):
            waiting()


def test_it_is_marked_with_our_own_name_for_it(sandbox: Sandbox) -> None:
    payment_id = sandbox.quiddly.bookkeeper.pay("QQ-10023", on=ON)
    [payment] = waiting()
    sandbox.traffic.reset()
    finance().received_payments.acknowledge(payment, "qondor:qondor_default:12345")
    assert calls(sandbox) == [("PUT", {"externalId": "qondor:qondor_default:12345"})]
    assert sandbox.quiddly.vouchers.table[payment_id]["exported"] == "qondor:qondor_default:12345"
    assert waiting() == ()
    finance().received_payments.acknowledge(payment, "qondor:qondor_default:12345")


def test_a_mark_whose_answer_was_lost_is_not_sent_twice_in_one_go(sandbox: Sandbox) -> None:
    sandbox.quiddly.bookkeeper.pay("QQ-10023", on=ON)
    [payment] = waiting()
    sandbox.traffic.reset()
    sandbox.fault("close", system="quiddly", method="PUT", when="after", count=1)
    with pytest.raises(OutcomeUnknownError):
        finance().received_payments.acknowledge(payment, "mine")
    assert len(calls(sandbox)) == 1


def test_a_mark_of_a_payment_that_is_not_there_is_told_as_such(sandbox: Sandbox) -> None:
    sandbox.quiddly.bookkeeper.pay("QQ-10023", on=ON)
    [payment] = waiting()
    sandbox.quiddly.vouchers.table.remove(payment.payment_id)
    with pytest.raises((NotFoundError, RefusedError), match=payment.payment_id):
        finance().received_payments.acknowledge(payment, "mine")


def test_quiddly_numbers_nothing_and_cannot_be_asked_by_date(sandbox: Sandbox) -> None:
    quiddly = finance()
    assert (quiddly.booking_changes, quiddly.dated_bookings) == (None, None)
