"""Fingerprints of a connection's secrets, which tell that they changed and nothing else.

They stand in the ledger, whose readers must not be able to guess a weak password from them. So they are made with a
secret key that is kept elsewhere, which takes microseconds. Without such a key they are made slowly, as earlier
releases made all of them; those are still recognised.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Keys = tuple[bytes, ...]
"""Secrets that are not in the ledger: the first makes fingerprints, and each of them recognises its own."""

_KEYED = "keyed:"
_TOGETHER = "connections of a route"


def salted_hash(text: str, keys: Keys = ()) -> str:
    """A hash that nobody can guess at and that is different each time, as `[keyed:]salt$hash`."""
    salt = secrets.token_hex(16)
    if keys:
        return f"{_KEYED}{salt}${_keyed(text, salt, keys[0])}"
    return f"{salt}${_slow(text, salt, 32)}"


def is_hash_of(salted: str | None, text: str, keys: Keys = ()) -> bool:
    """Whether `salted_hash` made it of this text, with one of these keys or without any."""
    salt, _, hashed = (salted or "").removeprefix(_KEYED).partition("$")
    if salted is None or not hashed:
        return False
    if salted.startswith(_KEYED):
        return any(_is_same(hashed, _keyed(text, salt, key)) for key in keys)
    return _is_same(hashed, _slow(text, salt, 32))


def is_outdated(salted: str | None, keys: Keys) -> bool:
    """Whether a hash was made slowly, and may be replaced by one that is made with a key."""
    return bool(keys) and salted is not None and not salted.startswith(_KEYED)


def fingerprint(texts: Sequence[str], keys: Keys = ()) -> str:
    """Changes with any of the texts, and is always the same for the same."""
    text = "\n".join(texts)
    return f"{_KEYED}{_keyed(text, _TOGETHER, keys[0])}" if keys else _slow(text, _TOGETHER, 16)


def is_fingerprint_of(known: str, texts: Sequence[str], keys: Keys = ()) -> bool:
    """Whether `fingerprint` made it of these texts, with one of these keys or without any."""
    if known.startswith(_KEYED):
        return any(_is_same(known, fingerprint(texts, (key,))) for key in keys)
    return _is_same(known, fingerprint(texts))


def _keyed(text: str, salt: str, key: bytes) -> str:
    return hmac.digest(key, f"{salt}\n{text}".encode(), "sha256").hex()


# A run compares many documents with the same connections.
@functools.lru_cache(maxsize=64)
def _slow(text: str, salt: str, length: int) -> str:
    return hashlib.scrypt(text.encode(), salt=salt.encode(), n=2**14, r=8, p=1, dklen=length).hex()


def _is_same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
