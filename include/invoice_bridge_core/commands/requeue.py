"""A person puts a document back into its source's queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.commands.documents import one_named
from invoice_bridge_core.commands.resolution import person, route_of
from invoice_bridge_core.transfer.requeue import Requeueing, stated_reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.ledger import Ledger
    from invoice_bridge_core.ports import FinanceSystem, SourceSystem
    from invoice_bridge_core.routes.model import Route


def requeue(
    ledger: Ledger,
    name: str,
    reason: str,
    *,
    by: str | None = None,
    open_finance: Callable[[Route, Ledger], FinanceSystem],
    open_source: Callable[[Route, Ledger], SourceSystem],
) -> str:
    """Put the document of this name back, if both systems allow it; returns what was done.

    :param reason: why, as the history keeps it.
    :param by: who says so; the login name when it is `None`.
    :raises UnknownNameError: no document has this name, or several have.
    :raises NotResolvedError: a rule forbids it, or it cannot be checked.
    :raises ConfigurationError: the document's route is not enabled, or its connection is wrong.
    """
    who, why = person(by), stated_reason(reason)
    row = one_named(ledger, name)
    route = route_of(row)
    requeueing = Requeueing(
        route=route, source=open_source(route, ledger), finance=open_finance(route, ledger), ledger=ledger, by=who
    )
    return requeueing.requeue(row, why)
