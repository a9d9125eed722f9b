"""What a system's answers told one process about the connection to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.ports.pacing import Pacer


@dataclass
class ConnectionObservations:
    """What the answers told one process about a connection.

    :param system: the system's name as people write it.
    :param check: one harmless call that shows whether the credentials work.
    :param day_left: calls left of the day; `None` while no answer told.
    :param accepted: whether any answer showed that the credentials work.
    :param pacer: hands out the connection's calls; `None` while nobody does.
    :param is_read_only: whether nothing may be sent that writes, as in a dry run; else `WriteInDryRunError`.
    :param heeds_read_only: whether the connection's hook keeps to that; else a dry run leaves out all that may write.
    """

    conn_id: str
    system: str
    check: Callable[[], object] = field(repr=False)
    day_left: int | None = None
    accepted: bool = False
    pacer: Pacer | None = field(default=None, repr=False)
    is_read_only: bool = False
    heeds_read_only: bool = False
