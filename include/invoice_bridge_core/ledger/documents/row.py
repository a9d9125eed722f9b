"""What a document is, and what was done with it, as the ledger remembers them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from invoice_bridge_core.documents import Document, DocumentKind, DocumentRef, format_amount
from invoice_bridge_core.documents.document import shorten
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ports import Booking

if TYPE_CHECKING:
    import datetime as dt
    from decimal import Decimal

    import sqlalchemy as sa


@dataclass(frozen=True)
class DocumentFacts:
    """What the source said of a document when it was read last; all `None` of one that was never readable.

    :param total: including VAT, in the document's currency; positive for credit notes too.
    :param payload_hash: changes when the source's content does.
    :param entry_fingerprint: of the queue's entry; `None` when the document was not met in a queue.
    """

    ref: DocumentRef
    number: str | None = None
    kind: DocumentKind | None = None
    document_date: dt.date | None = None
    currency: str | None = None
    total: Decimal | None = None
    contact_name: str | None = None
    office_id: str | None = None
    project_id: str | None = None
    credited_source_id: str | None = None
    credited_number: str | None = None
    payload_hash: str | None = None
    entry_fingerprint: str | None = None

    @classmethod
    def from_document(cls, document: Document, entry_fingerprint: str | None = None) -> Self:
        """The facts of a document that was just read."""
        return cls(
            ref=document.ref,
            number=document.number,
            kind=document.kind,
            document_date=document.invoice_date,
            currency=document.currency,
            total=document.total_incl_vat,
            contact_name=document.party.name if document.party else None,
            office_id=document.office_id,
            project_id=document.project_id,
            credited_source_id=document.credited_source_id,
            credited_number=document.credited_number,
            payload_hash=document.payload_hash,
            entry_fingerprint=entry_fingerprint,
        )

    @classmethod
    def unreadable(
        cls,
        ref: DocumentRef,
        entry_fingerprint: str | None,
        *,
        office_id: str | None = None,
        project_id: str | None = None,
    ) -> Self:
        """An id of the queue behind which no document could be read; whose it is may be known all the same."""
        return cls(ref=ref, entry_fingerprint=entry_fingerprint, office_id=office_id, project_id=project_id)

    @classmethod
    def from_record(cls, record: sa.RowMapping) -> Self:
        """The facts in a row of the table `documents`."""
        return cls(
            ref=DocumentRef(
                system=record["source_system"], conn_id=record["source_conn"], source_id=record["source_id"]
            ),
            kind=DocumentKind(record["kind"]) if record["kind"] is not None else None,
            **{name: record[name] for name in FACT_COLUMNS if name != "kind"},
        )

    @property
    def is_readable(self) -> bool:
        """Whether the document was ever read."""
        return self.payload_hash is not None

    @property
    def signed_total(self) -> Decimal | None:
        """The total, negative for a credit note."""
        return -self.total if self.total is not None and self.kind is DocumentKind.CREDIT_NOTE else self.total

    @property
    def label(self) -> str:
        """The name of its task, as `Document.label`; the bare source id while the document is unread."""
        if self.number is None or self.total is None:
            return self.ref.source_id
        sign = "-" if self.kind is DocumentKind.CREDIT_NOTE else ""
        name = shorten(self.contact_name or "no customer", 120)
        return f"{self.number} · {name} · {sign}{format_amount(self.total)} {self.currency or '?'}"

    def columns(self) -> dict[str, Any]:
        """The facts as the table `documents` holds them, without the reference."""
        return {name: getattr(self, name) for name in FACT_COLUMNS}


FACT_COLUMNS = (
    "number",
    "kind",
    "document_date",
    "currency",
    "total",
    "contact_name",
    "office_id",
    "project_id",
    "credited_source_id",
    "credited_number",
    "payload_hash",
    "entry_fingerprint",
)


@dataclass(frozen=True)
class DocumentRow:
    """Everything that the ledger knows of one document. All instants are in UTC.

    :param reason: why it is held, rejected or in doubt, what the last attempt stumbled over, or what was left undone.
    :param route: the route that dealt with it last.
    :param held_fingerprint: of all that the document may be waiting for; `None` when every run has to look again.
    :param announced_at: when people were last told that somebody has to act.
    :param lease_owner: the task that works on it, until `leased_until`.
    :param intent_token: idempotency key of the create that was sent, or was about to be; `None` when none is open.
    :param intent_number: the number that the document was sent under.
    """

    id: int
    facts: DocumentFacts
    state: DocumentState
    reason: str | None
    route: str | None
    held_fingerprint: str | None
    announced_at: dt.datetime | None
    lease_owner: str | None
    leased_until: dt.datetime | None
    intent_token: str | None
    intent_number: str | None
    intent_payload_hash: str | None
    intent_at: dt.datetime | None
    finance_conn: str | None
    booking: Booking | None
    booked_at: dt.datetime | None
    reported_at: dt.datetime | None
    facts_read_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime

    @classmethod
    def from_record(cls, record: sa.RowMapping) -> Self:
        """A row of the table `documents`."""
        return cls(
            facts=DocumentFacts.from_record(record),
            state=DocumentState(record["state"]),
            leased_until=record["lease_until"],
            booking=_booking(record),
            **{name: record[name] for name in _PLAIN_COLUMNS},
        )

    @property
    def ref(self) -> DocumentRef:
        """What names the document everywhere."""
        return self.facts.ref

    @property
    def number(self) -> str | None:
        """The document's number in its source."""
        return self.facts.number

    @property
    def label(self) -> str:
        """The name of its task: `Q-10023 · Acme Events AS · 10 000.00 NOK`; the bare source id while it is unread."""
        return self.facts.label

    @property
    def currency(self) -> str | None:
        """The currency of its amounts."""
        return self.facts.currency

    @property
    def signed_total(self) -> Decimal | None:
        """Including VAT; negative for a credit note, `None` while the document is unread."""
        return self.facts.signed_total

    @property
    def credited_source_id(self) -> str | None:
        """The source's id of the invoice that a credit note names."""
        return self.facts.credited_source_id

    @property
    def credited_number(self) -> str | None:
        """The number of the invoice that a credit note names."""
        return self.facts.credited_number


_PLAIN_COLUMNS = (
    "id",
    "reason",
    "route",
    "held_fingerprint",
    "announced_at",
    "lease_owner",
    "intent_token",
    "intent_number",
    "intent_payload_hash",
    "intent_at",
    "finance_conn",
    "booked_at",
    "reported_at",
    "facts_read_at",
    "created_at",
    "updated_at",
)


def booking_columns(booking: Booking) -> dict[str, Any]:
    """A booking as the table `documents` holds it."""
    return {
        "finance_id": booking.finance_id,
        "finance_number": booking.number,
        "finance_status": booking.status,
        "finance_contact_id": booking.contact_id,
        "finance_currency": booking.currency,
        "finance_total": booking.total,
        "finance_tax_reduction": booking.tax_reduction,
        "finance_marker": booking.marker,
        "finance_due_date": booking.due_date,
        "finance_is_draft": booking.is_draft,
        "finance_customer_code": booking.customer_code,
        "finance_link": booking.link,
        "finance_warnings": list(booking.warnings),
    }


def _booking(record: sa.RowMapping) -> Booking | None:
    if record["finance_id"] is None:
        return None
    return Booking(
        finance_id=record["finance_id"],
        number=record["finance_number"],
        status=record["finance_status"],
        contact_id=record["finance_contact_id"],
        currency=record["finance_currency"],
        total=record["finance_total"],
        tax_reduction=record["finance_tax_reduction"],
        marker=record["finance_marker"],
        due_date=record["finance_due_date"],
        is_draft=record["finance_is_draft"],
        customer_code=record["finance_customer_code"],
        link=record["finance_link"],
        warnings=tuple(record["finance_warnings"] or ()),
    )
