"""What a person entered in an act's dialog, read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoice_bridge_core.errors import NotResolvedError
from invoice_bridge_core.transfer.requeue import LONGEST_REASON

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from invoice_bridge_core.desk.acts.act import Input

LONGEST_TEXT = 200


def read_inputs(asked: Sequence[Input], given: Mapping[str, object]) -> dict[str, Any]:
    """A value for each input; what was left out is an empty text, or a box that is not ticked.

    :raises NotResolvedError: one is missing, or cannot be what was asked for.
    """
    if unknown := set(given) - {one.name for one in asked}:
        raise NotResolvedError(f"Nobody asked for {', '.join(sorted(map(str, unknown)))[:LONGEST_TEXT]}")
    return {one.name: _read(one, given.get(one.name)) for one in asked}


def _read(asked: Input, given: object) -> str | bool:
    if asked.kind == "flag":
        if given not in (None, True, False):
            raise NotResolvedError(f"“{asked.label}” is ticked, or it is not")
        return given is True
    if given is not None and not isinstance(given, str):
        raise NotResolvedError(f"“{asked.label}” has to be a text")
    text = " ".join((given or "").split())
    if not text:
        if asked.required:
            raise NotResolvedError(f"“{asked.label}” is missing")
        return ""
    longest = LONGEST_REASON if asked.kind == "reason" else LONGEST_TEXT
    if not text.isprintable() or len(text) > longest:
        raise NotResolvedError(f"“{asked.label}” has to be one line of at most {longest} letters")
    if asked.choices and text not in {choice.value for choice in asked.choices}:
        raise NotResolvedError(f"“{asked.label}” has no choice {text}")
    return text
