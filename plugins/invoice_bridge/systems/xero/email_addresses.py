"""Which e-mail addresses Xero takes; it refuses a whole contact for one that it does not ("must be valid")."""

from __future__ import annotations

import re

_LIMIT = 255
_ADDRESS = re.compile(r"[^@\s\"'<>(),;:\\\[\]]+@[^@\s\"'<>(),;:\\\[\]]+\.[A-Za-z0-9-]{2,}")


def usable_email(text: str | None) -> str | None:
    """The address without surrounding blanks, or `None` when Xero would refuse it."""
    address = (text or "").strip()
    if len(address) > _LIMIT or not address.isprintable() or not _ADDRESS.fullmatch(address):
        return None
    return None if ".." in address or ".@" in address or address.startswith(".") or "@." in address else address
