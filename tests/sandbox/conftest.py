from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.sandbox import Sandbox
from tests.sandbox.clients import QondorClient, XeroClient, line

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def server() -> Iterator[Sandbox]:
    with Sandbox(documents=0) as running:
        yield running


@pytest.fixture
def sandbox(server: Sandbox) -> Sandbox:
    """An empty sandbox: the server of the whole session, begun anew."""
    server.reset(documents=0)
    return server


@pytest.fixture
def qondor(sandbox: Sandbox) -> Iterator[QondorClient]:
    client = QondorClient(sandbox)
    with client.session:
        yield client


@pytest.fixture
def xero(sandbox: Sandbox) -> Iterator[XeroClient]:
    client = XeroClient(sandbox)
    with client.session:
        yield client


@pytest.fixture
def contact(xero: XeroClient) -> str:
    return xero.contact()


@pytest.fixture
def invoice(contact: str) -> Any:
    """Makes the body of a sales invoice that Xero accepts, changed by whatever is given."""

    def make(*lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
        body = {
            "Type": "ACCREC", "Contact": {"ContactID": contact}, "InvoiceNumber": "Q-1", "Date": "2026-11-02",
            "DueDate": "2026-12-02", "Status": "AUTHORISED", "LineItems": list(lines) or [line()], **fields,
        }  # fmt: skip
        return {name: value for name, value in body.items() if value is not None}

    return make


@pytest.fixture
def credit_note(contact: str) -> Any:
    """Makes the body of a credit note that Xero accepts."""

    def make(*lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
        return {
            "Type": "ACCRECCREDIT", "Contact": {"ContactID": contact}, "CreditNoteNumber": "Q-2", "Date": "2026-11-03",
            "Status": "AUTHORISED", "LineItems": list(lines) or [line()], **fields,
        }  # fmt: skip

    return make
