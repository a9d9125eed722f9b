"""What a booking is known by in a finance system: its number, and our mark in one of its texts."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.document import shorten
from invoice_bridge_core.routes.systems import systems_playing

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.routes.model import Route

_SEPARATOR = " · "


def booking_number(number: str, route: Route) -> str:
    """A source's number behind the route's prefix."""
    return f"{route.finance.number_prefix}{number}"


def marker_of(document: Document) -> str:
    """What tells our bookings from others: the document's reference, such as `qondor:qondor_default:12345`."""
    return str(document.ref)


def marked(text: str | None, document: Document, limit: int) -> str:
    """A text, in one line, and the mark behind it; the text is cut when both do not fit."""
    marker = marker_of(document)
    line = " ".join((text or "").split())
    room = limit - len(marker) - len(_SEPARATOR)
    return f"{shorten(line, room)}{_SEPARATOR}{marker}" if line and room > 0 else marker


def marker_in(text: str | None) -> str | None:
    """The mark that `marked` wrote, if there is one."""
    parts = (text or "").split(_SEPARATOR)
    # From the end, and as long as possible: a source's id may hold the separator.
    endings = (_SEPARATOR.join(parts[start:]).strip() for start in reversed(range(len(parts))))
    mark = _mark(tuple(systems_playing("source")))
    return next((ending for ending in endings if mark.fullmatch(ending)), None)


@cache
def _mark(sources: tuple[str, ...]) -> re.Pattern[str]:
    """A source's reference as we write it; what people write, such as `12:30:00` or `po:77:urgent`, is none."""
    return re.compile(rf"(?:{'|'.join(map(re.escape, sources))}):[^\s:]+:\S.*", re.DOTALL)
