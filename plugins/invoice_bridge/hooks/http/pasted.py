"""What people paste into a connection's fields, without what came along: blanks, line ends, quotes, invisible marks."""

from __future__ import annotations

import re

_INVISIBLE = re.compile(r"[\u00ad\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
_OUTER = re.compile(rf"^(?:\s|\x00|{_INVISIBLE.pattern})+|(?:\s|\x00|{_INVISIBLE.pattern})+$")
_QUOTED = (('"', '"'), ("'", "'"), ("`", "`"), ("“", "”"), ("„", "“"), ("”", "”"), ("‘", "’"), ("«", "»"), ("<", ">"))
_LEADING = re.compile(r"^(?:(?:authorization|ocp-apim-subscription-key)\s*[:=]\s*)?(?:bearer\s+)?", re.IGNORECASE)
_MASK = re.compile(r"[*•●]+|…|\.{3}")
_UNDECODED = "\ufffd"


def trimmed(text: str | None) -> str:
    """The text without blanks, line ends and invisible characters around it."""
    return _OUTER.sub("", text or "")


def visible(text: str | None) -> str:
    """The same without invisible characters inside, and without a pair of quotes or brackets around it."""
    clean = trimmed(_INVISIBLE.sub("", text or ""))
    for first, last in _QUOTED:
        if len(clean) > 1 and clean.startswith(first) and clean.endswith(last):
            return trimmed(clean[1:-1])
    return clean


def machine_secret(text: str | None) -> str:
    """A key, token or client secret as its system gave it out, without the header that it was copied with."""
    return visible(_LEADING.sub("", visible(text)))


def is_mask(text: str) -> bool:
    """Whether a page showed this in a secret's place."""
    return _MASK.fullmatch(text) is not None


def is_wrongly_decoded(text: str) -> bool:
    """Whether a URI held a `%` that was not followed by what it has to be followed by."""
    return _UNDECODED in text
