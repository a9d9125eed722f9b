"""What Qondor checks in the bodies of writes to its registers; its rules are not public, these are [assumed]."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.qondor.payments import RuleBrokenError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.store import Row

    Check = Callable[[Any], str | None]

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(T.*)?")


class InvalidBodyError(Exception):
    """A body that cannot be taken; `errors` go into ProblemDetails, by field."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        super().__init__(str(errors))
        self.errors = errors


def text(longest: int) -> Check:
    """A text of at most so many characters."""

    def check(value: Any) -> str | None:
        if not isinstance(value, str):
            return "must be a string"
        return None if len(value) <= longest else f"must be at most {longest} characters long"

    return check


def email(value: Any) -> str | None:
    """An e-mail address, or an empty text."""
    wrong = text(255)(value)
    return wrong or (None if value == "" or _EMAIL.fullmatch(value) else "is not a valid e-mail address")


def letters(count: int) -> Check:
    """So many letters, or an empty text."""

    def check(value: Any) -> str | None:
        good = isinstance(value, str) and (value == "" or (value.isascii() and value.isalpha() and len(value) == count))
        return None if good else f"must be {count} letters"

    return check


def whole(value: Any) -> str | None:
    """A whole number."""
    return None if isinstance(value, int) and not isinstance(value, bool) else "must be a whole number"


def amount(value: Any) -> str | None:
    """A number."""
    return None if isinstance(value, int | Decimal) and not isinstance(value, bool) else "must be a number"


def flag(value: Any) -> str | None:
    """True or false."""
    return None if isinstance(value, bool) else "must be true or false"


def day(value: Any) -> str | None:
    """A date, with or without a time."""
    match = _DATE.fullmatch(value) if isinstance(value, str) else None
    try:
        return None if match is not None and date.fromisoformat(match[1]) else "must be a date"
    except ValueError:
        return "must be a date"


def known_values(body: Any, checks: Mapping[str, Check]) -> Row:
    """The values of the fields that are known, those that are null too; other fields are passed over.

    :raises InvalidBodyError: no object, or a value that its field does not take.
    """
    if not isinstance(body, dict):
        raise InvalidBodyError({"$": ["The JSON value could not be converted."]})
    values = {name: body[name] for name in checks if name in body}
    wrong = {name: checks[name](value) for name, value in values.items() if value is not None}
    errors = {field_name(name): [f"The field {field_name(name)} {why}."] for name, why in wrong.items() if why}
    if errors:
        raise InvalidBodyError(errors)
    return values


def require(values: Mapping[str, Any], *names: str) -> None:
    """Refuse values of which a needed one is missing or blank.

    :raises InvalidBodyError: one is.
    """
    missing = [name for name in names if values.get(name) is None or not str(values[name]).strip()]
    if missing:
        raise InvalidBodyError({field_name(name): [f"The {field_name(name)} field is required."] for name in missing})


def required_parameter(value: str | None, name: str) -> str:
    """The value of a query parameter.

    :raises RuleBrokenError: it is missing or blank.
    """
    if value is None or not value.strip():
        raise RuleBrokenError(name, f"The {name} field is required.")
    return value


def field_name(name: str) -> str:
    """A field as ASP.NET names it in its messages."""
    return name[:1].upper() + name[1:]
