"""A bookkeeper in Quiddly: every payment waits to be exported (quiddly.md, "Payments out")."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sandbox.bookkeeping import BadRequestError, BookkeepingError, NotPossibleError, UnknownDocumentError
from sandbox.quiddly.identity import SERVICE_TOKEN
from sandbox.sandbox import Sandbox
from tests.sandbox.quiddly_samples import SAMPLE, changed, credit, exact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sandbox.quiddly.bookkeeper import QuiddlyBookkeeper

DAY = date(2026, 11, 20)


@pytest.fixture
def session(sandbox: Sandbox) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {SERVICE_TOKEN}"
        yield session


@pytest.fixture
def call(sandbox: Sandbox, session: requests.Session) -> Callable[..., Any]:
    def call(method: str, path: str, body: Any = None) -> Any:
        answer = session.request(method, f"{sandbox.url}/quiddly{path}", json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json(parse_float=Decimal)

    return call


@pytest.fixture
def desk(sandbox: Sandbox) -> QuiddlyBookkeeper:
    """With an activated invoice 123456 over 250 SEK and a draft 7 of the same sum."""
    sandbox.quiddly.add_invoice(exact(SAMPLE))
    sandbox.quiddly.add_invoice(exact(changed({"invoiceNumber": "7"})))
    sandbox.quiddly.bookkeeper.activate("123456")
    return sandbox.quiddly.bookkeeper


def exported(call: Callable[..., Any], limit: int = 100) -> list[tuple[str, Decimal, str]]:
    found, page = [], 1
    while payments := call("GET", f"/vouchers/external/export/payments?page={page}&limit={limit}"):
        found += [(each["invoiceNumber"], Decimal(each["amount"]), each["paymentDate"]) for each in payments]
        page += 1
    return found


def test_paid_in_parts_too_much_and_corrected(desk: QuiddlyBookkeeper, call: Callable[..., Any]) -> None:
    desk.pay("123456", Decimal("100.50"), DAY)
    desk.pay("123456", on=DAY)
    assert desk.document("123456").due == 0
    desk.overpay("123456", Decimal(20), DAY)
    assert desk.document("123456").due == -20
    desk.correct("123456", Decimal(20), DAY)
    desk.correct("123456", on=DAY)
    amounts = [Decimal("100.50"), Decimal("149.50"), Decimal("20.00"), Decimal("-20.00"), Decimal("-250.00")]
    assert exported(call, limit=2) == [("123456", amount, "2026-11-20") for amount in amounts]
    assert (desk.document("123456").due, desk.document("123456").paid) == (250, 0)


def test_overpaid_in_one_payment(desk: QuiddlyBookkeeper, call: Callable[..., Any]) -> None:
    desk.overpay("123456", Decimal("300"), DAY)
    assert exported(call) == [("123456", Decimal(300), "2026-11-20")]


def test_a_payment_in_another_currency(sandbox: Sandbox, desk: QuiddlyBookkeeper, call: Callable[..., Any]) -> None:
    euro = {"baseCurrency": "SEK", "exchangeRate": 11.25, "invoiceCurrency": "EUR"}
    sandbox.quiddly.add_invoice(exact(changed({"invoiceNumber": "8", "currency": euro})))
    desk.activate("8")
    payment_id = desk.pay("8", on=DAY)
    [payment] = call("GET", "/vouchers/external/export/payments")
    assert payment == {
        "id": payment_id, "date": "2026-11-20", "paymentDate": "2026-11-20", "amountLocale": Decimal("2812.50"),
        "amount": Decimal("250.00"), "invoiceNumber": "8", "invoiceCurrency": "EUR", "baseCurrency": "SEK",
        "name": "Name", "externalPaymentMethodCode": "BG", "accountNumber": "5050-1055",
    }  # fmt: skip


def test_a_draft_takes_money_once_it_is_activated(
    sandbox: Sandbox, desk: QuiddlyBookkeeper, call: Callable[..., Any]
) -> None:
    with pytest.raises(NotPossibleError, match=r"^Invoice 7 is CREATED and cannot be paid\.$"):
        desk.pay("7")
    invoice_id = desk.activate("7")
    assert call("GET", f"/invoices/{invoice_id}")["status"] == "ACTIVATED"
    assert len(sandbox.quiddly.distributions) == 2
    desk.pay(invoice_id, on=DAY)
    assert exported(call) == [("7", Decimal(250), "2026-11-20")]


def test_a_draft_that_cannot_be_sent_out_stays_one(sandbox: Sandbox, desk: QuiddlyBookkeeper) -> None:
    row = sandbox.quiddly.bookkeeper.document("7")
    sandbox.quiddly.invoices.change(row.id, distributionCode="EMAIL")
    with pytest.raises(NotPossibleError, match=r"Invoice 7 cannot be activated: debtor\.email must be a valid address"):
        desk.activate("7")
    assert desk.document("7").status == "CREATED"


def test_money_for_an_invoice_that_another_system_made(desk: QuiddlyBookkeeper, call: Callable[..., Any]) -> None:
    desk.pay_foreign("F-1", Decimal("99.90"), DAY, currency="NOK", contact="Kari")
    desk.pay_foreign("F-1", Decimal("0.10"), DAY)
    assert exported(call) == [("F-1", Decimal("99.90"), "2026-11-20"), ("F-1", Decimal("0.10"), "2026-11-20")]
    assert call("GET", "/invoices?invoiceNumber=F-1") == []
    foreign = desk.document("F-1")
    assert (foreign.kind, foreign.paid, foreign.contact) == ("Foreign invoice", Decimal("100.00"), "Kari")
    assert [booked.number for booked in desk.documents()] == ["123456", "7", "F-1"]


def test_money_back_for_a_credit_invoice(sandbox: Sandbox, desk: QuiddlyBookkeeper, call: Callable[..., Any]) -> None:
    sandbox.quiddly.add_invoice(exact(credit()))
    desk.activate("123457")
    assert desk.document("123457").verbs == ("refund",)
    desk.refund("123457", Decimal(50), DAY)
    desk.refund("123457", on=DAY)
    assert [amount for _, amount, _ in exported(call)] == [Decimal(-50), Decimal(-200)]
    assert (desk.document("123457").due, desk.document("123457").verbs) == (0, ())


def test_marking_removes_and_moves_the_rest_up(desk: QuiddlyBookkeeper, call: Callable[..., Any]) -> None:
    ids = [desk.pay("123456", Decimal(number), DAY) for number in (1, 2, 3)]
    call("PUT", f"/vouchers/{ids[0]}/external/export", {"externalId": "x"})
    path = "/vouchers/external/export/payments?page={}&limit=1"
    assert [[each["id"] for each in call("GET", path.format(page))] for page in (1, 2, 3)] == [[ids[1]], [ids[2]], []]
    assert desk.document("123456").paid == 6


@pytest.mark.parametrize(
    ("verb", "document", "values", "kind", "reason"),
    [
        ("activate", "123456", {}, NotPossibleError, "Invoice 123456 is ACTIVATED and cannot be activated."),
        ("overpay", "7", {"amount": Decimal(300)}, NotPossibleError, "Invoice 7 is CREATED and cannot be overpaid."),
        ("correct", "7", {}, NotPossibleError, "Invoice 7 is CREATED and cannot be corrected."),
        ("correct", "123456", {}, NotPossibleError, "Invoice 123456 has no payment that could be corrected."),
        ("refund", "123456", {}, NotPossibleError, "Invoice 123456 is ACTIVATED and cannot be refunded."),
        ("pay", "123456", {"amount": Decimal("250.01")}, NotPossibleError, "250.01 SEK are more than the 250.00"),
        ("overpay", "123456", {"amount": Decimal(250)}, NotPossibleError, "250.00 SEK are no overpayment of Invoice"),
        ("pay", "123456", {"amount": Decimal("-1")}, BadRequestError, "amount must be more than 0"),
        ("pay_foreign", "123456", {"amount": Decimal(1)}, NotPossibleError, "Invoice 123456 is in Quiddly"),
        ("pay_foreign", "F-1", {"amount": Decimal("0.001")}, BadRequestError, "two decimals at most"),
        ("pay", "F-1", {}, UnknownDocumentError, "Quiddly has no invoice F-1."),
    ],
)  # fmt: skip
def test_what_is_refused_changes_nothing(
    sandbox: Sandbox,
    desk: QuiddlyBookkeeper,
    verb: str,
    document: str,
    values: dict[str, Any],
    kind: type[BookkeepingError],
    reason: str,
) -> None:
    before = [table.rows() for table in sandbox.store.tables]
    with pytest.raises(kind) as refused:
        getattr(desk, verb)(document, **values)
    assert reason in str(refused.value)
    assert [table.rows() for table in sandbox.store.tables] == before


def test_what_is_paid_already_can_only_be_overpaid(desk: QuiddlyBookkeeper) -> None:
    desk.pay("123456")
    with pytest.raises(NotPossibleError, match="Invoice 123456 is paid in full and cannot be paid; it can be overpaid"):
        desk.pay("123456")
    with pytest.raises(NotPossibleError, match=r"251\.00 SEK are more than the 250\.00 SEK paid of Invoice 123456"):
        desk.correct("123456", Decimal(251))


def test_what_was_done_outlives_the_sandbox(tmp_path: Path) -> None:
    with Sandbox(documents=0, state=tmp_path) as first:
        first.quiddly.add_invoice(exact(SAMPLE))
        first.quiddly.bookkeeper.activate("123456")
        first.quiddly.bookkeeper.pay("123456", Decimal(200), DAY)
    with Sandbox(state=tmp_path) as second:
        assert second.quiddly.bookkeeper.document("123456").due == 50
