"""Tables of plain text, narrow enough for the log of a task on Airflow's page, which does not wrap its lines."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import format_amount
from invoice_bridge_core.documents.document import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from enum import StrEnum

WIDTH = 100
"""Characters of a line. What is longer goes on in the next one."""
_INDENT = "  "


def totals_table(title: str, found: Iterable[tuple[StrEnum, str, Decimal]]) -> list[str]:
    """What there is × how many × their sum per currency, in the order in which the kinds are declared.

    :param title: of the first column.
    :param found: what was found of each document, its currency, and its signed total.
    """
    groups: dict[tuple[StrEnum, str], list[Decimal]] = defaultdict(list)
    for kind, currency, total in found:
        groups[kind, currency].append(total)
    places = {kind: place for place, kind in enumerate(type(next(iter(groups))[0]))} if groups else {}
    rows = [(title, "documents", "sum", "")]
    for (kind, currency), totals in sorted(groups.items(), key=lambda group: (places[group[0][0]], group[0][1])):
        rows.append((str(kind), str(len(totals)), format_amount(sum(totals, Decimal(0))), currency))
    return _aligned(rows)


def listed(title: str, entries: Sequence[tuple[str, str]]) -> list[str]:
    """A title, then each name in a line of its own with the text about it below; nothing where there is none."""
    lines = [title] if entries else []
    for name, text in entries:
        lines.append(_INDENT + shorten(name, WIDTH - len(_INDENT)))
        lines += wrapped(text, 3 * _INDENT)
    return lines


def sentences(title: str, texts: Sequence[str]) -> list[str]:
    """A title, then each text below it; nothing where there is none."""
    lines = [line for text in texts for line in wrapped(text)]
    return [title, *lines] if lines else []


def wrapped(text: str, indent: str = _INDENT) -> list[str]:
    """A text in as many lines as it needs; a word that is longer than a line, such as an address, stays whole."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _aligned(rows: Sequence[tuple[str, str, str, str]]) -> list[str]:
    first, second, third = (max(len(row[column]) for row in rows) for column in range(3))
    return [
        f"{_INDENT}{name:<{first}}  {count:>{second}}  {total:>{third}} {currency}".rstrip()
        for name, count, total, currency in rows
    ]
