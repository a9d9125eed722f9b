"""Quiddly's access, rules, states and payments (quiddly.md)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sandbox.quiddly.identity import SERVICE_TOKEN
from sandbox.sandbox import Sandbox
from tests.sandbox.quiddly_samples import ADDITIONAL, SAMPLE, changed, credit

if TYPE_CHECKING:
    from collections.abc import Iterator


class Client:
    """Talks to the sandbox's Quiddly the way an ERP does."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.connection = sandbox.connections["quiddly_default"]
        self.base = self.connection["host"]
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {SERVICE_TOKEN}"

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        return self.session.request(method, self.base + path, json=body, timeout=10)

    def create(self, body: Any) -> requests.Response:
        return self.call("POST", "/invoices", body)

    def sign_in(self, **changes: str) -> requests.Response:
        body = {"username": self.connection["login"], "password": self.connection["password"], **changes}
        return requests.post(f"{self.base}/authenticate", json=body, timeout=10)


@pytest.fixture
def quiddly(sandbox: Sandbox) -> Iterator[Client]:
    client = Client(sandbox)
    with client.session:
        yield client


def test_the_seeds_samples_are_taken_and_shown_again(quiddly: Client) -> None:
    made = quiddly.create(SAMPLE)
    assert made.status_code == 201
    assert made.json() == {"id": "I.100000001", "status": "CREATED", **SAMPLE}
    full = quiddly.create(changed({**ADDITIONAL, "invoiceNumber": "123457", "client_id": "C.1"}))
    assert full.status_code == 201, full.text
    assert quiddly.call("GET", "/invoices/I.100000002").json() == full.json()
    assert [each["id"] for each in quiddly.call("GET", "/invoices?invoiceNumber=123456").json()] == ["I.100000001"]
    assert quiddly.call("GET", "/invoices?invoiceNumber=9").json() == []
    assert quiddly.call("GET", "/invoices/I.9").status_code == 404
    pdf = quiddly.call("GET", "/invoices/I.100000001/pdf")
    assert (pdf.headers["content-type"], pdf.content[:5], b"123456" in pdf.content) == (
        "application/pdf",
        b"%PDF-",
        True,
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"articleRows": []}, "articleRows"),
        ({"articleRows.0.quantity": 2}, "articleRows[0].quantity"),
        ({"articleRows.0.quantity": "-2,00"}, "articleRows[0].quantity"),
        ({"articleRows.0.price": "100"}, "articleRows[0].price"),
        ({"articleRows.0.price": 99}, "articleRows[0].total"),
        ({"articleRows.0.totalDiscount": 10}, "articleRows[0].total"),
        ({"articleRows.0.discountType": "CURRENCY", "articleRows.0.totalDiscount": 10}, "articleRows[0].total"),
        ({"articleRows.0.discountType": "POUNDS"}, "articleRows[0].discountType"),
        ({"articleRows.0.total": 250}, "articleRows[0].total"),
        ({"articleRows.0.vatPercentage": 15}, "articleRows[0].vatPercentage"),
        ({"articleRows.0.totalVat": 49}, "articleRows[0].totalVat"),
        ({"articleRows.0.totalExclVat": 200.01}, "totals.totalExclVat"),
        ({"totals.totalVat": 51, "totals.total": 251, "totals.totalToPay": 251}, "totals.totalVat"),
        ({"totals.totalExclVat": 201, "totals.total": 251, "totals.totalToPay": 251}, "totals.totalExclVat"),
        ({"totals.total": 249, "totals.totalToPay": 249}, "totals.total"),
        ({"totals.totalRoundOff": 0.5}, "totals.totalToPay"),
        ({"totals.taxReduction": 10}, "totals.totalToPay"),
        ({"totals.taxReduction": ...}, "totals.taxReduction"),
        ({"vats": []}, "vats"),
        ({"vats": ...}, "vats"),
        ({"vats.0.percentage": 12}, "vats"),
        ({"vats.0.totalTaxable": 100}, "totals.totalExclVat"),
        ({"currency.exchangeRate": 2}, "currency.exchangeRate"),
        ({"currency.invoiceCurrency": "kr"}, "currency.invoiceCurrency"),
        ({"dates.expireDate": "2021-05-16"}, "dates.expireDate"),
        ({"dates.expireDate": "1 June"}, "dates.expireDate"),
        ({"debtor.customerNumber": ""}, "debtor.customerNumber"),
        ({"debtor.name": ...}, "debtor.name"),
        ({"debtor.invoiceAddress": ...}, "debtor.invoiceAddress"),
        ({"debtor.invoiceAddress.zip": ""}, "debtor.invoiceAddress.zip"),
        ({"debtor.invoiceAddress.countryCode": "SWE"}, "debtor.invoiceAddress.countryCode"),
        ({"debtor.deliveryAddress": {}}, "debtor.deliveryAddress.zip"),
        ({"debtor.type": "ROBOT"}, "debtor.type"),
        ({"debtor.distributionChannel": "EMAIL"}, "debtor.distributionChannel"),
        ({"debtor.ourReference": "Jane"}, "debtor.ourReference"),
        ({"ourRef": "Jane"}, "ourRef"),
        ({"distributionCode": "EMAIL"}, "debtor.email"),
        ({"distributionCode": "EMAIL", "debtor.email": "at home"}, "debtor.email"),
        ({"distributionCode": "ELECTRONIC_INVOICE"}, "debtor.GLN"),
        ({"distributionCode": "ELECTRONIC_INVOICE", "debtor.type": "PERSON", "debtor.GLN": "1"}, "debtor.FMI"),
        ({"distributionCode": "PIGEON"}, "distributionCode"),
        ({"productCode": "GIFT"}, "productCode"),
        ({"invoiceNumber": ""}, "invoiceNumber"),
        ({"debitInvoiceNumber": "1"}, "debitInvoiceNumber"),
        ({"type": "CREDIT_INVOICE", "debitInvoiceNumber": "1"}, "totals.total"),
        ({"fees": {"administration": 1}}, "fees.freight"),
    ],
)  # fmt: skip
def test_what_breaks_a_rule_is_refused_by_its_field(
    sandbox: Sandbox, quiddly: Client, changes: dict[str, Any], field: str
) -> None:
    answer = quiddly.create(changed(changes))
    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert sandbox.quiddly.invoices.rows() == []


@pytest.mark.parametrize("body", [None, [], "text", {}])
def test_a_body_that_is_no_invoice_is_refused(quiddly: Client, body: Any) -> None:
    assert quiddly.create(body).status_code == 400


def test_rounding_and_discounts_that_are_right(quiddly: Client) -> None:
    discounted = {
        "articleRows.0.discountType": "CURRENCY", "articleRows.0.totalDiscount": 20, "articleRows.0.price": 110,
        "totals.totalRoundOff": -0.4, "totals.totalToPay": 249.6,
    }  # fmt: skip
    assert quiddly.create(changed(discounted)).status_code == 201


@pytest.mark.parametrize("status", [409, 400])
def test_a_number_is_taken_once(sandbox: Sandbox, quiddly: Client, status: int) -> None:
    sandbox.quiddly.duplicate_status = status
    quiddly.create(SAMPLE)
    again = quiddly.create(SAMPLE)
    assert (again.status_code, again.json()["message"]) == (
        status, "An invoice with invoiceNumber 123456 already exists.",
    )  # fmt: skip
    assert len(sandbox.quiddly.invoices.rows()) == 1


def test_a_credit_names_an_invoice_that_exists_and_is_negative(quiddly: Client) -> None:
    assert "debitInvoiceNumber" in quiddly.create(credit()).json()["errors"]
    quiddly.create(SAMPLE)
    assert quiddly.create(credit(debitInvoiceNumber="9")).status_code == 400
    assert "debitInvoiceNumber" in quiddly.create(credit(debitInvoiceNumber=...)).json()["errors"]
    assert "currency.invoiceCurrency" in quiddly.create(
        credit(**{"currency.invoiceCurrency": "NOK"})
    ).json()["errors"]  # fmt: skip
    assert quiddly.create(credit()).status_code == 201
    of_credit = credit(invoiceNumber="123458", debitInvoiceNumber="123457")
    assert "debitInvoiceNumber" in quiddly.create(of_credit).json()["errors"]


def test_activation_happens_once_and_sends_it_out(sandbox: Sandbox, quiddly: Client) -> None:
    invoice_id = quiddly.create(SAMPLE).json()["id"]
    activate = f"/invoices/{invoice_id}/activate"
    assert quiddly.call("PUT", "/invoices/I.9/activate", {}).status_code == 404
    assert quiddly.call("PUT", activate, {"distributionCode": "EMAIL"}).status_code == 400
    assert quiddly.call("PUT", activate, {"remark": "late"}).status_code == 400
    assert sandbox.quiddly.distributions.rows() == []

    done = quiddly.call("PUT", activate, {"distributionCode": None, "documentTemplateCode": "STANDARD_MARKETING"})
    assert (done.status_code, done.json()["status"]) == (200, "ACTIVATED")
    assert quiddly.call("PUT", activate, {}).status_code == 409
    assert [row["code"] for row in sandbox.quiddly.distributions.rows()] == [None]


def test_payments_wait_page_by_page_until_they_are_marked(sandbox: Sandbox, quiddly: Client) -> None:
    quiddly.create(SAMPLE)
    ids = [sandbox.quiddly.pay("123456", Decimal(50 + number), "2021-05-20")["id"] for number in range(3)]
    path = "/vouchers/external/export/payments"

    def page(number: int) -> list[str]:
        return [each["id"] for each in quiddly.call("GET", f"{path}?page={number}&limit=2").json()]

    assert (page(1), page(2), page(3)) == (ids[:2], ids[2:], [])
    assert quiddly.call("GET", f"{path}?page=0").status_code == 400
    first = quiddly.call("GET", path).json()[0]
    assert (first["invoiceNumber"], first["amount"], first["invoiceCurrency"]) == ("123456", 50, "SEK")

    assert quiddly.call("PUT", f"/vouchers/{ids[0]}/external/export", {}).status_code == 400
    assert quiddly.call("PUT", f"/vouchers/{ids[0]}/external/export", {"externalId": "x"}).status_code == 200
    assert page(1) == ids[1:]
    assert quiddly.call("PUT", "/vouchers/V.9/external/export", {"externalId": "x"}).status_code == 404
    bookkeep = f"/vouchers/{ids[1]}/external/bookkeep"
    assert quiddly.call("PUT", bookkeep, {"externalInformationId": "1"}).status_code == 400
    assert quiddly.call("PUT", bookkeep, {"errorMessage": "no such invoice"}).status_code == 200
    assert sandbox.quiddly.payments[ids[1]]["booked"] == {"errorMessage": "no such invoice"}


def test_a_user_signs_in_for_a_day(sandbox: Sandbox, quiddly: Client) -> None:
    assert quiddly.sign_in(password="wrong").status_code == 401
    answer = quiddly.sign_in().json()
    assert answer.keys() == {"idToken", "tokenType"}
    quiddly.session.headers["Authorization"] = f"Bearer {answer['idToken']}"
    assert quiddly.call("GET", "/invoices").status_code == 200
    sandbox.clock.advance(86_399)
    assert quiddly.call("GET", "/invoices").status_code == 200
    sandbox.clock.advance(2)
    assert quiddly.call("GET", "/invoices").status_code == 401


@pytest.mark.parametrize("header", [None, "Bearer wrong", f"Basic {SERVICE_TOKEN}"])
def test_without_a_token_nothing_is_told(quiddly: Client, header: str | None) -> None:
    quiddly.session.headers["Authorization"] = header  # type: ignore[assignment]
    assert quiddly.call("GET", "/invoices").status_code == 401


def test_too_many_calls_have_to_wait() -> None:
    with Sandbox(documents=0, limits="contract") as strict:
        client = Client(strict)
        with client.session:
            answers = [client.call("GET", "/invoices") for _ in range(11)]
            assert [answer.status_code for answer in answers] == [200] * 10 + [429]
            assert answers[-1].headers["Retry-After"] == "1"
            strict.clock.advance(1.1)
            assert client.call("GET", "/invoices").status_code == 200


def test_what_was_made_outlives_the_server(tmp_path: Any) -> None:
    with Sandbox(documents=0, state=tmp_path) as first:
        client = Client(first)
        with client.session:
            client.create(SAMPLE)
            token = client.sign_in().json()["idToken"]
    with Sandbox(state=tmp_path) as second:
        assert second.quiddly.identity.accepts(f"Bearer {token}")
        assert [row["invoiceNumber"] for row in second.quiddly.invoices.rows()] == ["123456"]
