"""How a person saw a document when they decided, and whether it is still so."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import DocumentRow, Ledger
    from invoice_bridge_core.ledger.documents.history import Change

ON_THE_DESK = ", on the desk"
"""After a person's name, in the history and in leases."""

_BY_A_PERSON = re.compile(rf"{ON_THE_DESK}$|, by hand$|^confirm-rejections by |, by decisions__")
_NO_ACT = re.compile(r"^(taken (up again|over)|step )|refused: ")


def seen_mark(row: DocumentRow) -> str:
    """Changes with the document's state and its reason."""
    return f"{row.state}|{hashlib.sha256((row.reason or '').encode()).hexdigest()[:16]}"


def now_text(ledger: Ledger, row: DocumentRow) -> str:
    """What the document is by now, and what a person did with it last."""
    reason = f": {row.reason}" if row.reason else ""
    text = f"{row.label} is {row.state}{reason}".rstrip(".")
    done = last_act(ledger.history(row))
    return f"{text}. {done}" if done else f"{text}."


def last_act(changes: list[Change]) -> str | None:
    """Who did what last, and when."""
    for change in reversed(changes):
        if _BY_A_PERSON.search(change.actor) and not _NO_ACT.search(change.note):
            name = person_in(change.actor)
            at = f"{change.at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
            note = change.note if change.note.startswith(name) else f"{name}: {change.note}"
            return f"Last, at {at}, {note.rstrip('.')}."
    return None


def person_in(actor: str) -> str:
    """The person's name alone."""
    return _BY_A_PERSON.split(actor, maxsplit=1)[0] or actor.removeprefix("confirm-rejections by ")
