"""What the core asks of a source system and of a finance system.

A new system implements one of these in `plugins/invoice_bridge/systems/`: what every system has, and of the optional
capabilities those that it has. All methods raise the errors of `invoice_bridge_core.errors` only, and none of them
sends a write twice: an answer that was lost raises `OutcomeUnknownError`.
"""

from invoice_bridge_core.ports.finance.follow_ups import Steps
from invoice_bridge_core.ports.finance.system import FinanceSystem
from invoice_bridge_core.ports.records import (
    NO_REFERENCE,
    Booking,
    Contact,
    ContactCandidate,
    ContactIdentity,
    Item,
    ReferenceData,
)
from invoice_bridge_core.ports.source import Attachments, RunMemory, SourceSystem, WaitingItem

__all__ = [
    "NO_REFERENCE",
    "Attachments",
    "Booking",
    "Contact",
    "ContactCandidate",
    "ContactIdentity",
    "FinanceSystem",
    "Item",
    "ReferenceData",
    "RunMemory",
    "SourceSystem",
    "Steps",
    "WaitingItem",
]
