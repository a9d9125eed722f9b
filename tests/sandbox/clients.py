"""Clients of the played systems, and bodies that Xero accepts."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox


class QondorClient:
    """Talks to the sandbox's Qondor the way an integration does."""

    def __init__(self, sandbox: Sandbox) -> None:
        connection = sandbox.connections["qondor_default"]
        self.base = connection["host"]
        self.session = requests.Session()
        self.session.headers["Ocp-Apim-Subscription-Key"] = connection["password"]

    def get(self, path: str) -> requests.Response:
        return self.session.get(f"{self.base}/Invoicing/v1/Invoice/{path}", timeout=10)

    def call(self, method: str, path: str, **how: Any) -> requests.Response:
        return self.session.request(method, f"{self.base}/{path}", timeout=10, **how)

    def set(self, call: str, invoice_id: int, **body: Any) -> requests.Response:
        path = f"{self.base}/Invoicing/v1/Invoice/{call}"
        return self.session.put(path, json={"invoiceId": invoice_id, **body}, timeout=10)


class XeroClient:
    """Talks to the sandbox's Xero with a token of a custom connection."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.connection = sandbox.connections["xero_default"]
        self.base = f"{self.connection['host']}/api.xro/2.0/"
        self.session = requests.Session()
        self.session.headers["Accept"] = "application/json"
        self.session.headers["xero-tenant-id"] = self.connection["extra"]["tenant_id"]
        self.sign_in()

    def token(self, **form: str) -> requests.Response:
        auth = (self.connection["login"], self.connection["password"])
        form = {"grant_type": "client_credentials", "scope": self.connection["extra"]["scopes"], **form}
        return self.session.post(self.connection["extra"]["token_url"], data=form, auth=auth, timeout=10)

    def sign_in(self, **form: str) -> None:
        self.session.headers["Authorization"] = f"Bearer {self.token(**form).json()['access_token']}"

    def call(self, method: str, path: str, **how: Any) -> requests.Response:
        return self.session.request(method, self.base + path, timeout=10, **how)

    def get(self, path: str, **params: Any) -> Any:
        response = self.call("GET", path, params=params)
        assert response.status_code == 200, response.text
        return response.json(parse_float=Decimal)

    def write(self, method: str, path: str, body: Any, **params: Any) -> list[dict[str, Any]]:
        """Every element answers for itself; returns the elements."""
        response = self.call(method, path, json=body, params={"summarizeErrors": "false", "unitdp": "4", **params})
        assert response.status_code == 200, response.text
        name = path.rstrip("/").split("/")[0] if "Allocations" not in path else "Allocations"
        elements: list[dict[str, Any]] = response.json(parse_float=Decimal)[name]
        return elements

    def put(self, resource: str, *elements: dict[str, Any], **params: Any) -> dict[str, Any]:
        return self.write("PUT", resource, {resource: list(elements)}, **params)[0]

    def post(self, resource: str, *elements: dict[str, Any], **params: Any) -> dict[str, Any]:
        return self.write("POST", resource, {resource: list(elements)}, **params)[0]

    def contact(self, name: str = "Acme Events AS", **fields: Any) -> str:
        made = self.put("Contacts", {"Name": name, **fields})
        assert made["StatusAttributeString"] == "OK", made
        return str(made["ContactID"])


def line(amount: str = "100.00", quantity: str = "1", account: str = "200", **fields: Any) -> dict[str, Any]:
    return {
        "Description": "Conference room",
        "Quantity": quantity,
        "UnitAmount": amount,
        "AccountCode": account,
    } | fields


def messages(element: dict[str, Any]) -> str:
    """What Xero has against an element; empty when it was accepted."""
    return " | ".join(error["Message"] for error in element.get("ValidationErrors", []))


def read(xero: XeroClient, key: str, resource: str = "Invoices") -> dict[str, Any]:
    """One document, read by id or number."""
    document: dict[str, Any] = xero.get(f"{resource}/{key}")[resource][0]
    return document


def amounts(document: dict[str, Any]) -> tuple[str, ...]:
    """Status and balance of an invoice."""
    return tuple(str(document[name]) for name in ("Status", "AmountDue", "AmountPaid", "AmountCredited"))
