"""The document model: one invoice, credit note or card payment, the same for every source and finance system."""

from include.documents.document import Document, DocumentKind, DocumentRef, Line, Product, SourceState
from include.documents.money import Money, format_amount, round_half_up
from include.documents.party import Address, Party

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
