"""How a person who acts is named in the history."""

from __future__ import annotations

from invoice_bridge_core.documents.document import shorten

LONGEST_PERSON = 80
"""Characters of a name that the history shows."""


def person_named(*names: object) -> str:
    """The first of these names that says something, in one printable line."""
    for name in names:
        line = "".join(letter for letter in " ".join(str(name or "").split()) if letter.isprintable())
        if line.strip():
            return shorten(line, LONGEST_PERSON)
    return "somebody in Airflow"
