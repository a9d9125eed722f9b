"""The document model: one invoice, credit note or card payment, the same for every source and finance system."""

from invoice_bridge_core.documents.document import Document, DocumentKind, DocumentRef, Line, Product, SourceState
from invoice_bridge_core.documents.money import Money, format_amount, round_half_up
from invoice_bridge_core.documents.party import Address, Party

__all__ = [
    "Address",
    "Document",
    "DocumentKind",
    "DocumentRef",
    "Line",
    "Money",
    "Party",
    "Product",
    "SourceState",
    "format_amount",
    "round_half_up",
]
