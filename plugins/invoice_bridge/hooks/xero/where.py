"""Xero's filter language, as far as it is used: text and id comparisons joined by OR (contract xero.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from invoice_bridge_core.documents.reading.characters import code_point

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

QUERY_LIMIT = 1900
"""Most characters of an encoded query string; from about 2,048 on Xero answers 404."""


def can_be_asked(value: str) -> bool:
    """Whether the value can stand in a literal. A double quote cannot be escaped; how Xero reads `\\` is not known."""
    return bool(value) and value.isprintable() and '"' not in value and "\\" not in value


def not_askable(value: str) -> str:
    """The characters for which Xero cannot be asked for the value, by code point: `U+0022 QUOTATION MARK`."""
    return ", ".join(code_point(sign) for sign in dict.fromkeys(value) if not can_be_asked(sign))


def equals(field: str, value: str) -> str:
    """The condition that a text field has this value.

    :raises ValueError: Xero cannot be asked for the value; compare on this side instead.
    """
    if not can_be_asked(value):
        raise ValueError(f"{field}: a value with quotes or control characters cannot be asked for")
    return f'{field}=="{value}"'


def is_id(field: str, value: str) -> str:
    """The condition that an id field such as `Invoice.InvoiceID` has this value."""
    return equals(field, value).replace('=="', '==guid("', 1) + ")"


def any_of(conditions: Iterable[str], limit: int = QUERY_LIMIT) -> str:
    """The conditions joined by OR, as many of the first ones as fit into a query string."""
    question = next(packed(conditions, limit), "")
    # The first condition alone may be too long.
    return question if _length(question) <= limit else ""


def packed(conditions: Iterable[str], limit: int = QUERY_LIMIT) -> Iterator[str]:
    """All conditions joined by OR, as many in each question as fit into a query string."""
    question: list[str] = []
    length = 0
    for condition in conditions:
        own = _length(condition)
        if question and length + _LENGTH_OF_OR + own > limit:
            yield _OR.join(question)
            question, length = [], 0
        length += own + (_LENGTH_OF_OR if question else 0)
        question.append(condition)
    if question:
        yield _OR.join(question)


def _length(text: str) -> int:
    """Characters of a query string, in which each sign is encoded by itself."""
    return len(quote(text, safe=""))


_OR = " OR "
_LENGTH_OF_OR = _length(_OR)
