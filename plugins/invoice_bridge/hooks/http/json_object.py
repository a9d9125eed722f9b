"""Reading the fields of a JSON object that cannot be trusted: the right type, nothing, or a clear error."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from invoice_bridge.hooks.http.answers import cut
from invoice_bridge_core.documents.reading.numbers import MOST_DIGITS, rounded
from invoice_bridge_core.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_SHOWN_VALUE = 60
MOST_DECIMALS = 20
LARGEST_INTEGER = 10**18

_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})([T ][0-9]{2}:[0-9]{2}.*)?", re.DOTALL)
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]+")
_NO_DATE = "0001-01-01"
"""What .NET writes for a date that was never set."""


class JsonObject:
    """One JSON object, its keys in any case; the exact writing is preferred when several fit.

    Its values are those of a program, and have to be written as JSON has it; what people wrote is read by
    `invoice_bridge.systems.source_object`.

    A missing field, `null` and an empty text are all `None`. Every reader takes several names: the first field that
    holds something counts.

    :param where: what the object is, for messages: "Qondor invoice 12345".
    :param path: where in it these fields are, such as `lines[2].`.
    :raises UnreadableError: by every reader, for a value of a wrong type; it names the field and the value.
    """

    def __init__(self, values: Mapping[str, Any], *, where: str, path: str = "") -> None:
        self._exact = values
        self._where = where
        self._path = path

    @classmethod
    def of(cls, value: object, *, where: str, path: str = "") -> Self:
        """The fields of a value that has to be a JSON object."""
        return cls(mapping(value, where, path), where=where, path=f"{path}." if path else "")

    def text(self, *names: str) -> str | None:
        """A text, trimmed and without control characters; line breaks stay. A number counts as its digits."""
        for name, value in self._given(names):
            if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
                raise self.unreadable(name, "is not a text", value)
            text = value if isinstance(value, str) else digits(value)
            if clean := _UNWRITABLE.sub(" ", text.replace("\r\n", "\n")).strip():
                return clean
        return None

    def word(self, *names: str) -> str | None:
        """A text in one line: a number, a code, a name."""
        text = self.text(*names)
        return " ".join(text.split()) if text else None

    def integer(self, *names: str) -> int | None:
        """A whole number, also one that was written as text or with a zero behind its point."""
        for name, value in self._given(names):
            if isinstance(value, str):
                if not value.strip():
                    continue
                if _INTEGER.fullmatch(value.strip()):
                    return int(value)
            elif isinstance(value, int) and not isinstance(value, bool):
                if abs(value) < LARGEST_INTEGER:
                    return value
            elif (number := _decimal(value)) is not None and number == int(number):
                return int(number)
            raise self.unreadable(name, "is not a whole number", value)
        return None

    def amount(self, *names: str) -> Decimal | None:
        """An amount, price, quantity or percentage; never a float, nor the noise of one."""
        for name, value in self._given(names):
            if isinstance(value, str) and not value.strip():
                continue
            amount = _decimal(value)
            if amount is None:
                raise self.unreadable(name, "is not an amount", value)
            return rounded(amount)
        return None

    def date(self, *names: str) -> dt.date | None:
        """A date as it is written, whatever time and offset stand behind it."""
        for name, value in self._given(names):
            if isinstance(value, str) and (not value.strip() or value.startswith(_NO_DATE)):
                continue
            match = _DATE.fullmatch(value.strip()) if isinstance(value, str) else None
            try:
                if match:
                    return dt.date.fromisoformat(match.group(1))
            except ValueError:
                match = None
            raise self.unreadable(name, "is not a date", value)
        return None

    def flag(self, *names: str) -> bool | None:
        """A yes or no."""
        words = {"true": True, "false": False, "1": True, "0": False}
        for name, value in self._given(names):
            if isinstance(value, bool):
                return value
            word = str(value).strip().casefold() if isinstance(value, str | int) else ""
            if isinstance(value, str) and not word:
                continue
            if word in words:
                return words[word]
            raise self.unreadable(name, "is neither true nor false", value)
        return None

    def child(self, name: str) -> Self | None:
        """The fields of an object inside this one."""
        for _, value in self._given((name,)):
            return self._inside(value, f"{self._path}{name}")
        return None

    def children(self, name: str) -> list[Self] | None:
        """The fields of each object of a list; `None` when there is no list."""
        for _, value in self._given((name,)):
            if not isinstance(value, list):
                raise self.unreadable(name, "is not a list", value)
            return [self._inside(item, f"{self._path}{name}[{index}]") for index, item in enumerate(value)]
        return None

    def is_blank(self) -> bool:
        """Whether every field is missing, `null` or empty."""
        return all(value in (None, "") or value == [] for value in self._exact.values())

    def missing(self, name: str) -> UnreadableError:
        """The error for a field that has to be there."""
        return UnreadableError(f"{self._where}: {self._path}{name} is missing")

    def unreadable(self, name: str, fault: str, value: object) -> UnreadableError:
        """The error for a field's value, which is shown in short."""
        return UnreadableError(f"{self._where}: {self._path}{name} {fault}: {shown(value)}")

    def contradiction(self, text: str) -> UnreadableError:
        """The error for fields that cannot both be true."""
        return UnreadableError(f"{self._where}: {self._path}{text}")

    def _inside(self, value: object, path: str) -> Self:
        """The fields of a value of this object that has to be an object, too."""
        return type(self).of(value, where=self._where, path=path)

    @cached_property
    def _any_case(self) -> dict[str, Any]:
        return {key.casefold(): value for key, value in reversed([*self._exact.items()])}

    def _given(self, names: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        for name in names:
            value = self._exact.get(name)
            if value is None:
                value = self._any_case.get(name.casefold())
            if value is not None:
                yield name, value


def mapping(value: object, where: str, path: str) -> Mapping[str, Any]:
    """The value, if it is a JSON object.

    :raises UnreadableError: it is none.
    """
    if not isinstance(value, Mapping):
        raise UnreadableError(f"{where}{f': {path}' if path else ''} is not an object: {shown(value)}")
    return value


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, str):
        amount = Decimal(value.strip()) if _NUMBER.fullmatch(value.strip()) else None
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        amount = Decimal(value)
    else:
        return None
    if amount is None or not amount.is_finite() or amount.adjusted() >= MOST_DIGITS:
        return None
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -MOST_DECIMALS:
        return None
    # JSON may say 1E+3 where everybody else says 1000.
    return amount.quantize(Decimal(1)) if exponent > 0 else amount


def digits(value: int | Decimal) -> str:
    """A number that stands where a text is wanted, such as an id."""
    if isinstance(value, int):
        return str(value) if abs(value) < LARGEST_INTEGER else "a huge number"
    amount = _decimal(value)
    if amount is None:
        return "a huge number"
    return str(int(amount)) if amount == int(amount) else format(amount, "f")


def shown(value: object) -> str:
    """A value for a message, in short: characters that nobody sees by their code."""
    if isinstance(value, Mapping | list):
        return "an object" if isinstance(value, Mapping) else "a list"
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return digits(value)
    return repr(cut(value, LONGEST_SHOWN_VALUE)) if isinstance(value, str) else str(value).lower()
