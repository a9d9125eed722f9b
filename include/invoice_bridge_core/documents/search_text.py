"""Texts as they are searched: what people type finds what is written otherwise."""

from __future__ import annotations

import unicodedata

from invoice_bridge_core.documents.comparable import comparable_name

_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"})
"""Letters that are no other letter with a sign, and that many keyboards lack."""


def search_key(text: str) -> str:
    """The text without regard to case, accents, blanks and the look of signs: `Håkon Ødegård` becomes `hakon odegard`.

    Of a word that is searched the same is made, so that either writing finds the other.
    """
    key = comparable_name(text)
    if key.isascii():
        return key
    apart = unicodedata.normalize("NFKD", key)
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).translate(_LETTERS)


def searched_text(customer: str | None, number: str | None, source_id: str) -> str:
    """What a document is found by, the customer first, so that texts are in the order of customers."""
    return "\n".join(map(search_key, (customer or "", number or "", source_id)))
