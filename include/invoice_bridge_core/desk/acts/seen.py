"""How a person saw a document when they decided."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import DocumentRow


def seen_mark(row: DocumentRow) -> str:
    """Changes with the document's state and its reason."""
    return f"{row.state}|{hashlib.sha256((row.reason or '').encode()).hexdigest()[:16]}"
