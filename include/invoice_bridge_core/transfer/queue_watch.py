"""Looks at a source's queue between runs, and tells which entries were not in it before.

It starts runs and nothing else: what becomes of an entry is decided by the queue step of the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.errors import BridgeError, CredentialsRefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from invoice_bridge_core.connections.guard import ConnectionGuard
    from invoice_bridge_core.ports import SourceSystem


class NotLookedError(Exception):
    """The queue was not looked at now; the text says why, and what is in it is not known."""


class NewEntries:
    """Compares one look at a queue with the look before; at the first, all entries are new."""

    def __init__(self) -> None:
        self._before: Mapping[str, str] = {}

    def of(self, entries: Mapping[str, str]) -> list[str]:
        """The ids that were not there, or were another version of themselves.

        :param entries: source id → fingerprint of the entry.
        """
        new = [source_id for source_id, version in entries.items() if self._before.get(source_id) != version]
        self._before = dict(entries)
        return new


def look_at_queue(source: SourceSystem, guard: ConnectionGuard) -> dict[str, str]:
    """What waits now: source id → fingerprint of its entry, by one call of the list.

    The last fifth of the connection's day belongs to the transfers, so that none of it is spent here.

    :raises NotLookedError: the connection may not be called now, or the call failed.
    :raises LedgerError: the ledger cannot be used.
    """
    if (pause := guard.pause(source.conn_id)) is not None:
        raise NotLookedError(f"connection {source.conn_id}: {pause.of_one}")
    if guard.is_in_last_fifth(source.conn_id):
        raise NotLookedError(f"connection {source.conn_id}: the last fifth of its day's calls is left to the transfers")
    try:
        items = source.waiting()
    except BridgeError as error:
        if not isinstance(error, CredentialsRefusedError):
            guard.pause_after(error)
        # Refused credentials are noted by a run, since whoever notes them has to tell people.
        raise NotLookedError(str(error)) from error
    guard.keep_observations()
    return {item.source_id: item.fingerprint for item in items}
