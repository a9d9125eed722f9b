"""What the sides of one document do not agree on, in words for those who put it right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.reconciliation.booking_differences import booked_twice_or_unknown, content, gone, missing
from include.reconciliation.kinds import Weight
from include.reconciliation.payment_differences import payment
from include.reconciliation.state_differences import reference, state, unfinished

if TYPE_CHECKING:
    from include.reconciliation.kinds import Difference
    from include.reconciliation.sides import Sides, Systems


def differences(sides: Sides, systems: Systems) -> list[Difference]:
    """Everything that does not agree about one document, the most urgent first."""
    checks = (missing, booked_twice_or_unknown, gone, content, state, reference, payment, unfinished)
    found = [one for check in checks for one in check(sides, systems)]
    return sorted(found, key=lambda one: list(Weight).index(one.weight))
