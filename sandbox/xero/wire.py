"""How Xero writes values: dates, envelopes, errors, and XML for those who forget to ask for JSON."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from sandbox.exact_json import number_text, write_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox.store import Row

ZERO_ID = "00000000-0000-0000-0000-000000000000"
_MICROSOFT_DATE = re.compile(r"/Date\((-?\d+)([+-]\d{4})?\)/")
_EPOCH = date(1970, 1, 1)


class RefusedError(Exception):
    """Validation messages for one element."""

    def __init__(self, *messages: str) -> None:
        super().__init__("; ".join(messages))
        self.messages = messages


def msdate(day: str) -> str:
    """`2026-11-02` as `/Date(1793577600000+0000)/`."""
    return f"/Date({(date.fromisoformat(day) - _EPOCH).days * 86_400_000}+0000)/"


def msinstant(instant: str) -> str:
    """An ISO instant as `/Date(…+0000)/` with milliseconds."""
    moment = datetime.fromisoformat(instant)
    return f"/Date({int(moment.timestamp()) * 1000 + moment.microsecond // 1000}+0000)/"


def long_date(day: str) -> str:
    """The twin field: `2026-11-02T00:00:00`."""
    return f"{day}T00:00:00"


def read_date(value: Any, field: str) -> str | None:
    """A date as sent (ISO, with or without a time, or Microsoft's form) as ISO; `None` stays `None`."""
    if value is None or value == "":
        return None
    text = str(value)
    match = _MICROSOFT_DATE.fullmatch(text)
    try:
        if match:
            return datetime.fromtimestamp(int(match[1]) / 1000, tz=UTC).date().isoformat()
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        raise RefusedError(f"{field} is not a valid date") from None


def read_amount(value: Any, field: str) -> Decimal | None:
    """A number as sent; `None` stays `None`."""
    if value is None or value == "":
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise RefusedError(f"{field} must be a number") from None
    if isinstance(value, bool) or not number.is_finite():
        raise RefusedError(f"{field} must be a number")
    return number


def updated(row: Row) -> dict[str, str]:
    """The fields that say when a row changed."""
    instant = datetime.fromisoformat(row["UpdatedDateUTC"])
    return {
        "UpdatedDateUTC": msinstant(row["UpdatedDateUTC"]),
        "UpdatedDateUTCString": instant.strftime("%Y-%m-%d %H:%M:%S+00:00"),
    }


def envelope(name: str, elements: Iterable[Row], now: datetime, **extra: Any) -> Row:
    """The answer around a list of elements."""
    return {
        "Id": str(uuid.uuid4()),
        "Status": "OK",
        "ProviderName": "Invoice Bridge sandbox",
        "DateTimeUTC": f"/Date({int(now.timestamp() * 1000)})/",
        **extra,
        name: list(elements),
    }


def validation_exception(elements: Sequence[Row]) -> Row:
    """The body of a 400 that names what is wrong with which element."""
    return {
        "ErrorNumber": 10,
        "Type": "ValidationException",
        "Message": "A validation exception occurred",
        "Elements": list(elements),
    }


def other_exception(number: int, kind: str, message: str) -> Row:
    """The body of a 400 about the request as a whole."""
    return {"ErrorNumber": number, "Type": kind, "Message": message}


def to_json(body: Any) -> bytes:
    """JSON bytes."""
    return write_json(body).encode()


def to_xml(body: Row) -> bytes:
    """XML in the shape of Xero's: what comes without `Accept: application/json`."""
    return f"<Response>{_xml(body, 'Response')}</Response>".encode()


def _xml(value: Any, name: str) -> str:
    if isinstance(value, dict):
        return "".join(f"<{key}>{_xml(item, key)}</{key}>" for key, item in value.items() if item is not None)
    if isinstance(value, list):
        inner = name.removesuffix("s")
        return "".join(f"<{inner}>{_xml(item, inner)}</{inner}>" for item in value)
    if isinstance(value, bool):
        return str(value).lower()
    return number_text(value) if isinstance(value, Decimal) else escape(str(value))
