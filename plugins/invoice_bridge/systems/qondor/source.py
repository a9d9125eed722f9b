"""Qondor as a source: its queue, its payments as documents, what is reported back (seed 001, contract qondor.md)."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from invoice_bridge.hooks.qondor.hook import QondorHook, is_id
from invoice_bridge.systems.qondor.customers import QondorCustomers
from invoice_bridge.systems.qondor.payment import SYSTEM, read_payment
from invoice_bridge.systems.qondor.requeue import QondorRequeue
from invoice_bridge.systems.qondor.sales import QondorSales
from invoice_bridge.systems.source_object import SourceObject
from invoice_bridge_core.documents import DocumentKind
from invoice_bridge_core.documents.document import shorten
from invoice_bridge_core.documents.problems import MESSAGE_LIMIT
from invoice_bridge_core.errors import UnreadableError
from invoice_bridge_core.ports import SourceSystem, WaitingItem

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.documents.facts import DocumentFacts
    from invoice_bridge_core.ports import Attachments, Booking

log = logging.getLogger(__name__)


class QondorRejections:
    """Sets payments as failed, which is final."""

    def __init__(self, hook: QondorHook) -> None:
        self._hook = hook

    def report_rejected(self, document: Document, message: str) -> None:
        """Set it as failed; the message, under 1,000 characters of it, goes to the project manager.

        :raises ValueError: for a card payment, whose money has been taken: it is held, never failed (seed 001, FAQ).
        """
        if document.is_card_payment:
            raise ValueError(f"{document.ref} is a card payment and must never be set as failed")
        self._hook.set_as_failed(document.ref.source_id, shorten(message, MESSAGE_LIMIT))


class QondorSource(SourceSystem):
    """The payments of one Qondor client, which it shows in whatever state they are.

    It is told the finance system's id alone, so any number will do.

    Calls in a run: one list for the queue; for each document that moves, one to read it and one to report it.

    :param timezone: the route's, in which an instant is a day.
    :param offices: whose customers are kept in step; none for all.
    """

    system = SYSTEM
    name = "Qondor"
    reads_cost_calls = True

    def __init__(self, hook: QondorHook, timezone: str = "Europe/Oslo", offices: Sequence[str] = ()) -> None:
        self.customers: QondorCustomers = QondorCustomers(hook, offices)
        self._hook = hook
        self._timezone = timezone
        self.conn_id = hook.conn_id
        self.observations = hook.observations
        self.rejections: QondorRejections = QondorRejections(hook)
        self.requeue: QondorRequeue = QondorRequeue(hook)
        self.sales: QondorSales = QondorSales(hook)

    def waiting(self) -> list[WaitingItem]:
        """Everything that waits, each id once; an entry may be nothing but its id.

        An entry without a usable id is left out with a warning, and counted.

        :raises UnreadableError: none has one.
        """
        items: dict[str, WaitingItem] = {}
        self.unreadable_entries = 0
        entries = self._hook.unprocessed_invoices()
        for position, entry in enumerate(entries, start=1):
            source_id = _id_of(entry)
            if source_id is None:
                log.warning(
                    "Qondor (%s): entry %d of the queue has no usable id and is left out", self.conn_id, position
                )
                self.unreadable_entries += 1
                continue
            items.setdefault(source_id, WaitingItem(source_id, _fingerprint(entry), is_bare=_is_bare(entry)))
        if entries and not items:
            raise UnreadableError(
                f"Qondor ({self.conn_id}) lists {len(entries)} payments, but none with an id that can be used"
            )
        return list(items.values())

    def read(self, source_id: str) -> Document:
        """One payment as Qondor tells it now.

        :raises NotFoundError: no such id.
        :raises UnreadableError: it cannot be told what the payment is; nothing is guessed.
        """
        payment = self._hook.invoice(source_id)
        try:
            return read_payment(payment, conn_id=self.conn_id, source_id=source_id, timezone=self._timezone)
        except UnreadableError as error:
            raise UnreadableError(
                str(error), office_id=_word_of(payment, "officeId"), project_id=_word_of(payment, "projectId")
            ) from error

    def report_transferred(self, document: Document, booking: Booking, attachments: Attachments) -> None:
        """Set it as processed, with the finance system's id as its external reference (seed 002). Safe to repeat."""
        self._hook.set_as_processed(document.ref.source_id, booking.finance_id)

    def report_paid(self, facts: DocumentFacts, paid_on: dt.date, payment_number: str) -> None:
        """Set it as paid on the day on which finance was fully paid (seed 002).

        :raises ValueError: for a card payment, which Qondor knows to be paid.
        """
        if facts.kind is DocumentKind.CARD_PAYMENT:
            raise ValueError(f"{facts.ref} is a card payment and must never be set as paid")
        self._hook.set_as_paid(facts.ref.source_id, paid_on)


_ID_FIELDS = ("id", "invoiceid")


def _id_of(entry: object) -> str | None:
    """The id of an entry of the queue, which is all that may be relied on; the entry may be the bare id."""
    fields = entry if isinstance(entry, Mapping) else {"id": entry}
    source_id = _word_of(fields, "id") or _word_of(fields, "invoiceId")
    return source_id if source_id and is_id(source_id) else None


def _word_of(entry: object, field: str) -> str | None:
    """A field of something that may be no entry at all."""
    try:
        return SourceObject.of(entry, where="entry").code(field)
    except UnreadableError:
        return None


def _is_bare(entry: object) -> bool:
    """Whether an entry tells its id and nothing else."""
    return not isinstance(entry, dict) or all(name.casefold() in _ID_FIELDS for name in entry)


def _fingerprint(entry: object) -> str:
    return hashlib.sha256(json.dumps(entry, sort_keys=True, default=str).encode()).hexdigest()
