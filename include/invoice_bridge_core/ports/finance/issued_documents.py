"""Invoices and credit notes as finance has issued them, with all that a sale of the source needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from decimal import Decimal

    from invoice_bridge_core.ports.booking_status import BookingStatus


@dataclass(frozen=True)
class IssuedDocument:
    """One invoice or credit note, ours or not, as finance has it now.

    :param on: the document's date.
    :param total_excl_vat: without VAT, in the booking's currency, positive for credit notes too; `None`: not told.
    :param tells_payments: whether its status says what is paid.
    :param project_texts: where the route looks for a project's number; empty where it looks nowhere.
    """

    status: BookingStatus
    is_credit_note: bool
    on: dt.date | None
    total_excl_vat: Decimal | None
    tells_payments: bool = True
    project_texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class IssuedChanges:
    """What changed since the last poll, all pages of it, each document once.

    :param cursor: where the next poll begins, in the finance system's own writing; `None` keeps the last one.
    """

    documents: tuple[IssuedDocument, ...] = ()
    cursor: str | None = None


class IssuedDocuments(Protocol):
    """Tells of invoices and credit notes, whoever made them.

    :param tells_changes: whether `changes` tells anything; otherwise only `by_id` can be asked.
    :param tells_payments: whether it says what is paid; otherwise the ledger knows it from its payment polls.
    """

    tells_changes: bool
    tells_payments: bool

    def changes(self, cursor: str | None, since: dt.datetime) -> IssuedChanges:
        """What changed since the last poll: drafts are left out, voided and deleted ones are not.

        :param cursor: what the last poll returned; `None` at the first one.
        :param since: how far back the first poll goes; aware.
        """

    def by_id(self, finance_ids: Sequence[str]) -> dict[str, IssuedDocument]:
        """How these stand now, whatever became of them; what is not there is left out. Few calls.

        :raises ConfigurationError: it knows so few of them that it must have been asked in the wrong place.
        """
