"""Reading the fields of a source's JSON object, in which people wrote: as tolerant as people are, and never a guess.

What a value becomes is decided in `invoice_bridge_core.documents.reading`; here each change is noted under its field.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

from invoice_bridge.hooks.http.json_object import JsonObject, digits, mapping, shown
from invoice_bridge_core.documents.reading.characters import as_code, odd_characters, visible
from invoice_bridge_core.documents.reading.countries import country_code
from invoice_bridge_core.documents.reading.dates import read_date
from invoice_bridge_core.documents.reading.emails import email_addresses
from invoice_bridge_core.documents.reading.markup import plain_text
from invoice_bridge_core.documents.reading.numbers import MOST_DIGITS, read_amount, read_number, rounded
from invoice_bridge_core.documents.reading.record import ReadingRecord

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Mapping

_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_BLANKS = re.compile(r"[ \t\r\n]+")
_YES_NO = {
    **dict.fromkeys(("true", "1", "1.0", "yes", "y", "ja", "j", "on"), True),
    **dict.fromkeys(("false", "0", "0.0", "no", "n", "nei", "nej", "nein", "off"), False),
}


class SourceObject(JsonObject):
    """One JSON object of a source.

    :param record: of the document that is read; what is read otherwise than it is written is noted there.
    :param noted_as: what the object is in those notes, where it is not the document itself: `customer.`.
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        *,
        where: str,
        path: str = "",
        record: ReadingRecord | None = None,
        noted_as: str = "",
    ) -> None:
        super().__init__(values, where=where, path=path)
        self.record = record or ReadingRecord(ZoneInfo("UTC"))
        self._noted_as = noted_as

    @classmethod
    def of(
        cls,
        value: object,
        *,
        where: str,
        path: str = "",
        record: ReadingRecord | None = None,
        noted_as: str = "",
    ) -> Self:
        """The fields of a value that has to be a JSON object."""
        values = mapping(value, where, path)
        return cls(values, where=where, path=f"{path}." if path else "", record=record, noted_as=noted_as)

    def text(self, *names: str) -> str | None:
        """A text in lines, as a reader of the page would see it: without tags, entities and what nobody sees."""
        return self._first(names, _read_text, lambda raw: raw.replace("\r\n", "\n").strip())

    def word(self, *names: str) -> str | None:
        """A name or another text in one line, read as `text`."""
        return self._first(names, lambda raw: " ".join(_read_text(raw).split()), _in_one_line)

    def line(self, *names: str) -> str | None:
        """A text in one line that is kept as it was given: nothing is left out but what nobody sees."""
        return self._first(names, lambda raw: " ".join(visible(raw).split()), _in_one_line)

    def exact(self, *names: str) -> str | None:
        """A text as it was given, inner blanks and line breaks too: what the other side may compare byte for byte."""
        return self._first(names, lambda raw: visible(raw).strip(), str.strip)

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts and numbers of a list, each as `exact`; whatever else stands in it is passed over."""
        found = next((value for _, value in self._given((name,))), None)
        listed = found if isinstance(found, list) else []
        words = (str(one) for one in listed if isinstance(one, str | int | Decimal) and not isinstance(one, bool))
        return tuple(text for word in words if (text := visible(word).strip()))

    def code(self, *names: str) -> str | None:
        """A number that names something, an id or a code, with plain signs for those of another width."""
        return self._first(names, as_code, _in_one_line)

    def email(self, *names: str) -> str | None:
        """The first usable address of these fields; the text of the first that holds one, where none is usable."""
        written = self._texts(names)
        found = [(name, address) for name, raw in written for address in email_addresses(raw)]
        if not found:
            return self.line(*names)
        name, address = found[0]
        others = dict.fromkeys(other for _, other in found if other.casefold() != address.casefold())
        raw = next(raw for each, raw in written if each == name)
        passed_over = [f"{self._noted(each)} {shown(text)} holds none" for each, text in written if each != name]
        passed_over = passed_over[: [each for each, _ in written].index(name)]
        if _in_one_line(raw) != address or passed_over:
            also = f"; also there: {', '.join(others)}" if others else ""
            self.record.note("; ".join([f"{self._noted(name)} {shown(raw)} was read as {address}{also}", *passed_over]))
        return address

    def amount(self, *names: str) -> Decimal | None:
        """An amount of money, or a price; with the document's currency beside it or without."""
        return self._number(names, lambda text: read_amount(text, self.record.currency), "an amount")

    def rate(self, *names: str) -> Decimal | None:
        """A percentage, with its sign or without."""
        return self._number(names, lambda text: read_number(text, is_rate=True), "an amount")

    def quantity(self, *names: str) -> Decimal | None:
        """A number of things."""
        return self._number(names, read_number, "an amount")

    def integer(self, *names: str) -> int | None:
        """A whole number."""
        number = self._number(names, read_number, "a whole number")
        if number is not None and number != int(number):
            raise self.unreadable(names[0], "is not a whole number", number)
        return None if number is None else int(number)

    def date(self, *names: str) -> dt.date | None:
        """A day; an instant is one in the route's time zone, unless it is midnight where it is written."""
        for name, value in self._given(names):
            if isinstance(value, str) and not as_code(value):
                continue
            try:
                is_date = isinstance(value, str | int) and not isinstance(value, bool)
                day = read_date(value if is_date else "", self.record.zone)
            except ValueError as error:
                fault = "may be two dates" if "two" in str(error) else "is not a date"
                raise self.unreadable(name, fault, value) from error
            if day is None:
                continue
            if not str(value).strip().startswith(day.isoformat()):
                self._note(name, value, day.isoformat())
            return day
        return None

    def flag(self, *names: str) -> bool | None:
        """A yes or no."""
        for name, value in self._given(names):
            if isinstance(value, bool):
                return value
            word = as_code(str(value)).casefold() if isinstance(value, str | int | Decimal) else ""
            if isinstance(value, str) and not word:
                continue
            if word not in _YES_NO:
                raise self.unreadable(name, "is neither true nor false", value)
            return _YES_NO[word]
        return None

    def country(self, code_name: str, name: str | None = None) -> str | None:
        """The code of a country, from the field for it or, where that says none, from the field for its name."""
        code = self.code(code_name)
        if code is not None and re.fullmatch(r"[A-Za-z]{2}", code):
            return self._as_country(code_name, code, country_code(code) or code.upper())
        for field in (code_name, name) if name else (code_name,):
            if (written := self.word(field)) is not None and (found := country_code(written)) is not None:
                return self._as_country(field, written, found)
        return None

    def _as_country(self, name: str, written: str, code: str) -> str:
        if written.upper() != code:
            self.record.note(f"{self._noted(name)} {shown(written)} was read as country {code}")
        return code

    def _number(self, names: tuple[str, ...], read: Callable[[str], Decimal | None], what: str) -> Decimal | None:
        for name, value in self._given(names):
            if isinstance(value, str) and not as_code(value):
                continue
            number = read(value) if isinstance(value, str) else _finite(value)
            if number is None:
                raise self.unreadable(name, f"is not {what}", value)
            read_as = rounded(number)
            is_plain = not isinstance(value, str) or _PLAIN_NUMBER.fullmatch(value.strip()) is not None
            if read_as != number or not is_plain:
                self._note(name, value, format(read_as, "f"))
            return read_as
        return None

    def _first(self, names: tuple[str, ...], read: Callable[[str], str], trimmed: Callable[[str], str]) -> str | None:
        for name, raw in self._texts(names):
            if clean := read(raw):
                if clean != trimmed(raw):
                    self._note(name, raw, shown(clean), _left_out(raw, clean))
                return clean
        return None

    def _texts(self, names: tuple[str, ...]) -> list[tuple[str, str]]:
        """The fields that hold something, as texts."""
        return [(name, raw) for name, raw in self._raw_texts(names) if as_code(raw)]

    def _raw_texts(self, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        for name, value in self._given(names):
            if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
                raise self.unreadable(name, "is not a text", value)
            yield name, value if isinstance(value, str) else digits(value)

    def _note(self, name: str, written: object, read_as: str, addition: str = "") -> None:
        self.record.note(f"{self._noted(name)} {shown(written)} was read as {read_as}{addition}")

    def _noted(self, name: str) -> str:
        return f"{self._noted_as}{self._path}{name}"

    def _inside(self, value: object, path: str) -> Self:
        return type(self).of(value, where=self._where, path=path, record=self.record, noted_as=self._noted_as)


def _read_text(raw: str) -> str:
    return visible(plain_text(visible(raw))).strip()


def _in_one_line(raw: str) -> str:
    return " ".join(word for word in _BLANKS.split(raw) if word)


def _left_out(raw: str, clean: str) -> str:
    hidden = [character for character in raw if character not in clean and character not in "\r\n\t"]
    odd = odd_characters("".join(hidden))
    return f", without {', '.join(odd[:3])}" if odd else ""


def _finite(value: object) -> Decimal | None:
    """The number of a JSON value; `None` for what is none, or has more digits than any amount."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    number = Decimal(value)
    if not number.is_finite() or number.adjusted() >= MOST_DIGITS:
        return None
    exponent = number.as_tuple().exponent
    # JSON may say 1E+3 where everybody else says 1000.
    return number.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else number
