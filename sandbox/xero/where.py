"""The `where` and `order` parameters: a small reading of Xero's filter language.

`TaxNumber=="912345678" AND ContactStatus=="ACTIVE"`, `Invoice.InvoiceID==guid("…")`, `Date>=DateTime(2026,11,1)`,
`Name.Contains("event")`, `Reference!=null`. Text is compared without case. A double quote inside a literal
cannot be escaped (xero.md, "Contacts").
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.store import Row

Predicate = Callable[["Row"], bool]

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<string>"[^"]*")
  | (?P<guid>guid\(\s*"[^"]*"\s*\))
  | (?P<date>datetime\(\s*\d+\s*,\s*\d+\s*,\s*\d+\s*\))
  | (?P<number>-?\d+(?:\.\d+)?)
  | (?P<logic>&&|\|\||\bAND\b|\bOR\b)
  | (?P<compare>==|!=|>=|<=|>|<|=)
  | (?P<bracket>[()])
  | (?P<name>[A-Za-z_][A-Za-z0-9_.]*)
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_TEXT_CALLS: dict[str, Callable[[str, str], bool]] = {
    "contains": operator.contains,
    "startswith": str.startswith,
    "endswith": str.endswith,
}


class QueryError(ValueError):
    """The filter cannot be read."""


def parse_where(text: str) -> Predicate:
    """The predicate that a filter describes."""
    parser = _Parser(text)
    predicate = parser.either()
    if not parser.done:
        raise QueryError(f"Unexpected '{parser.take()[1]}' in where clause")
    return predicate


def sort_rows(rows: Iterable[Row], order: str) -> list[Row]:
    """Rows in the order of an `order` parameter such as `Name ASC` or `Date DESC, InvoiceID`."""
    ordered = list(rows)
    for part in reversed(order.split(",")):
        field, _, direction = part.strip().partition(" ")
        ordered.sort(key=_by(field), reverse=direction.strip().upper() == "DESC")
    return ordered


class _Parser:
    """Recursive descent: either → both → term."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0

    @property
    def done(self) -> bool:
        return self._at >= len(self._tokens)

    def peek(self) -> tuple[str, str]:
        return ("end", "") if self.done else self._tokens[self._at]

    def take(self) -> tuple[str, str]:
        if self.done:
            raise QueryError("The where clause ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def either(self) -> Predicate:
        left = self.both()
        while self.peek()[1].upper() in ("OR", "||"):
            self.take()
            left = _any_of(left, self.both())
        return left

    def both(self) -> Predicate:
        left = self.term()
        while self.peek()[1].upper() in ("AND", "&&"):
            self.take()
            left = _all_of(left, self.term())
        return left

    def term(self) -> Predicate:
        kind, text = self.take()
        if text == "(":
            inner = self.either()
            self.expect(")")
            return inner
        if kind != "name":
            raise QueryError(f"Expected a field, got '{text}'")
        if self.peek()[1] == "(":
            return self.text_call(text)
        symbol_kind, symbol = self.take()
        if symbol_kind != "compare":
            raise QueryError(f"Expected a comparison after '{text}'")
        return _comparison(text, symbol, _literal(*self.take()))

    def text_call(self, name: str) -> Predicate:
        field, _, method = name.rpartition(".")
        compare = _TEXT_CALLS.get(method.lower())
        if compare is None or not field:
            raise QueryError(f"Unknown method '{name}'")
        self.expect("(")
        kind, literal = self.take()
        self.expect(")")
        if kind != "string":
            raise QueryError(f"'{name}' wants a text")
        wanted = literal[1:-1].casefold()

        def matches(row: Row) -> bool:
            value = _value(row, field)
            return value is not None and compare(str(value).casefold(), wanted)

        return matches

    def expect(self, wanted: str) -> None:
        if self.take()[1] != wanted:
            raise QueryError(f"Expected '{wanted}'")


def _tokens(text: str) -> Iterable[tuple[str, str]]:
    at, text = 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise QueryError(f"Cannot read the where clause at '{text[at : at + 20]}'")
        yield match.lastgroup, match[match.lastgroup]
        at = match.end()


def _literal(kind: str, text: str) -> Any:
    if kind == "string":
        return text[1:-1]
    if kind == "guid":
        return text.split('"')[1]
    if kind == "number":
        return Decimal(text)
    if kind == "date":
        year, month, day = (int(part) for part in re.findall(r"\d+", text))
        try:
            return date(year, month, day).isoformat()
        except ValueError:
            raise QueryError(f"There is no date '{text}'") from None
    if text.lower() in ("null", "true", "false"):
        return {"null": None, "true": True, "false": False}[text.lower()]
    raise QueryError(f"Expected a value, got '{text}'")


def _comparison(field: str, symbol: str, wanted: Any) -> Predicate:
    compare = _COMPARE[symbol]
    folded = wanted.casefold() if isinstance(wanted, str) else wanted

    def matches(row: Row) -> bool:
        value = _value(row, field)
        if value is None or folded is None:
            return compare is (operator.eq if value is folded else operator.ne)
        if isinstance(folded, str):
            return compare(str(value).casefold(), folded)
        if isinstance(folded, Decimal) and not isinstance(value, int | Decimal):
            return False
        return compare(value, folded)

    return matches


def _value(row: Row, field: str) -> Any:
    value: Any = row
    for name in field.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _by(field: str) -> Callable[[Row], tuple[bool, Any]]:
    return lambda row: _sortable(_value(row, field))


def _sortable(value: Any) -> tuple[bool, Any]:
    if isinstance(value, Decimal | int):
        return (value is not None, Decimal(value))
    return (value is not None, "" if value is None else str(value).casefold())


def _any_of(left: Predicate, right: Predicate) -> Predicate:
    return lambda row: left(row) or right(row)


def _all_of(left: Predicate, right: Predicate) -> Predicate:
    return lambda row: left(row) and right(row)
