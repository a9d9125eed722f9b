"""Causes as they stand in an address, so that the page shows what a finding has counted."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from invoice_bridge_core.preflight.causes import Cause, Keeps

LONGEST_SUBJECT = 160
MOST_KEYS = 60
"""So many stand in one address; where there are more, the whole cause does."""

_DIGITS = 12


def cause_key(cause: Cause) -> str:
    """A cause, whatever its subject: `lock-date`."""
    return cause.value.replace(" ", "-")


def subject_key(cause: Cause, subject: str) -> str:
    """One subject of a cause: `article.5f0c…`."""
    shown = hashlib.sha256(subject[:LONGEST_SUBJECT].encode()).hexdigest()
    return f"{cause_key(cause)}.{shown[:_DIGITS]}"


def keys_of(keeps: Iterable[Keeps]) -> frozenset[str]:
    """Every key that names one of these."""
    return frozenset(key for one in keeps for key in (cause_key(one.cause), subject_key(one.cause, one.subject)))


def keys_for(cause: Cause, subjects: Collection[str]) -> tuple[str, ...]:
    """What names these subjects of a cause and no other one, as far as an address has room."""
    if len(subjects) > MOST_KEYS:
        return (cause_key(cause),)
    return tuple(sorted({subject_key(cause, subject) for subject in subjects}))
