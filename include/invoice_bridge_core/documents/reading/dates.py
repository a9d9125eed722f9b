"""Dates as programs and people write them: a day, or an instant, which is a day only somewhere."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.reading.characters import as_code

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_ISO = re.compile(r"(\d{4})([-./])(\d{1,2})\2(\d{1,2})(?!\d)")
_BASIC = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)")
_DOTTED = re.compile(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})(?!\d)")
_SLASHED = re.compile(r"(\d{1,2})([-/])(\d{1,2})\2(\d{4})(?!\d)")
_DAY_NAME_YEAR = re.compile(
    r"(\d{1,2})(?:\.|st|nd|rd|th|er)?[ -]?(?:de |of )?([^\W\d_]+)\.?,?[ -](\d{4})(?!\d)", re.IGNORECASE
)
_NAME_DAY_YEAR = re.compile(r"([^\W\d_]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?!\d)", re.IGNORECASE)
_WEEKDAY = re.compile(r"[^\W\d_]{2,12}[.,]{0,2} (?=\d|[^\W\d_]+\.? \d)")
_TIME = re.compile(
    r"[Tt ,]+(?:kl\.? )?(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,](?P<fraction>\d{1,12}))?)?"
    r" ?(?P<offset>[Zz]|UTC|GMT|(?:UTC|GMT)?(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})?)?"
    r"(?:\[[\w/+-]+\]| ?\([^()]*\))?"
)
_OFFSET_ALONE = re.compile(r"[Zz]|[+-]\d{2}:?\d{2}")
"""Behind a day as XML writes it; it is that day all the same."""
_TWELVE_HOURS = re.compile(r" ?[AaPp]\.?[Mm]\.?$")
_DOT_NET = re.compile(r"\\?/Date\((-?\d{1,15})(?:([+-])(\d{2})(\d{2}))?\)\\?/")
_NEVER_SET = re.compile(r"000[01]-\d{2}-\d{2}.*|0?1[./]0?1[./]0001.*", re.DOTALL)
"""What .NET writes for a date that was never set, and what it becomes in another time zone; MySQL's zeros."""
_LANGUAGES = ("nb", "nn", "sv", "da", "fi", "is", "en", "de", "fr", "nl", "pl")
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_SECONDS = range(10**9, 2**31)
_MILLISECONDS = range(10**12, 2**31 * 1000)
"""What a number may count since 1970, so that it cannot be a date in digits: 2001 to 2038."""


def read_date(value: str | int, zone: ZoneInfo) -> dt.date | None:
    """The day that is written; `None` for a date that was never set.

    An instant that is midnight where it is written is the day that is written. Any other instant is the day that it is
    in `zone`. A time without an offset says nothing of the day.

    :param zone: where the document is booked.
    :raises ValueError: it is no date, or may be two.
    """
    text = as_code(str(value))
    if _NEVER_SET.fullmatch(text):
        return None
    if isinstance(value, int) and (value in _SECONDS or value in _MILLISECONDS):
        return _day_of(_since_epoch(value * 1000 if value in _SECONDS else value), zone)
    if (match := _DOT_NET.fullmatch(text)) is not None:
        return _dot_net(match, zone)
    day, rest = _leading_day(text)
    if not rest or _OFFSET_ALONE.fullmatch(rest):
        return day
    match = _TIME.fullmatch(_TWELVE_HOURS.sub("", rest))
    if match is None:
        raise ValueError("no time of the day")
    clock = _clock(match)
    offset = _offset(match)
    return day if offset is None else _day_of(dt.datetime.combine(day, clock, dt.timezone(offset)), zone)


def _leading_day(text: str) -> tuple[dt.date, str]:
    """The day, and what is written behind it."""
    text = text.removeprefix("den ") if text[:4].casefold() == "den " else text
    for candidate in (text, _WEEKDAY.sub("", text, count=1)):
        if (match := _ISO.match(candidate)) is not None:
            return dt.date(int(match[1]), int(match[3]), int(match[4])), candidate[match.end() :]
        if (match := _BASIC.match(candidate)) is not None:
            return dt.date(int(match[1]), int(match[2]), int(match[3])), candidate[match.end() :]
        if (match := _DOTTED.match(candidate)) is not None:
            return dt.date(int(match[3]), int(match[2]), int(match[1])), candidate[match.end() :]
        if (match := _SLASHED.match(candidate)) is not None:
            return _day_or_month_first(int(match[1]), int(match[3]), int(match[4])), candidate[match.end() :]
        if (match := _DAY_NAME_YEAR.match(candidate)) is not None and (month := _month(match[2])):
            return dt.date(int(match[3]), month, int(match[1])), candidate[match.end() :]
        if (match := _NAME_DAY_YEAR.match(candidate)) is not None and (month := _month(match[1])):
            return dt.date(int(match[3]), month, int(match[2])), candidate[match.end() :]
    raise ValueError("no date")


def _day_or_month_first(first: int, second: int, year: int) -> dt.date:
    if first != second and first <= 12 and second <= 12:
        raise ValueError("may be two days")
    return dt.date(year, first, second) if second > 12 else dt.date(year, second, first)


def _month(name: str) -> int | None:
    return _months().get(name.casefold())


@cache
def _months() -> dict[str, int]:
    """The names and abbreviations of the months; a name that two languages give to two months is none."""
    from babel import Locale

    found: dict[str, set[int]] = {}
    for language in _LANGUAGES:
        locale = Locale.parse(language)
        for form in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for month, name in locale.months[form][width].items():
                    found.setdefault(name.casefold().rstrip("."), set()).add(month)
    for month, name in ((9, "sept"), (3, "mrt"), (5, "maj"), (10, "okt"), (10, "oct"), (12, "des"), (12, "dec")):
        found.setdefault(name, set()).add(month)
    return {name: min(months) for name, months in found.items() if len(months) == 1 and name.isalpha()}


def _clock(match: re.Match[str]) -> dt.time:
    second = int(match["second"] or 0)
    fraction = int(((match["fraction"] or "") + "000000")[:6])
    # The seventh digit of .NET's ticks: not midnight, whatever the six before it say.
    if (match["fraction"] or "").strip("0") and not fraction:
        fraction = 1
    return dt.time(int(match["hour"]), int(match["minute"]), min(second, 59) if second <= 60 else second, fraction)


def _offset(match: re.Match[str]) -> dt.timedelta | None:
    if not match["offset"]:
        return None
    if match["sign"] is None:
        return dt.timedelta(0)
    size = dt.timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
    return -size if match["sign"] == "-" else size


def _dot_net(match: re.Match[str], zone: ZoneInfo) -> dt.date | None:
    offset = dt.timedelta(hours=int(match[3] or 0), minutes=int(match[4] or 0))
    there = dt.timezone(-offset if match[2] == "-" else offset)
    try:
        instant = _since_epoch(int(match[1])).astimezone(there)
    except OverflowError:
        return None if int(match[1]) < 0 else _no_day()
    return None if instant.year == 1 else _day_of(instant, zone)


def _no_day() -> dt.date:
    raise ValueError("no day of any calendar")


def _since_epoch(milliseconds: int) -> dt.datetime:
    return _EPOCH + dt.timedelta(milliseconds=milliseconds)


def _day_of(instant: dt.datetime, zone: ZoneInfo) -> dt.date:
    if instant.time() == dt.time():
        return instant.date()
    try:
        return instant.astimezone(zone).date()
    except OverflowError:
        return instant.date()
