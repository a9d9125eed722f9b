"""The workers' clock, which goes with the sandbox's in every process that was forked from this one."""

from __future__ import annotations

import datetime as dt
from multiprocessing import get_context
from types import SimpleNamespace

_AHEAD = get_context("fork").RawValue("d", 0.0)


def now() -> dt.datetime:
    """What a worker reads; aware."""
    return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=_AHEAD.value)


def is_ahead(seconds: float) -> None:
    """Note how far the sandbox's clock is ahead of real time."""
    _AHEAD.value = seconds


class _Moment(dt.datetime):
    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
        return now().astimezone(tz)


TIME = SimpleNamespace(datetime=_Moment, date=dt.date, timedelta=dt.timedelta, UTC=dt.UTC)
"""Stands in a module for `datetime`, as far as it reads the clock."""

STILL = SimpleNamespace(time=lambda: float(round(_AHEAD.value)))
"""Stands in a module for `time`, and moves only when the harness lets time pass.

What counts in periods of real time would otherwise end one in the middle of a round, and of its repetition elsewhere.
"""
