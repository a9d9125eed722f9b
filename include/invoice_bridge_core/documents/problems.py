"""What can be wrong with a document, who can fix it, and the words for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.final_problems import FinalProblem
from invoice_bridge_core.errors import WakesOn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MESSAGE_LIMIT = 999
"""Characters of a failure message: it has to stay under 1,000 (contract qondor.md, "Failure messages")."""

_ON_LINE = re.compile(r"\bon line ([0-9]+)\b")

_MAY_BE_ROUNDING = Decimal(1)
"""Systems round lines, sums or whole amounts, each in its way, so that sums may be off by up to one unit of money."""


class FixedBy(StrEnum):
    """Who can do something about a problem."""

    AUTHOR = "author"
    US = "us"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, in words for the project manager or the bookkeeper, naming the thing and its key.

    :param wakes_on: what makes a document that is held for it worth another try.
    :param final: the rule of the closed list that it breaks; `None`: it holds the document, whoever has to mend it.
    """

    message: str
    fixed_by: FixedBy
    wakes_on: frozenset[WakesOn] = frozenset({WakesOn.ROUTE, WakesOn.FINANCE_DATA, WakesOn.ENTRY})
    final: FinalProblem | None = None


def final_problem(rule: FinalProblem, message: str) -> Problem:
    """Certainly wrong, and only the document's author can mend it: it may be rejected."""
    return Problem(message, FixedBy.AUTHOR, final=rule)


def author_should(message: str) -> Problem:
    """Its author can best mend it, yet it may be our reading: the document will be held, and the text says who."""
    return Problem(message, FixedBy.AUTHOR)


def we_must(message: str) -> Problem:
    """Our mapping, our settings or the finance system's set-up: the document will be held."""
    return Problem(message, FixedBy.US)


def who_must_fix(miss: Decimal, tolerance: Decimal) -> Callable[[str], Problem]:
    """Who has to mend a sum that is off.

    Where rounding may be the reason, it is ours to decide, and the document is not called wrong.
    """
    if abs(miss) <= max(_MAY_BE_ROUNDING, tolerance):
        return we_must
    return lambda message: final_problem(FinalProblem.SUMS_DO_NOT_ADD_UP, message)


def gap_problem(message: str, miss: Decimal, tolerance: Decimal) -> Problem:
    """A sum that is off; where rounding may be the reason, the message names the setting that decides."""
    problem = who_must_fix(miss, tolerance)(message)
    if problem.fixed_by is FixedBy.AUTHOR:
        return problem
    return we_must(f"{message} (the route's policy.total_tolerance, now {tolerance}, decides what may be rounding)")


def join_messages(problems: Iterable[Problem]) -> str:
    """All problems as one message that a source accepts; says how many did not fit.

    What several lines share is said once, with their places.
    """
    messages = _with_places(problem.message for problem in problems)
    text = ""
    for index, message in enumerate(messages):
        rest = len(messages) - index
        addition = f"{'; ' if text else ''}{message}"
        ending = f"; and {rest} more" if text else ""
        last = rest == 1
        if len(text) + len(addition) + (0 if last else len("; and 999 more")) > MESSAGE_LIMIT:
            return text + ending if text else message[: MESSAGE_LIMIT - 1] + "…"
        text += addition
    return text


def _with_places(messages: Iterable[str]) -> list[str]:
    """Each message once; those that differ in the line alone as one, `on lines 2, 5 and 7`."""
    places: dict[tuple[str, str], list[str]] = {}
    for message in messages:
        before, place, after, *_ = [*_ON_LINE.split(message, maxsplit=1), "", ""]
        named = places.setdefault((before, after), [])
        if place not in named:
            named.append(place)
    return [f"{before}{_on_lines(named)}{after}" for (before, after), named in places.items()]


def _on_lines(places: list[str]) -> str:
    if len(places) == 1:
        return f"on line {places[0]}" if places[0] else ""
    return f"on lines {', '.join(places[:-1])} and {places[-1]}"
