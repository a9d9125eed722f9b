"""Documents that go in batches, and what both sides hold when all of them have gone through."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.documents.states import DocumentState
from tests.world import payment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.world import World

INVOICES = "*/Invoices"


def waiting(world: World, count: int, **changes: Any) -> list[dict[str, Any]]:
    """So many invoices of one customer."""
    return [world.sandbox.qondor.add(payment(number, **changes)) for number in range(1, count + 1)]


def sent(world: World, path: str = "/Invoices") -> list[list[str]]:
    """The numbers in each write of documents that arrived, in order; what the connection lost before is not there."""
    return [numbers_in(entry.body) for entry in world.calls("xero", "PUT") if entry.path.endswith(path)]


def numbers_in(body: Any) -> list[str]:
    """The numbers of the documents in a body."""
    content = json.loads(body) if isinstance(body, str | bytes) else body
    [elements] = content.values() if isinstance(content, dict) and len(content) == 1 else [[content]]
    return [str(each.get("InvoiceNumber") or each.get("CreditNoteNumber")) for each in elements]


def once(world: World, documents: Sequence[dict[str, Any]]) -> None:
    """Each of them is in Xero exactly once, and its source knows its id."""
    rows = [*world.sandbox.xero.invoices.rows(), *world.sandbox.xero.credit_notes.rows()]
    ids = {
        row.get("InvoiceNumber") or row["CreditNoteNumber"]: row.get("InvoiceID") or row["CreditNoteID"] for row in rows
    }
    counts = Counter(row.get("InvoiceNumber") or row["CreditNoteNumber"] for row in rows)
    assert {number: count for number, count in counts.items() if count > 1} == {}
    for document in documents:
        told = world.sandbox.qondor.payments[document["id"]]
        assert world.row(document["id"]).state is DocumentState.TRANSFERRED, world.row(document["id"]).reason
        assert (told["statusText"], told["externalReference"]) == ("Processed", ids[document["invoiceNumber"]])


def states(world: World, documents: Iterable[dict[str, Any]]) -> Counter[str]:
    """How the ledger says that the documents stand."""
    return Counter(str(world.row(each["id"]).state) for each in documents)
