"""iXpole's access, tenants and rules of writing back (ixpole.md)."""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sandbox.ixpole.tenants import ARENA, CLUB

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.ixpole.tenants import Tenant
    from sandbox.sandbox import Sandbox

ROUTES = ("ixpole_xero", "ixpole_quiddly")
PDF = base64.b64encode(b"%PDF-1.4 small").decode()
REAL = {"InvoiceNumber": "IX-1", "InvoiceDueDate": "2099-12-15", "Pdf": PDF}


class IxpoleClient:
    """Talks to one tenant the way an accounting system does."""

    def __init__(self, sandbox: Sandbox, tenant: Tenant) -> None:
        self.connection = sandbox.connections[tenant.conn_id]
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {self.token().json()['access_token']}"

    def token(self, **changes: str) -> requests.Response:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.connection["login"],
            "client_secret": self.connection["password"],
            **changes,
        }
        return requests.post(f"{self.connection['host']}/oauth/token", data=form, timeout=10)

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        return self.session.request(method, f"{self.connection['host']}/api/{path}", json=body, timeout=10)

    def write(self, code: str = "I-1", **body: Any) -> requests.Response:
        return self.call("PUT", "instalments", {"InstalmentCode": code, **body})


@pytest.fixture
def club(sandbox: Sandbox) -> Iterator[IxpoleClient]:
    client = IxpoleClient(sandbox, CLUB)
    with client.session:
        yield client


@pytest.fixture
def arena(sandbox: Sandbox) -> Iterator[IxpoleClient]:
    client = IxpoleClient(sandbox, ARENA)
    with client.session:
        yield client


@pytest.fixture
def instalment(sandbox: Sandbox) -> dict[str, Any]:
    return sandbox.ixpole.add({"InstalmentCode": "I-1", "CustomerId": 311, "Lines": []})


def test_a_token_opens_its_own_tenant_only_and_not_for_ever(
    sandbox: Sandbox, club: IxpoleClient, arena: IxpoleClient
) -> None:
    assert club.token(client_secret="wrong").json() == {"error": "invalid_client"}
    assert club.token(grant_type="password").json() == {"error": "unsupported_grant_type"}
    assert club.call("GET", "instalments").status_code == 200
    arena.session.headers["Authorization"] = club.session.headers["Authorization"]
    assert arena.call("GET", "instalments").status_code == 401
    sandbox.clock.advance(club.token().json()["expires_in"] + 1)
    assert club.call("GET", "instalments").status_code == 401


@pytest.mark.usefixtures("instalment")
def test_the_states_of_an_instalment(sandbox: Sandbox, club: IxpoleClient) -> None:
    assert [each["InstalmentCode"] for each in club.call("GET", "instalments").json()] == ["I-1"]
    assert club.write(InvoiceNumber="DIX-1").status_code == 204
    assert sandbox.ixpole.told("I-1")["Status"] == "Pending"
    assert club.call("GET", "instalments").json() == []
    for _ in range(2):
        assert club.write(**REAL).status_code == 204
    told = sandbox.ixpole.told("I-1")
    assert (told["Status"], told["InvoiceNumber"], told["InvoiceDueDate"]) == ("Open", "IX-1", "2099-12-15")
    assert club.write(**REAL | {"InvoiceDueDate": "2020-01-01"}).status_code == 204
    assert sandbox.ixpole.told("I-1")["Status"] == "Overdue"
    assert club.write(PaymentNo="P-1").status_code == 204
    assert sandbox.ixpole.told("I-1")["Status"] == "Received"
    assert club.write(**REAL).status_code == 422


@pytest.mark.usefixtures("instalment")
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"InvoiceNumber": " "},
        {"InvoiceNumber": "IX-1", "Pdf": PDF},
        REAL | {"Pdf": "not base64!"},
        REAL | {"Pdf": base64.b64encode(b"<html>").decode()},
        REAL | {"InvoiceDueDate": "15.12.2026"},
        REAL | {"invoiceNumber": "IX-1"},
        {"InvoiceNumber": "D1", "Pdf": PDF},
        {"PaymentNo": "P-1"},
    ],
    ids=str,
)
def test_what_an_instalment_does_not_take(sandbox: Sandbox, club: IxpoleClient, body: dict[str, Any]) -> None:
    answer = club.write(**body)
    assert (answer.status_code, bool(answer.json()["message"])) == (422, True)
    assert sandbox.ixpole.told("I-1")["Status"] == "ToDo"


def test_an_invoice_does_not_become_a_draft_again_and_nobody_invents_instalments(
    sandbox: Sandbox, club: IxpoleClient
) -> None:
    sandbox.ixpole.add({"InstalmentCode": "I-1", "Status": "Open"})
    assert club.write(InvoiceNumber="D1").status_code == 422
    assert club.write("I-2", **REAL).status_code == 404


def test_customers_are_read_and_changed_at_different_paths(
    sandbox: Sandbox, club: IxpoleClient, arena: IxpoleClient
) -> None:
    for tenant in (CLUB, ARENA):
        sandbox.ixpole.add_customer({"CustomerId": 311, "CustomerCode": None, "Name": "Acme"}, tenant)
    for client, reading, changing in ((club, "customer", "customers"), (arena, "customers", "customer")):
        assert client.call("GET", f"{reading}/311").status_code == 200
        assert client.call("GET", f"{changing}/311").status_code == 404
        assert client.call("PATCH", f"{changing}/311", {"CustomerCode": "K-1"}).status_code == 204
        assert client.call("PATCH", f"{reading}/311", {"CustomerCode": "K-1"}).status_code == 404
        assert client.call("PATCH", f"{changing}/312", {"CustomerCode": "K-1"}).status_code == 404
        assert client.call("PATCH", f"{changing}/311", {"Name": "x"}).status_code == 422
    assert club.call("GET", "customer/311").json()["CustomerCode"] == "K-1"
    assert "K-1" in arena.call("GET", "customers/311").json().values()


def test_one_tenant_writes_its_keys_in_any_case(sandbox: Sandbox, arena: IxpoleClient) -> None:
    sandbox.ixpole.add({"InstalmentCode": "I-1", "Lines": [{"LineNumber": 1, "ProductCode": "A"}]}, ARENA)
    [listed] = arena.call("GET", "instalments").json()
    assert {key.casefold() for key in listed} == {"instalmentcode", "lines", "status"}
    assert set(listed) != {"InstalmentCode", "Lines", "Status"}


def test_the_demo_data_holds_every_case(server: Sandbox) -> None:
    server.reset()
    expected = {name: [each for each in server.expectations if each["route"] == name] for name in ROUTES}
    assert sum(map(len, expected.values())) == len(server.ixpole.instalments) >= 60
    assert len({each["source_id"] for each in server.expectations}) == len(server.expectations)
    assert {each["outcome"] for each in expected["ixpole_xero"]} == {"transferred", "held", "in doubt"}
    assert {each["outcome"] for each in expected["ixpole_quiddly"]} == {"transferred", "held"}
    instalments = [row["instalment"] for row in server.ixpole.instalments.rows()]
    assert {"EUR", "SEK", "NOK"} <= {each["Currency"] for each in instalments}
    assert None in {each["CustomerId"] for each in instalments}
    assert None in {each["DueDate"] for each in instalments}
    assert any(isinstance(each["AmountInclVat"], Decimal) and each["AmountInclVat"] < 0 for each in instalments)
    customers = server.ixpole.customers.rows()
    assert {each["Type"] for each in customers} == {"Company", "Person"}
    assert any(each["VatNumber"] is None and each["Email"] is None for each in customers)
    assert any('"' in each["Name"] for each in customers)
    assert any(not each["Name"].isascii() for each in customers)
    assert None in {each["LedgerAccount"] for each in server.ixpole.products.rows()}
