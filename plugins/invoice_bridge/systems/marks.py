"""What a booking is known by in a finance system: its number, and our mark in one of its texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.documents import DocumentRef
from include.documents.document import shorten

if TYPE_CHECKING:
    from include.documents import Document
    from include.routes.model import Route

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
    marker = (text or "").rpartition(_SEPARATOR)[2].strip()
    try:
        return str(DocumentRef.parse(marker))
    except ValueError:
        return None
