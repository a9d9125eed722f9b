"""What stands in the address of the page, as a filter of documents."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from invoice_bridge_core.documents import DocumentKind, DocumentRef
from invoice_bridge_core.documents.search_text import search_key
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.desk.filters import DocumentFilter, Page, Sort, View

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LARGEST_PAGE = 200
MOST_PAGES = 1_000_000
LONGEST_TEXT = 200
MOST_WORDS = 8
MOST_HOURS = 24 * 366 * 20

Word = TypeVar("Word", bound=StrEnum)


class QueryError(ValueError):
    """What cannot be a filter, in one sentence."""


def by_name(query: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The parts of a query by their names; what is empty says nothing."""
    found: dict[str, list[str]] = {}
    for name, value in query:
        if value.strip():
            found.setdefault(name, []).append(value.strip())
    return found


def read_filter(query: Mapping[str, Sequence[str]], now: dt.datetime) -> DocumentFilter:
    """The filter of a query.

    :param now: from where ages are counted.
    :raises QueryError: a value that says nothing; names it, and what it may be.
    """
    text = _one(query, "text")
    hours = _hours(_one(query, "older_than"))
    return DocumentFilter(
        states=tuple(dict.fromkeys(_word(DocumentState, "state", value) for value in query.get("state", ()))),
        route=_one(query, "route"),
        office=_one(query, "office"),
        kind=_optional(DocumentKind, "kind", _one(query, "kind")),
        words=_words(text),
        ref=_reference(text),
        since=_day("since", _one(query, "since")),
        until=_day("until", _one(query, "until")),
        begun_before=None if hours is None else now - hours,
        run=_one(query, "run"),
        view=_optional(View, "view", _one(query, "view")) or View.OPEN,
    )


def read_page(query: Mapping[str, Sequence[str]]) -> Page:
    """Which page of the list, and its order.

    :raises QueryError: as of `read_filter`.
    """
    order = _one(query, "order") or "desc"
    if order not in ("asc", "desc"):
        raise QueryError(f"'order' is {_shown(order)}: it may be asc or desc")
    return Page(
        sort=_optional(Sort, "sort", _one(query, "sort")) or Sort.AGE,
        is_descending=order == "desc",
        number=_count("page", _one(query, "page"), 1, MOST_PAGES),
        size=_count("size", _one(query, "size"), 50, LARGEST_PAGE),
    )


def _one(query: Mapping[str, Sequence[str]], name: str) -> str | None:
    values = query.get(name, ())
    if len(values) > 1:
        raise QueryError(f"'{name}' is given {len(values)} times: it may be given once")
    value = values[0] if values else None
    if value is not None and ("\x00" in value or len(value) > LONGEST_TEXT):
        raise QueryError(f"'{name}' is too long, or holds a sign that no text holds")
    return value


def _word(words: type[Word], name: str, value: str) -> Word:
    written = " ".join(re.split(r"[\s_-]+", value.strip().casefold()))
    for word in words:
        if written == " ".join(re.split(r"[\s_-]+", word)):
            return word
    raise QueryError(f"'{name}' is {_shown(value)}: it may be {', '.join(words)}")


def _optional(words: type[Word], name: str, value: str | None) -> Word | None:
    return None if value is None else _word(words, name, value)


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(search_key(text or "").split()))[:MOST_WORDS]


def _reference(text: str | None) -> DocumentRef | None:
    parts = (text or "").split(":", 2)
    if len(parts) != 3 or not all(parts):
        return None
    return DocumentRef(system=parts[0], conn_id=parts[1], source_id=parts[2])


def _day(name: str, value: str | None) -> dt.date | None:
    if value is None:
        return None
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass
    raise QueryError(f"'{name}' is {_shown(value)}: it must be a day such as 2026-11-30")


def _hours(value: str | None) -> dt.timedelta | None:
    if value is None:
        return None
    try:
        hours = Decimal(value)
    except InvalidOperation:
        hours = Decimal("NaN")
    if not hours.is_finite() or not 0 <= hours <= MOST_HOURS:
        raise QueryError(f"'older_than' is {_shown(value)}: it must be a number of hours, such as 24")
    return dt.timedelta(seconds=float(hours * 3600))


def _count(name: str, value: str | None, otherwise: int, most: int) -> int:
    if value is None:
        return otherwise
    if not re.fullmatch(r"\d{1,9}", value, re.ASCII) or not 1 <= int(value) <= most:
        raise QueryError(f"'{name}' is {_shown(value)}: it must be a number from 1 to {most}")
    return int(value)


def _shown(value: str) -> str:
    return repr(value if len(value) <= 40 else f"{value[:39]}…")
