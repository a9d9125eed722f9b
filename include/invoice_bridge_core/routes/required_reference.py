"""What a route asks of the buyer's reference: that there is one, or what it looks like, for all or one customer."""

from __future__ import annotations

import re
import warnings
from typing import Annotated, Any

from pydantic import AfterValidator

from invoice_bridge_core.routes.fields import Text

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import sre_parse

_MOST_OPEN = 3
_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
_REFUSED = frozenset({"GROUPREF", "GROUPREF_EXISTS", "ASSERT", "ASSERT_NOT"})


def pattern_problem(pattern: str) -> str | None:
    """Why a text is no pattern that always answers soon, as `must …`; `None` when it is one."""
    try:
        parsed = sre_parse.parse(pattern)
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return f"must be a regular expression: {error}"
    open_ends, fault = _walked(parsed, inside=False)
    if fault is not None:
        return fault
    return f"must not hold more than {_MOST_OPEN} of * and +" if open_ends > _MOST_OPEN else None


def _walked(parsed: Any, *, inside: bool) -> tuple[int, str | None]:
    open_ends = 0
    for code, argument in parsed:
        name = str(code)
        if name in _REFUSED:
            return 0, "must not look ahead, look behind or refer back to a group"
        if name in _REPEATS:
            if inside:
                return 0, "must not repeat within what is repeated, such as (a+)+: write it flat"
            low, high, content = argument
            open_ends += high == sre_parse.MAXREPEAT
            more, fault = _walked(content, inside=high > 1 or low > 1)
        elif name == "SUBPATTERN":
            more, fault = _walked(argument[-1], inside=inside)
        elif name == "BRANCH":
            if inside:
                return 0, "must not repeat a choice, such as (a|b)*: write [ab]*"
            found = [_walked(branch, inside=inside) for branch in argument[1]]
            more, fault = sum(count for count, _ in found), next((text for _, text in found if text), None)
        else:
            continue
        if fault is not None:
            return 0, fault
        open_ends += more
    return open_ends, None


def _pattern(value: str) -> str:
    if (problem := pattern_problem(value)) is not None:
        raise ValueError(problem)
    return value


Pattern = Annotated[Text, AfterValidator(_pattern)]
