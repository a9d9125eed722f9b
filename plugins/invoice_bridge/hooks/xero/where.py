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
    joined = ""
    for condition in conditions:
        longer = f"{joined} OR {condition}" if joined else condition
        if len(quote(longer, safe="")) > limit:
            break
        joined = longer
    return joined


def packed(conditions: Iterable[str], limit: int = QUERY_LIMIT) -> Iterator[str]:
    """All conditions joined by OR, as many in each question as fit into a query string."""
    question = ""
    for condition in conditions:
        longer = f"{question} OR {condition}" if question else condition
        if question and len(quote(longer, safe="")) > limit:
            yield question
            longer = condition
        question = longer
    if question:
        yield question
