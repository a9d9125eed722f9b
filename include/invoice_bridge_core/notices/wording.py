"""Texts that came over the network, made fit for a notice, and how alike two reasons are."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.document import shorten

if TYPE_CHECKING:
    from invoice_bridge_core.documents.facts import DocumentFacts

LONGEST_REASON = 400
LONGEST_NAME = 80
ELLIPSIS = "…"

_MAIL_ADDRESS = re.compile(r"[^\s@<>()\"',;:]+@[^\s@<>()\"',;:]+")
_NUMBERS = re.compile(r"\d+")
_QUOTED = re.compile(r"('[^']*'|\"[^\"]*\")")
_SHORTEST_NAME = 4


def clean(text: str, limit: int) -> str:
    """One line of what people can see: no control characters, none that turn the text around, no mail addresses."""
    visible = "".join(
        " " if one.isspace() else one for one in text if one.isspace() or unicodedata.category(one)[0] != "C"
    )
    return shorten(" ".join(_MAIL_ADDRESS.sub("(a mail address)", visible).split()), limit)


def reason_of(facts: DocumentFacts, reason: str) -> str:
    """Why a document is left, without what only this document has: its number, id, customer and amounts."""
    for own in (facts.number, facts.contact_name, facts.ref.source_id):
        if own and len(own) >= _SHORTEST_NAME:
            reason = reason.replace(own, ELLIPSIS)
    return clean(reason, LONGEST_REASON)


def likeness(reason: str) -> str:
    """The same for reasons that differ only in numbers; what stands in quotes, such as an article, counts."""
    parts = _QUOTED.split(reason)
    folded = "".join(part if index % 2 else _NUMBERS.sub("0", part) for index, part in enumerate(parts))
    return hashlib.sha256(folded.encode()).hexdigest()[:16]
