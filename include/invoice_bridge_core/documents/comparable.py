"""What is the same in all writings of one name or one e-mail address."""

from __future__ import annotations

from functools import lru_cache

from invoice_bridge_core.documents.reading.characters import as_code

_SIGNS = str.maketrans("’‘ʼ´`′–—‒―“”„«»", "''''''----\"\"\"\"\"")
"""Apostrophes, dashes and quotation marks, as programs for writing change them."""


def comparable_name(name: str) -> str:
    """A name without regard to case, blanks, invisible characters and the look of apostrophes and dashes."""
    return as_code(name).translate(_SIGNS).casefold()


def comparable_email(address: str | None) -> str:
    """An address without regard to case, invisible characters, and how its domain is encoded; empty for none."""
    local, _, domain = as_code(address or "").translate(_SIGNS).casefold().rpartition("@")
    return f"{local}@{ascii_domain(domain.rstrip('.'))}" if local and domain else ""


@lru_cache(maxsize=4096)
def ascii_domain(domain: str) -> str:
    """The domain as DNS knows it (`xn--…`); as it is where it cannot be encoded."""
    if domain.isascii():
        return domain
    import idna

    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return domain


@lru_cache(maxsize=4096)
def readable_domain(domain: str) -> str:
    """The domain as people read it; as it is where it cannot be decoded."""
    if "xn--" not in domain.casefold():
        return domain
    import idna

    try:
        return idna.decode(domain, uts46=True)
    except idna.IDNAError:
        return domain
