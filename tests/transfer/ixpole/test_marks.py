"""A booking whose answer was lost is known for ours, whatever the instalment's code holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.errors import TransientError
from tests.systems.ixpole.instalments import instalment
from tests.transfer.ixpole.ixpole_world import outcomes, transferred_once

if TYPE_CHECKING:
    from tests.world import World

CODE = "VIP · row B"
"""Holds what stands between a booking's text and its mark."""


def test_a_code_that_holds_what_parts_text_and_mark_is_booked_once(world: World) -> None:
    source = world.route.source.model_copy(update={"document_link": "https://ixpole.example/instalments/{id}"})
    world.route = world.route.model_copy(update={"source": source})
    world.sandbox.ixpole.add(instalment(1, InstalmentCode=CODE))
    world.sandbox.fault("close", when="after", system="xero", method="PUT", path="*Invoices", nth=1)
    [lost] = world.run().values()
    assert isinstance(lost.error, TransientError)
    assert outcomes(world.run()) == {CODE: Outcome.TRANSFERRED}
    transferred_once(world, CODE)
    [booked] = world.sandbox.xero.invoices.rows()
    assert booked["Url"].endswith("#invoice-bridge=ixpole:ixpole_default:VIP%20%C2%B7%20row%20B")
    assert "ixpole" not in (booked.get("Reference") or "")
    creates = [entry.path for entry in world.calls("xero", "PUT") if entry.path.endswith("/Invoices")]
    assert len(creates) == 1
