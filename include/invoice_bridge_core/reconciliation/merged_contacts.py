"""Bookings that stand on another contact than the one they were booked on, since the two were merged in finance."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge_core.ports import FinanceSystem
    from invoice_bridge_core.reconciliation.sides import Sides


def with_merged_contacts(sides: Sequence[Sides], finance: FinanceSystem) -> list[Sides]:
    """The sides, which know now into which contacts those of the ledger were merged.

    Asks only for contacts that differ: nothing where none does, else as `MergedContacts.successors`.
    """
    contact_ids = {contact_id for one in sides if (contact_id := _left_contact(one)) is not None}
    if not contact_ids or finance.merged_contacts is None:
        return list(sides)
    successors = finance.merged_contacts.successors(sorted(contact_ids))
    return [replace(one, merged_into=successors.get(_left_contact(one) or "", ())) for one in sides]


def _left_contact(sides: Sides) -> str | None:
    """The contact that the ledger knows, where finance has the booking on another one."""
    known, status = sides.known_booking, sides.booking_status
    if known is None or status is None or status.booking.contact_id == known.contact_id:
        return None
    return known.contact_id
