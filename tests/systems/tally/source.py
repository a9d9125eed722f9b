"""Tally as a source system."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoice_bridge.systems.payload import hashed
from invoice_bridge_core.documents import Document, DocumentKind, DocumentRef, Line, Party, SourceState
from invoice_bridge_core.errors import NotFoundError
from invoice_bridge_core.ports import SourceSystem, WaitingItem
from invoice_bridge_core.ports.observations import ConnectionObservations
from tests.systems.tally.files import put, rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge_core.documents.facts import DocumentFacts
    from invoice_bridge_core.ports import Attachments, Booking
    from tests.systems.tally.settings import TallySourceSettings


class TallySource(SourceSystem):
    """Documents that Tally shows in whatever state they are."""

    system = "tally"
    name = "Tally"

    def __init__(self, settings: TallySourceSettings) -> None:
        self.conn_id = settings.conn_id
        self.observations = ConnectionObservations(self.conn_id, self.name, check=self.waiting)
        self._file = Path(settings.folder) / "documents.json"

    def waiting(self) -> Sequence[WaitingItem]:
        rows = rows_of(self._file)
        return [
            WaitingItem(source_id, json.dumps(row))
            for source_id, row in rows.items()
            if row["state"] == SourceState.WAITING
        ]

    def read(self, source_id: str) -> Document:
        row = self._row(source_id)
        total = Decimal(row["total"])
        return hashed(
            Document(
                ref=DocumentRef(system=self.system, conn_id=self.conn_id, source_id=source_id),
                number=row["number"],
                kind=DocumentKind.FORM_INVOICE,
                state=SourceState(row["state"]),
                source_reference=row["reference"],
                invoice_date=dt.date.fromisoformat(row["date"]),
                currency="NOK",
                party=Party(key=row["customer"], name=row["customer"]),
                lines=(Line(description="All of it", total_incl_vat=total),),
                total_incl_vat=total,
                payload_hash="",
            )
        )

    def report_transferred(self, document: Document, booking: Booking, attachments: Attachments) -> None:
        self._tell(document.ref.source_id, state=SourceState.PROCESSED, reference=booking.finance_id)

    def report_paid(self, facts: DocumentFacts, paid_on: dt.date, payment_number: str) -> None:
        self._tell(facts.ref.source_id, state=SourceState.PAID)

    def _row(self, source_id: str) -> dict[str, Any]:
        row = rows_of(self._file).get(source_id)
        if row is None:
            raise NotFoundError(f"Tally has no document {source_id}")
        return row

    def _tell(self, source_id: str, **told: str) -> None:
        put(self._file, source_id, {**self._row(source_id), **told})
