"""What a summary says: its lines for the log, and its alarms, which name many things in little room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from invoice_bridge.operators.ends import KnownEnd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk.types import Logger

NAMED = 5
"""So many are named in the error of a task; its log has all of them."""


@dataclass(frozen=True)
class Summary:
    """What became of one part of a run.

    :param lines: for the log.
    :param alarms: what the run has to fail for.
    """

    lines: Sequence[str] = ()
    alarms: Sequence[str] = ()

    def write_to(self, log: Logger) -> Sequence[str]:
        """Put the lines into the log; returns the alarms."""
        for line in self.lines:
            log.info("%s", line)
        return self.alarms


def fail_for(alarms: Sequence[str]) -> None:
    """Fail the task, and with it the run, if there is any alarm."""
    if alarms:
        raise KnownEnd("; ".join(alarms))


def first_of(names: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    named = "; ".join(names[:NAMED])
    return f"{named}; and {len(names) - NAMED} more" if len(names) > NAMED else named


def counted(count: int, noun: str) -> str:
    """A number and what it counts: `1 payment`, `3 payments`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
