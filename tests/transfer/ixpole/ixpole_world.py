"""What the tests of iXpole's instalments look at."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.documents.states import DocumentState
from tests.builders import route

if TYPE_CHECKING:
    from invoice_bridge_core.documents.outcomes import Outcome
    from invoice_bridge_core.errors import BridgeError
    from invoice_bridge_core.routes.model import Route
    from tests.world import Ended, World

FIRST, SECOND = "INST-2026-0001", "INST-2026-0002"
PUT = {"system": "ixpole", "method": "PUT", "path": "*instalments"}


def ixpole_route(source: dict[str, Any] | None = None, **finance: Any) -> Route:
    """iXpole to Xero, with Items and the products' own accounts."""
    wanted = {"number_prefix": "IX-", "items": "ensure", "use_product_ledger_account": True, "account_codes": {}}
    return route(route="ixpole_xero", source={"system": "ixpole", **(source or {})}, finance=wanted | finance)


def told(world: World, code: str = FIRST) -> dict[str, Any]:
    return world.sandbox.ixpole.told(code)


def ixpole_calls(world: World) -> list[str]:
    entries = [each for each in world.sandbox.traffic.log(system="ixpole") if "oauth" not in each.path]
    return [f"{each.method} {each.path.partition('/api/')[2]}" for each in entries]


def outcomes(run: dict[str, Ended]) -> dict[str, Outcome | BridgeError]:
    return {code: ended.error or ended.outcome for code, ended in run.items()}


def transferred_once(world: World, *codes: str) -> None:
    """Each instalment is one invoice in Xero, open in iXpole under its number, and done in the ledger."""
    booked = sorted(row["InvoiceNumber"] for row in world.sandbox.xero.invoices.rows())
    assert booked == sorted(f"IX-{code}" for code in codes)
    assert len(world.sandbox.xero.contacts.rows()) == 1
    assert [row["Code"] for row in world.sandbox.xero.items.rows()] == ["VIP-SEAT"]
    for code in codes:
        assert told(world, code)["Status"] in ("Open", "Overdue")
        assert told(world, code)["InvoiceNumber"] == f"IX-{code}"
        assert base64.b64decode(told(world, code)["Pdf"]).startswith(b"%PDF")
        assert world.row(code).state is DocumentState.TRANSFERRED
