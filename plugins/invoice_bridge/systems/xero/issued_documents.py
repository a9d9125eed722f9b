"""What Xero has issued, ours and others', with all that a sale needs (contract xero.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge.hooks.xero.wire import XeroCreditNote
from invoice_bridge_core.ports.finance.issued_documents import IssuedChanges, IssuedDocument

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from decimal import Decimal

    from invoice_bridge.hooks.xero.wire import XeroInvoice
    from invoice_bridge.systems.xero.booking_status import BookingStatusReader


class XeroIssuedDocuments:
    """Invoices and credit notes of one organisation.

    Calls of a poll: two for a thousand changed invoices and credit notes each, one for 40 that are asked by id.

    :param reader: asks for credit notes too, and for line items where `project_in` is `tracking`.
    :param project_in: where others name their project; `None`: nowhere.
    """

    tells_changes = True
    tells_payments = True

    def __init__(self, reader: BookingStatusReader, project_in: str | None) -> None:
        self._reader = reader
        self._project_in = project_in

    def changes(self, cursor: str | None, since: dt.datetime) -> IssuedChanges:
        """Everything that changed since the cursor, drafts left out."""
        found, newest = self._reader.changed(cursor, since)
        once = {each.finance_id: each for each in found}
        return IssuedChanges(tuple(self._issued(each) for each in once.values()), newest)

    def by_id(self, finance_ids: Sequence[str]) -> dict[str, IssuedDocument]:
        """The invoices and credit notes of these ids, whatever became of them: 40 and 20 a call."""
        issued = [self._issued(each) for each in self._reader.with_ids(finance_ids)]
        return {one.status.booking.finance_id: one for one in issued}

    def _issued(self, found: XeroInvoice | XeroCreditNote) -> IssuedDocument:
        return IssuedDocument(
            status=self._reader.status_of(found),
            is_credit_note=isinstance(found, XeroCreditNote),
            on=found.date,
            total_excl_vat=_total_excl_vat(found),
            project_texts=self._project_texts(found),
        )

    def _project_texts(self, found: XeroInvoice | XeroCreditNote) -> tuple[str, ...]:
        if self._project_in == "reference":
            return (found.reference,) if found.reference else ()
        if self._project_in == "tracking":
            return tuple(one.option for line in found.line_items or () for one in line.tracking or () if one.option)
        return ()


def _total_excl_vat(found: XeroInvoice | XeroCreditNote) -> Decimal | None:
    if found.sub_total is not None or found.total is None or found.total_tax is None:
        return found.sub_total
    return found.total - found.total_tax
