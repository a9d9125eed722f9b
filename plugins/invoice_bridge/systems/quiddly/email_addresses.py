"""Which e-mail address an invoice is sent to: Quiddly wants a valid one for distribution by e-mail (seed 003)."""

from __future__ import annotations

from invoice_bridge_core.documents.reading import emails

_LONGEST = 254


def valid_email(text: str | None) -> str | None:
    """The first valid address of the text; `None` when nothing could be sent to it."""
    address = emails.usable_email(text)
    return address if address is not None and len(address) <= _LONGEST else None
