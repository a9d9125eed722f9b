"""The dates that a run is about."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from invoice_bridge_core.errors import ConfigurationError


@dataclass(frozen=True)
class Window:
    """Document dates from `since` up to, and without, `until`; an end that is `None` is open."""

    since: dt.date | None = None
    until: dt.date | None = None

    @property
    def is_open(self) -> bool:
        """Whether every document is inside, dated or not."""
        return self.since is None and self.until is None

    def contains(self, date: dt.date | None) -> bool:
        """Whether a document of this date belongs to the run; an undated one only when the window is open."""
        if self.is_open:
            return True
        if date is None:
            return False
        return (self.since is None or date >= self.since) and (self.until is None or date < self.until)

    @property
    def is_empty(self) -> bool:
        """Whether no date at all can be inside."""
        return self.since is not None and self.until is not None and self.until <= self.since

    def ends(self) -> tuple[dt.date, dt.date]:
        """Both ends.

        :raises ConfigurationError: one of them is open.
        """
        if self.since is None or self.until is None:
            raise ConfigurationError(f"The days from {self.since or 'any'} to {self.until or 'any'} have an open end")
        return self.since, self.until

    @classmethod
    def parse(cls, since: str | None, until: str | None) -> Window:
        """From the params of a run, `YYYY-MM-DD` or empty.

        :raises ConfigurationError: a text that is not a date, or a window the wrong way round.
        """
        window = cls(since=_date("since", since), until=_date("until", until))
        if window.since and window.until and window.until <= window.since:
            raise ConfigurationError(
                f"The window is the wrong way round: until {window.until} must be later than since {window.since} "
                "(the last day itself is not included)"
            )
        return window

    @classmethod
    def of_interval(cls, start: dt.datetime, end: dt.datetime, timezone: str) -> Window:
        """The dates that begin in a data interval, in the route's time zone.

        Most intervals shorter than a day have none.
        """
        zone = ZoneInfo(timezone)
        return cls(since=_first_date_from(start.astimezone(zone)), until=_first_date_from(end.astimezone(zone)))

    @classmethod
    def closed_by(cls, start: dt.datetime, end: dt.datetime, timezone: str) -> Window:
        """The days that ended, in the route's time zone, after the start of a data interval and no later than its end.

        An interval from 03:00 to 03:00 closes the day on which it starts; one that no day ends in leaves the window
        empty. Neighbouring intervals share no day and lose none, whatever the schedule and the clocks do.
        """
        zone = ZoneInfo(timezone)
        return cls(since=start.astimezone(zone).date(), until=end.astimezone(zone).date())

    @classmethod
    def day_before(cls, moment: dt.datetime, timezone: str) -> Window:
        """The newest day that is over at a moment, in the route's time zone."""
        today = moment.astimezone(ZoneInfo(timezone)).date()
        return cls(since=today - dt.timedelta(days=1), until=today)


def _first_date_from(instant: dt.datetime) -> dt.date:
    midnight = instant.replace(hour=0, minute=0, second=0, microsecond=0)
    return instant.date() if instant == midnight else instant.date() + dt.timedelta(days=1)


def _date(name: str, text: str | None) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(f"Param {name}: {text!r} is not a date; write it as YYYY-MM-DD") from error
