"""Reading lists: filters, order, If-Modified-Since and pages (xero.md, "Contacts", "Invoices", "Payment status")."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import ceil
from typing import TYPE_CHECKING

from sandbox.xero.where import QueryError, parse_where, sort_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.store import Row

MAX_IDS = 40
_PAGE_SIZE, _MAX_PAGE_SIZE = 100, 1_000


@dataclass(frozen=True)
class Query:
    """The parameters of a list request."""

    parameters: Mapping[str, str]
    modified_since: str | None = None

    def flag(self, name: str) -> bool:
        """A boolean parameter."""
        return self.parameters.get(name, "").lower() == "true"

    def values(self, name: str) -> list[str]:
        """A comma-separated parameter."""
        return [value.strip() for value in self.parameters.get(name, "").split(",") if value.strip()]

    @property
    def paged(self) -> bool:
        """Whether a page was asked for."""
        return "page" in self.parameters or "pageSize" in self.parameters


@dataclass(frozen=True)
class Page:
    """The rows of an answer, and the pagination block that goes with them."""

    rows: list[Row]
    pagination: Row | None


def select(
    rows: list[Row], query: Query, view: Callable[[Row], Row] | None = None, among: Mapping[str, str] | None = None
) -> Page:
    """Filter, sort and cut.

    `among` maps a list parameter to the field it selects on (`IDs` → `InvoiceID`); `view` turns a row into what
    the `where` clause looks into. Without an order rows come by last update, as in Xero.
    """
    for parameter, field in (among or {}).items():
        rows = _among(rows, query.values(parameter), parameter, field)
    if query.modified_since:
        since = _instant(query.modified_since)
        rows = [row for row in rows if row["UpdatedDateUTC"] >= since]
    where = query.parameters.get("where", "").strip()
    if where:
        matches = parse_where(where)
        rows = [row for row in rows if matches(view(row) if view else row)]
    return _cut(sort_rows(rows, query.parameters.get("order") or "UpdatedDateUTC"), query)


def _among(rows: list[Row], wanted: list[str], parameter: str, field: str) -> list[Row]:
    if not wanted:
        return rows
    if parameter == "IDs" and len(wanted) > MAX_IDS:
        raise QueryError(f"At most {MAX_IDS} ids are allowed in IDs")
    folded = {value.casefold() for value in wanted}
    return [row for row in rows if str(row.get(field)).casefold() in folded]


def _cut(rows: list[Row], query: Query) -> Page:
    if not query.paged:
        return Page(rows, None)
    page, size = _number(query, "page", 1), min(_number(query, "pageSize", _PAGE_SIZE), _MAX_PAGE_SIZE)
    cut = rows[(page - 1) * size : page * size]
    return Page(cut, {"page": page, "pageSize": size, "pageCount": ceil(len(rows) / size), "itemCount": len(rows)})


def _number(query: Query, name: str, default: int) -> int:
    text = query.parameters.get(name)
    if text is None:
        return default
    if not text.isdigit() or not int(text):
        raise QueryError(f"{name} must be a positive number")
    return int(text)


def _instant(text: str) -> str:
    """If-Modified-Since, in ISO form or as HTTP writes dates, as an `UpdatedDateUTC` at the start of its second."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            raise QueryError("If-Modified-Since is not a date") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).replace(microsecond=0).isoformat(timespec="microseconds")
