"""How a booking says which document it is of: the document's reference, or a short form of it that may be printed."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invoice_bridge_core.documents.document import DocumentRef

SHORT_MARK = re.compile(r"#ib-[0-9a-f]{8}")


def short_mark(ref: DocumentRef) -> str:
    """A mark such as `#ib-3f9a1c2e`, the same for the same document at all times."""
    return f"#ib-{hashlib.sha256(str(ref).encode()).hexdigest()[:8]}"


def is_mark_of(mark: str | None, ref: DocumentRef) -> bool:
    """Whether a mark, in whatever form it was written, is this document's."""
    return mark is not None and mark in (str(ref), short_mark(ref))
