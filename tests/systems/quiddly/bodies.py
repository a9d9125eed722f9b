"""A route into Quiddly, documents for it, and the body that is made of one."""

from __future__ import annotations

from typing import Any

from invoice_bridge.systems.quiddly.checks import quiddly_problems
from invoice_bridge.systems.quiddly.invoice_body import invoice_body
from invoice_bridge_core.documents import Address, Document, Party
from invoice_bridge_core.routes.model import Route
from invoice_bridge_core.transfer.checks import document_problems
from tests.builders import document, party


def quiddly_route(**finance: Any) -> Route:
    """Qondor to Quiddly; `finance` is laid over the section's defaults."""
    return Route.model_validate(
        {
            "route": "qondor_quiddly",
            "source": {"system": "qondor"},
            "finance": {"system": "quiddly", "number_prefix": "Q", **finance},
        }
    )


def swedish(*lines: Any, **changes: Any) -> Document:
    """An invoice in the route's base currency."""
    return document(*lines, **{"currency": "SEK", **changes})


def booker(**changes: Any) -> Party:
    """A person without an address, as sources know bookers."""
    values = {
        "key": "kari@people.example", "name": "Kari Nordmann", "is_booker": True, "is_person": True,
        "customer_number": None, "tax_numbers": (), "email": "kari@people.example", "address": Address(),
    }  # fmt: skip
    return party(**{**values, **changes})


def body_of(one: Document, **finance: Any) -> dict[str, Any]:
    """What would be sent to create the document."""
    debit = f"Q{one.credited_number}" if one.credited_number else None
    return invoice_body(one, quiddly_route(**finance), debit)


def problems_of(one: Document, **finance: Any) -> list[str]:
    """All that the checks say of the document."""
    return [problem.message for problem in quiddly_problems(one, quiddly_route(**finance))]


def all_problems(one: Document, route: Route) -> list[str]:
    """The same, with what every finance system says."""
    return [problem.message for problem in [*document_problems(one, route), *quiddly_problems(one, route)]]
