"""The link that leads to a document in its source, from the route's `source.document_link`."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from invoice_bridge_core.documents.facts import DocumentFacts

FIELDS = ("id", "number", "project_id")
LINK_LIMIT = 500
"""Characters of a whole link; what finance systems take at least is not published."""

_FIELD = re.compile(r"\{([^{}]*)\}")


def link_problem(template: str) -> str | None:
    """Why a text cannot be a template of links, as `must …`; `None` when it can."""
    fields = _FIELD.findall(template)
    if unknown := [field for field in fields if field not in FIELDS]:
        near = difflib.get_close_matches(unknown[0].strip().casefold(), FIELDS, n=1)
        hint = f"did you mean {{{near[0]}}}?" if near else f"there are {', '.join(f'{{{field}}}' for field in FIELDS)}"
        return f"must not hold {{{unknown[0]}}}; {hint}"
    if "{" in (rest := _FIELD.sub("", template)) or "}" in rest:
        return "must not hold a single { or }"
    if not {"id", "number"} & set(fields):
        return "must hold {id} or {number}, so that each document has a link of its own"
    if re.search(r"\s", template):
        return "must not hold blanks"
    try:
        parts = urlsplit(template)
        _ = parts.port
    except ValueError:
        return "must be a web address, such as https://qondor.example/invoice/{id}"
    if parts.scheme != "https" or not parts.hostname or "{" in parts.netloc:
        return "must be a web address that begins with https:// and a host, such as https://qondor.example/invoice/{id}"
    if parts.username is not None or parts.password is not None:
        return "must not hold a user name or a password: people see it"
    if "xero" in template.casefold():
        return "must not contain the word xero: Xero refuses such links"
    return None


def source_link(template: str | None, facts: DocumentFacts) -> str | None:
    """The document's own link; `None` where the route has no template, or something that it names is unknown."""
    if template is None:
        return None
    values = {"id": facts.ref.source_id, "number": facts.number, "project_id": facts.project_id}
    if any(not values[field] for field in _FIELD.findall(template)):
        return None
    link = _FIELD.sub(lambda field: unlike_xero(quote(str(values[field[1]]), safe="")), template)
    return link if len(link) <= LINK_LIMIT else None


def unlike_xero(quoted: str) -> str:
    """The same percent-encoded text without the word that Xero refuses in links."""
    return re.sub("x(?=ero)", lambda letter: f"%{ord(letter[0]):02X}", quoted, flags=re.IGNORECASE)
