"""Which e-mail addresses an invoice can be sent to: Quiddly wants a valid one for distribution by e-mail (seed 003)."""

from __future__ import annotations

import re

_LONGEST = 254
_ADDRESS = re.compile(r"[^@\s\"'<>(),;:\\\[\]]+@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")


def valid_email(text: str | None) -> str | None:
    """The address without surrounding blanks, or `None` when nothing could be sent to it."""
    address = (text or "").strip()
    if len(address) > _LONGEST or not address.isprintable() or not _ADDRESS.fullmatch(address):
        return None
    local = address.partition("@")[0]
    return None if ".." in local or local.startswith(".") or local.endswith(".") else address
