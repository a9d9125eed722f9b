"""How Xero writes values, and what each element says of its own outcome (contract xero.md).

A tolerant reader: unknown keys are ignored, missing ones are `None` or empty, dates come in three writings.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

NO_ID = "00000000-0000-0000-0000-000000000000"
"""The id of an element that Xero refused."""

_MS_DATE = re.compile(r"^/Date\((-?\d+)(?:[+-]\d{4})?\)/$")
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def read_moment(value: object) -> object:
    """`/Date(1439434356790+0000)/` or an ISO text as a moment in UTC; anything else as it is.

    The milliseconds count from 1970 in UTC, whatever offset stands behind them.

    :raises ValueError: a text that is neither.
    """
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    if (match := _MS_DATE.match(value)) is not None:
        try:
            return _EPOCH + dt.timedelta(milliseconds=int(match[1]))
        except OverflowError:
            raise ValueError("a moment that no calendar has") from None
    moment = dt.datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def read_day(value: object) -> object:
    """The calendar day of whatever `read_moment` reads; Xero writes days as midnight."""
    moment = read_moment(value)
    return moment.date() if isinstance(moment, dt.datetime) else moment


def _blank_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


Day = Annotated[dt.date | None, BeforeValidator(read_day)]
Moment = Annotated[dt.datetime | None, BeforeValidator(read_moment)]
Text = Annotated[str | None, BeforeValidator(_blank_is_none)]
TextOrBlank = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]


class XeroModel(BaseModel):
    """One JSON object of an answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class XeroMessage(XeroModel):
    """One validation error or warning."""

    message: TextOrBlank = Field("", alias="Message")


class XeroElement(XeroModel):
    """What every element that was written says of its own outcome."""

    status_attribute: Text = Field(None, alias="StatusAttributeString")
    has_errors: bool | None = Field(None, alias="HasErrors")
    has_validation_errors: bool | None = Field(None, alias="HasValidationErrors")
    validation_errors: tuple[XeroMessage, ...] | None = Field(None, alias="ValidationErrors")
    warnings: tuple[XeroMessage, ...] | None = Field(None, alias="Warnings")

    @property
    def is_refused(self) -> bool:
        """Whether Xero did not carry the element out, though the HTTP status was 200."""
        return bool(
            (self.status_attribute or "").upper() == "ERROR"
            or self.has_errors
            or self.has_validation_errors
            or self.validation_errors
        )

    @property
    def reasons(self) -> tuple[str, ...]:
        """Xero's own texts for the refusal."""
        return _texts(self.validation_errors)

    @property
    def warning_texts(self) -> tuple[str, ...]:
        """What Xero remarks about something it did carry out."""
        return _texts(self.warnings)


def _texts(messages: tuple[XeroMessage, ...] | None) -> tuple[str, ...]:
    return tuple(text for message in messages or () if (text := message.message.strip()))
