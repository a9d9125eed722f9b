"""The kinds of value that a route file holds, each with its check and the words for what is allowed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Strict, StringConstraints

from invoice_bridge_core.documents import Money
from invoice_bridge_core.documents.reference_text import template_problem
from invoice_bridge_core.documents.source_link import link_problem

if TYPE_CHECKING:
    from collections.abc import Callable

_CRON_PRESETS = frozenset({"@hourly", "@daily", "@weekly", "@monthly", "@quarterly", "@yearly"})
_CRON_COLUMN = r"[A-Za-z0-9*,/#\-]+"
# Five columns: a sixth would be seconds, and R or H would be another time at each parse.
_CRON = re.compile(rf"(?!.*\b[RrHh]\b){_CRON_COLUMN}( {_CRON_COLUMN}){{4}}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _text_of(pattern: str, must: str) -> Callable[[str], str]:
    wanted = re.compile(pattern)

    def check(value: str) -> str:
        if not wanted.fullmatch(value):
            raise ValueError(must)
        return value

    return check


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


def _no_flag(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("must be a number, such as 0.01")
    return value


def _day(value: object) -> object:
    if value is None or isinstance(value, dt.date):
        return value
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError as error:
            raise ValueError(f"must be a date that exists: {error}") from error
    raise ValueError("must be a date written as YYYY-MM-DD, or null")


@lru_cache
def _cron(value: str) -> str:
    if value in _CRON_PRESETS:
        return value
    expression = " ".join(value.split())
    if not _CRON.fullmatch(expression):
        raise ValueError('must be a cron expression of five columns, such as "*/5 * * * *", or @daily')
    _refuse_never_due(expression)
    return expression


def _refuse_never_due(expression: str) -> None:
    from croniter import croniter  # type: ignore[import-untyped]
    from croniter.croniter import CroniterBadDateError, CroniterError  # type: ignore[import-untyped]

    try:
        croniter(expression, dt.datetime(2026, 1, 1, tzinfo=dt.UTC)).get_next()
    except CroniterBadDateError as error:
        raise ValueError("must be a cron expression that is due on some day; this one never is") from error
    except CroniterError as error:
        raise ValueError('must be a cron expression that crontab understands, such as "*/5 * * * *"') from error


@lru_cache
def _timezone(value: str) -> str:
    # A leading slash, a folder such as "Europe" and an over-long name end in different errors of zoneinfo.
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("must be a time zone of the IANA database, such as Europe/Oslo") from error
    return value


def _document_link(value: str) -> str:
    if (problem := link_problem(value)) is not None:
        raise ValueError(problem)
    return value


def _reference(value: str) -> str:
    if (problem := template_problem(value)) is not None:
        raise ValueError(problem)
    return value


def _once_each(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
Name = Annotated[str, AfterValidator(_text_of("[A-Za-z0-9_]{1,100}", "must be up to 100 letters, digits, underscores"))]
"""A route's name: it becomes part of DAG ids and of a Variable's key."""
ConnId = Annotated[
    str,
    AfterValidator(_text_of(r"[A-Za-z0-9_.\-]{1,200}", "must be a connection id: letters, digits, and any of _ - .")),
]
"""A connection's id; no colon, which parts the reference of a document."""
Code = Annotated[Text, BeforeValidator(_as_text)]
"""A text that may look like a number: 200 is the account "200"; the syntax has kept the zero of 090."""
Codes = Annotated[tuple[Code, ...], AfterValidator(_once_each)]
AccountCodes = Mapping[Text, Code]
"""Article number → account code."""
NumberPrefix = Annotated[
    str,
    BeforeValidator(_as_text),
    AfterValidator(_text_of(r"[A-Za-z0-9_./\-]{0,20}", "must be up to 20 letters, digits, and any of _ - . /")),
]
Flag = Annotated[bool, Strict()]
WholeNumber = Annotated[int, Strict()]
Number = Annotated[Money, BeforeValidator(_no_flag)]
Day = Annotated[dt.date | None, BeforeValidator(_day)]
Currency = Annotated[str, AfterValidator(_text_of("[A-Z]{3}", "must be an ISO 4217 currency in capitals, such as NOK"))]
Cron = Annotated[str, AfterValidator(_cron)]
TimeZone = Annotated[str, AfterValidator(_timezone)]
DocumentLink = Annotated[Text, AfterValidator(_document_link)]
"""The address at which people see a document in its source."""
ReferenceTemplate = Annotated[Text, AfterValidator(_reference)]
InvoicePath = Annotated[str, AfterValidator(_text_of(r"/\S*\{id\}\S*", "must be a path that holds {id}"))]
ListPath = Annotated[str, AfterValidator(_text_of(r"/\S*", "must be a path, with {page} where pages are counted"))]
SearchPath = Annotated[str, AfterValidator(_text_of(r"/\S*\{number\}\S*", "must be a path that holds {number}"))]
GroupPath = Annotated[
    str, AfterValidator(_text_of(r"(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+/?", "must be a path, such as /Sale/v1/Sale"))
]
"""A path below a connection's host, without a query."""
EndpointPath = Annotated[str, AfterValidator(_text_of(r"/[!-~]*", "must be a path that begins with /, without blanks"))]
"""Where a receiver takes what it is sent; may have a query."""
MailAddress = Annotated[
    str,
    AfterValidator(_text_of(r"[^\s@,;<>\"()\x00-\x1f]+@[^\s@,;<>\"()\x00-\x1f]+", "must be one mail address")),
]
ClockTime = Annotated[
    str, AfterValidator(_text_of(r"([01][0-9]|2[0-3]):[0-5][0-9]", 'must be a time of day in quotes, such as "07:30"'))
]
