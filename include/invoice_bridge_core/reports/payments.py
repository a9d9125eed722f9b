"""What a payment run found, in one table for people."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import format_amount
from invoice_bridge_core.payments.findings import Finding, finding, for_a_person
from invoice_bridge_core.reports.text_table import listed, sentences, totals_table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.routes.model import Route


def news_for_people(entries: Sequence[PaymentStatusRow], route: Route) -> dict[int, str | None]:
    """What has changed in what somebody has to look at, by the row's id; `None` where nobody has to look now."""
    texts = {entry.row.id: for_a_person(entry, route) for entry in entries}
    known = {entry.row.id: entry.announced for entry in entries}
    return {row_id: text for row_id, text in texts.items() if text != known[row_id]}


def untold(entries: Sequence[PaymentStatusRow], route: Route, source_ids: Collection[str]) -> list[PaymentStatusRow]:
    """Those of these documents whose source was not told of their payment.

    :param entries: the route's documents whose payment is not over.
    """
    return [
        entry
        for entry in entries
        if entry.row.ref.source_id in source_ids and finding(entry, route) is Finding.TO_REPORT
    ]


def payments_text(
    route: Route, entries: Sequence[PaymentStatusRow], news: Mapping[int, str | None], left: Sequence[str] = ()
) -> str:
    """The table finding × count × sum per currency, then part payments, then what somebody has to look at, once.

    :param entries: the documents whose payment is not over, and those that were told in this run.
    :param left: what was not done in this run, and why.
    """
    parts = [f"Route {route.route}: {len(entries)} booked documents"]
    if entries:
        found = [(finding(entry, route), entry.row) for entry in entries]
        totals = [(one, row.currency or "", row.signed_total or Decimal(0)) for one, row in found]
        parts += totals_table("payment", totals)
    in_part = [(entry.row.label, text) for entry in entries if (text := _part(entry, route)) is not None]
    parts += listed("Paid in part, so nothing was told:", in_part)
    told = [(entry, text) for entry in entries if (text := news.get(entry.row.id)) is not None]
    for title, is_told in (("Reported as paid, with a remark:", True), ("Somebody has to look at:", False)):
        of_these = [(entry.row.label, text) for entry, text in told if (entry.told_on is not None) is is_told]
        parts += listed(title, of_these)
    told_before = sum(for_a_person(entry, route) is not None and entry.row.id not in news for entry in entries)
    if told_before:
        parts.append(f"{told_before} more were listed in earlier runs and still wait for somebody")
    parts += sentences("Left for now:", left)
    return "\n".join(parts)


def _part(entry: PaymentStatusRow, route: Route) -> str | None:
    """What is paid of a document that is paid in part; `None` of any other."""
    booking_status = entry.booking_status
    if booking_status is None or finding(entry, route) is not Finding.PART_PAID:
        return None
    paid = format_amount(booking_status.paid + booking_status.credited)
    return f"{paid} of {format_amount(booking_status.booking.to_pay)} {entry.row.currency}"
