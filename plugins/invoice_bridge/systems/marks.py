"""What a booking is known by in a finance system: its number, and where there is room for it, our mark.

What the customer reads is the customer's: our mark stands in a link that nobody prints, or nowhere. A route may have it
printed. Marks that were printed by earlier versions are recognised for ever.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from invoice_bridge_core.documents.document import shorten
from invoice_bridge_core.documents.facts import DocumentFacts
from invoice_bridge_core.documents.marks import SHORT_MARK, short_mark
from invoice_bridge_core.documents.source_link import LINK_LIMIT, source_link, unlike_xero
from invoice_bridge_core.routes.systems import systems_playing

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.routes.model import Route

_SEPARATOR = " · "
_KEY = "invoice-bridge"
_IN_LINK = re.compile(rf"[?&#]{_KEY}=([^&#]*)")


def booking_number(number: str, route: Route) -> str:
    """A source's number behind the route's prefix."""
    return f"{route.finance.number_prefix}{number}"


def marker_of(document: Document) -> str:
    """What tells our bookings from others: the document's reference, such as `qondor:qondor_default:12345`."""
    return str(document.ref)


def printed_mark(document: Document, route: Route) -> str | None:
    """The mark that the customer reads; `None` where the route prints none, as by default."""
    match route.finance.printed_mark:
        case "full":
            return marker_of(document)
        case "short":
            return short_mark(document.ref)
    return None


def with_printed_mark(text: str | None, document: Document, route: Route) -> str | None:
    """What stands in a printed field: the text alone, byte for byte, and behind it the mark that the route prints."""
    mark = printed_mark(document, route)
    return f"{text}{_SEPARATOR}{mark}" if text and mark else text or mark


def marked(text: str | None, document: Document, limit: int) -> str:
    """A text, in one line, and the mark behind it; the text is cut when both do not fit."""
    marker = marker_of(document)
    line = " ".join((text or "").split())
    room = limit - len(marker) - len(_SEPARATOR)
    return f"{shorten(line, room)}{_SEPARATOR}{marker}" if line and room > 0 else marker


def marker_in(text: str | None) -> str | None:
    """The mark that `marked` or `with_printed_mark` wrote, if there is one."""
    parts = (text or "").split(_SEPARATOR)
    # From the end, and as long as possible: a source's id may hold the separator.
    endings = (_SEPARATOR.join(parts[start:]).strip() for start in reversed(range(len(parts))))
    mark = _mark(tuple(systems_playing("source")))
    return next((ending for ending in endings if mark.fullmatch(ending) or SHORT_MARK.fullmatch(ending)), None)


def marked_link(document: Document, route: Route) -> str | None:
    """The link back to the document in its source, with our mark; `None` where the route has none.

    The mark is a fragment, which no browser sends; where the link has a fragment of its own, a query.
    """
    link = source_link(route.source.document_link, DocumentFacts.from_document(document))
    if link is None:
        return None
    mark = f"{_KEY}={unlike_xero(quote(marker_of(document), safe=':'))}"
    before, hash_sign, fragment = link.partition("#")
    joint = "&" if "?" in before else "?"
    link = f"{before}{joint}{mark}#{fragment}" if hash_sign else f"{before}#{mark}"
    return link if len(link) <= LINK_LIMIT else None


def marker_in_link(link: str | None) -> str | None:
    """The mark that `marked_link` wrote, whatever the link was, if there is one."""
    mark = _mark(tuple(systems_playing("source")))
    found = [unquote(written) for written in _IN_LINK.findall(link or "")]
    return next((one for one in found if mark.fullmatch(one)), None)


def without_mark(link: str | None) -> str | None:
    """The link as `source.document_link` makes it."""
    return _IN_LINK.sub("", link).rstrip("#") if link else None


@cache
def _mark(sources: tuple[str, ...]) -> re.Pattern[str]:
    """A source's reference as we write it; what people write, such as `12:30:00` or `po:77:urgent`, is none."""
    return re.compile(rf"(?:{'|'.join(map(re.escape, sources))}):[^\s:]+:\S.*", re.DOTALL)
