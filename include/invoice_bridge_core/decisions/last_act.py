"""What a person did with a document last, by its history: whoever comes second is told."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge_core.ledger import DocumentRow, Ledger
    from invoice_bridge_core.ledger.documents.history import Change

ON_THE_DESK = ", on the desk"
"""After a person's name, in the history and in leases."""

_BY_A_PERSON = re.compile(rf"{ON_THE_DESK}$|, by hand$|, by [^ ]+/.+$")
_BY_COMMAND = "confirm-rejections by "
_NO_ACT = re.compile(r"^(taken (up again|over)|step |first met)|; refused: ")


def now_text(ledger: Ledger, row: DocumentRow) -> str:
    """What the document is by now, and what a person did with it last."""
    reason = f": {row.reason}" if row.reason else ""
    text = f"{row.label} is {row.state}{reason}".rstrip(".")
    done = last_act(ledger.history(row))
    return f"{text}. {done}" if done else f"{text}."


def last_act(changes: Sequence[Change]) -> str | None:
    """Who did what last, and when; `None` where nobody did anything."""
    for change in reversed(changes):
        name = person_in(change.actor)
        if name is not None and not _NO_ACT.search(change.note):
            at = f"{change.at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
            note = change.note if change.note.startswith(name) else f"{name}: {change.note}"
            return f"Last, at {at}, {note.rstrip('.')}."
    return None


def person_in(actor: str) -> str | None:
    """The person who acted; `None` where it was a task of a run."""
    if actor.startswith(_BY_COMMAND):
        return actor.removeprefix(_BY_COMMAND)
    return _BY_A_PERSON.sub("", actor) if _BY_A_PERSON.search(actor) else None
