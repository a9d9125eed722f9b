"""The task that books ahead, as its operator carries it out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from invoice_bridge_core.transfer.ahead.book_ahead import BookAhead
from invoice_bridge_core.transfer.ahead.member import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.transfer.ahead.book_ahead import AheadSummary
    from invoice_bridge_core.transfer.queue import Selection
    from tests.world import World


def book_ahead(
    world: World, run_key: str, selection: Selection, sleep: Callable[[float], None] = time.sleep
) -> AheadSummary:
    """One try at booking what the queue step has chosen, many in a call, in the names of the documents' own tasks.

    :param sleep: waits so many seconds.
    """
    session = world.session()
    ahead = BookAhead(session, run_key, actor=f"{run_key}/book_ahead", sleep=sleep)
    invoices, credit_notes = (
        [Wanted(each.ref, f"{run_key}/transfer/{each.ref.source_id}") for each in chosen]
        for chosen in (selection.invoices, selection.credit_notes)
    )
    try:
        return ahead.book(invoices, credit_notes)
    finally:
        session.guard.keep_observations()
