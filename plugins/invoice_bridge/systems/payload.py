"""What changes when a source's document does."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING

from invoice_bridge.hooks.http.exact_json import write_json

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document

_FORMER_NAMES = {"paid_by_card": "settled_by_card"}
"""Fields of a document that had another name when the first ledgers were written: their hashes must stay the same."""


def hashed(document: Document) -> Document:
    """The document with its `payload_hash`.

    The hash changes when something that we read changes. It does not change with the state, nor with what we reported.
    """
    content = document.model_dump(exclude={"state", "source_reference", "payload_hash", "read_as", "invoice_fields"})
    if content["party"] is not None:
        for newer_than_the_first_ledgers in ("unread_country", "has_another"):
            del content["party"]["address"][newer_than_the_first_ledgers]
    for name, former in _FORMER_NAMES.items():
        content[former] = content.pop(name)
    payload_hash = hashlib.sha256(write_json(_plain(content)).encode()).hexdigest()
    return document.model_copy(update={"payload_hash": payload_hash})


def _plain(value: object) -> object:
    """The value for a hash: the same number written in another way is not a change."""
    match value:
        case Decimal():
            return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
        case dict():
            return {key: _plain(item) for key, item in sorted(value.items())}
        case list() | tuple():
            return [_plain(item) for item in value]
        case None | bool() | int():
            return value
    return str(value)
