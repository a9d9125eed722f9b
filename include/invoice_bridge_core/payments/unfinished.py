"""Which documents' payments are not over yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.ledger.payments.conditions import InPlay
from invoice_bridge_core.payments.findings import for_a_person, kinds_left
from invoice_bridge_core.payments.what_counts import as_it_counts

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from invoice_bridge_core.ledger import Ledger
    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.routes.model import Route


def unfinished_payments(
    ledger: Ledger, route: Route, told_since: dt.datetime | None = None, wanted: InPlay = InPlay.ALL
) -> list[PaymentStatusRow]:
    """The documents of a route whose payment is not over, and those whose source was told since a moment; oldest first.

    What was paid too much is over when people were told by how much.
    A document that an older route dealt with belongs to the route whose filters choose it now.

    :param told_since: with those that were told since this moment.
    :param wanted: only this part of them.
    """
    found = ledger.payments.unfinished(
        route.source.system,
        route.source.conn_id,
        route.finance.conn_id,
        kinds_left=kinds_left(route),
        told_since=told_since,
        wanted=wanted,
    )
    return list(_not_over(found, route, told_since))


def each_unfinished_payment(ledger: Ledger, route: Route) -> Iterator[PaymentStatusRow]:
    """The documents of a route whose payment is not over, of which few are in memory at a time; oldest first."""
    source, finance = route.source, route.finance
    found = ledger.payments.each_unfinished(
        source.system, source.conn_id, finance.conn_id, kinds_left=kinds_left(route)
    )
    return _not_over(found, route, None)


def _not_over(
    found: Iterable[PaymentStatusRow], route: Route, told_since: dt.datetime | None
) -> Iterator[PaymentStatusRow]:
    for entry in (as_it_counts(each, route) for each in found):
        if is_of_route(entry, route) and not _is_over(entry, route, told_since):
            yield entry


def changed_bookings(ledger: Ledger, route: Route) -> list[PaymentStatusRow]:
    """The reported documents of a route that finance has under another number than the ledger, or no longer as drafts.

    A number may change after the payment is over, too.
    """
    whose = (route.source.system, route.source.conn_id, route.finance.conn_id)
    found = {
        entry.row.id: entry for entry in (*ledger.payments.renumbered(*whose), *ledger.payments.became_real(*whose))
    }
    return [entry for entry in found.values() if is_of_route(entry, route)]


def is_of_route(entry: PaymentStatusRow, route: Route) -> bool:
    """Whether the route deals with the document: it did last, or its filters choose it now."""
    facts = entry.row.facts
    return entry.row.route == route.route or route.selects(facts.office_id, facts.project_id)


def _is_over(entry: PaymentStatusRow, route: Route, told_since: dt.datetime | None) -> bool:
    if entry.told_at is None or entry.booking_status is None or not entry.booking_status.is_paid_in_full:
        return False
    if told_since is not None and entry.told_at >= told_since:
        return False
    return for_a_person(entry, route) in (None, entry.announced)
