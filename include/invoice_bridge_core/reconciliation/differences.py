"""What the sides of one document do not agree on, in words for those who put it right."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from invoice_bridge_core.reconciliation.booking_differences import booked_twice_or_unknown, content, gone, missing
from invoice_bridge_core.reconciliation.kinds import Kind, Severity
from invoice_bridge_core.reconciliation.payment_differences import payment
from invoice_bridge_core.reconciliation.sale_differences import sale
from invoice_bridge_core.reconciliation.state_differences import reference, state, unfinished

if TYPE_CHECKING:
    from invoice_bridge_core.reconciliation.kinds import Difference
    from invoice_bridge_core.reconciliation.sides import Sides, Systems


def differences(sides: Sides, systems: Systems) -> list[Difference]:
    """Everything that does not agree about one document, the most urgent first."""
    checks = (missing, booked_twice_or_unknown, gone, content, state, reference, payment, sale, unfinished)
    found = [one for check in checks for one in check(sides, systems)]
    if sides.is_under_way:
        found = [_passing(one) for one in found]
    return sorted(found, key=lambda one: list(Severity).index(one.severity))


def _passing(difference: Difference) -> Difference:
    """A contradiction between what was read before and after a task's work; two bookings contradict whatever it did."""
    if difference.severity is not Severity.CONTRADICTION or difference.kind is Kind.TWICE:
        return difference
    return replace(
        difference,
        severity=Severity.PASSING,
        text=f"{difference.text}; a task was working on it while the sides were read",
        next_step="Close the day again to see whether it stays",
    )
