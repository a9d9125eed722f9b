"""How long the ledger keeps the history of what is finished, as an environment variable says it."""

from __future__ import annotations

import datetime as dt
import logging
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import Ledger

HISTORY_DAYS = "INVOICE_BRIDGE_HISTORY_DAYS"
"""For so many days; for ever without it."""

log = logging.getLogger(__name__)


def keep_up(ledger: Ledger) -> None:
    """Remove a few of the lines that are kept no longer; nothing where no number of days is set."""
    days = _days(os.environ.get(HISTORY_DAYS, "").strip())
    if days is None:
        return
    if removed := ledger.prune_history(dt.timedelta(days=days)):
        log.info("%d lines of the history of finished documents are older than %d days and were removed", removed, days)


def _days(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or int(text) == 0 or len(text) > 5:
        log.warning("%s is %r, which is no number of days: the history is kept for ever", HISTORY_DAYS, text)
        return None
    return int(text)
