"""What the core asks of a source system and of a finance system.

A new system implements one of these protocols in `plugins/invoice_bridge/systems/`. All methods raise the errors of
`invoice_bridge_core.errors` only, and none of them sends a write twice: an answer that was lost raises
`OutcomeUnknownError`.
"""

from invoice_bridge_core.ports.finance import FinanceSystem, Steps
from invoice_bridge_core.ports.records import Booking, Contact, ContactIdentity, Item, ReferenceData
from invoice_bridge_core.ports.source import Attachments, RunMemory, SourceSystem, WaitingItem

__all__ = [
    "Attachments",
    "Booking",
    "Contact",
    "ContactIdentity",
    "FinanceSystem",
    "Item",
    "ReferenceData",
    "RunMemory",
    "SourceSystem",
    "Steps",
    "WaitingItem",
]
