"""What a notice groups documents by, as it stands in an address, so that the page shows what was counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.notices.wording import likeness, reason_of

if TYPE_CHECKING:
    from invoice_bridge_core.ledger.notices import OpenDocument

SAID = "said"
"""Before the keys of this kind, which tells them from causes."""

_KINDS = {
    DocumentState.IN_DOUBT: "in_doubt",
    DocumentState.HELD: "held",
    DocumentState.REJECTED: "rejected",
}


def kind_of(document: OpenDocument) -> str:
    """What kind of news the document is."""
    return "kept" if document.is_kept else _KINDS[document.state]


def said_key(kind: str, text: str) -> str:
    """What names a kind of news with the same reason."""
    return f"{SAID}.{kind}.{likeness(text)}"


def key_of(document: OpenDocument) -> str:
    """What names the document's reason."""
    return said_key(kind_of(document), reason_of(document.facts, document.reason))
