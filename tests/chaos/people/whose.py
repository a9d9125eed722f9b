"""A document as people know it on both sides, and what their acts are made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.ixpole.tenants import ARENA, CLUB

if TYPE_CHECKING:
    from tests.chaos.documents import Paper
    from tests.chaos.journeys import Journey

ON = dt.date(2026, 11, 20)
HAND = "HAND-1"
"""A reference or number of a booking that nobody knows."""
OTHER_TOTAL = Decimal("777.00")


WAITING = ("Unprocessed", "ToDo")
"""What sources say of a document that they offer."""

Done = tuple[str, str] | None
"""What came of an act: the booking that it changed or made, and the new number, status or value; `None`: nothing."""
Verb = Callable[..., Done]
"""Called with the sandbox, whose document it is, and its booking as it is now."""


@dataclass(frozen=True)
class Whose:
    """A document as people know it on both sides."""

    source: str
    finance: str
    source_id: str
    number: str
    customer: str
    total: Decimal
    currency: str
    is_credit: bool

    @property
    def tenant(self) -> Any:
        """iXpole's tenant of the route."""
        return CLUB if self.finance == "xero" else ARENA


def whose_is(journey: Journey, one: Paper) -> Whose:
    """The document as people know it."""
    expected = one.expected
    return Whose(
        source=journey.route.source.system,
        finance=journey.route.finance.system,
        source_id=expected.source_id,
        number=expected.number,
        customer=expected.customer_name,
        total=expected.total,
        currency=expected.currency,
        is_credit=expected.is_credit,
    )
