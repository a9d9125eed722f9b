"""What a change of a document's row is for people: since when it stands as it does, and whether it is aside still."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.database.tables import NOW

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sqlalchemy as sa

NOT_ASIDE: dict[str, Any] = {"aside_at": None, "aside_by": None, "aside_reason": None}
"""The columns of a document that nobody has put aside."""

_WAITS = (DocumentState.HELD, DocumentState.IN_DOUBT)
_ON_ITS_WAY = (*_WAITS, DocumentState.WORKING)


def as_moved(record: sa.RowMapping, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with what follows from them.

    A document that is tried again, and is left for the same reason, stands as it did before: its age counts from when
    people were told the reason, and it stays aside.

    :param record: the row until now.
    """
    state = values.get("state", record["state"])
    moved: dict[str, Any] = {}
    if "announced_at" in values:
        moved["state_since"] = NOW
    elif state != record["state"]:
        moved["state_since"] = (record["announced_at"] or NOW) if state in _WAITS else NOW
    is_new_reason = "announced_reason" in values and values["announced_reason"] != record["announced_reason"]
    has_moved_on = state != record["state"] and state not in _ON_ITS_WAY
    if record["aside_at"] is not None and (is_new_reason or has_moved_on):
        moved |= NOT_ASIDE
    return {**moved, **values}
