"""What a document is, and what was done with it, as the ledger remembers them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa

from invoice_bridge_core.documents import DocumentKind, DocumentRef
from invoice_bridge_core.documents.facts import DocumentFacts
from invoice_bridge_core.documents.search_text import searched_text
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ports import Booking

if TYPE_CHECKING:
    import datetime as dt
    from decimal import Decimal

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


def facts_of(record: sa.RowMapping) -> DocumentFacts:
    """The facts in a row of the table `documents`."""
    return DocumentFacts(
        ref=DocumentRef(system=record["source_system"], conn_id=record["source_conn"], source_id=record["source_id"]),
        kind=DocumentKind(record["kind"]) if record["kind"] is not None else None,
        **{name: record[name] for name in FACT_COLUMNS if name != "kind"},
    )


_REFERENCE = ("source_system", "source_conn", "source_id")


def reference_columns(ref: DocumentRef) -> dict[str, str]:
    """A document's reference as the table `documents` keeps it."""
    return {"source_system": ref.system, "source_conn": ref.conn_id, "source_id": ref.source_id}


def is_document(table: sa.Table, ref: DocumentRef) -> list[sa.ColumnElement[bool]]:
    """The conditions that a row of a table with these columns is of this document."""
    return [table.c[name] == value for name, value in reference_columns(ref).items()]


def is_given_document(table: sa.Table) -> list[sa.ColumnElement[bool]]:
    """The same for a statement that is made once, and sent with `document_parameters`."""
    return [table.c[name] == sa.bindparam(f"of_{name}", type_=table.c[name].type) for name in _REFERENCE]


def document_parameters(ref: DocumentRef) -> dict[str, str]:
    """The parameters of `is_given_document`."""
    return {f"of_{name}": value for name, value in reference_columns(ref).items()}


def fact_columns(facts: DocumentFacts) -> dict[str, Any]:
    """The facts as the table `documents` keeps them, without the reference, and the text that they are searched in."""
    text = searched_text(facts.contact_name, facts.number, facts.ref.source_id)
    return {name: getattr(facts, name) for name in FACT_COLUMNS} | {"search_text": text}


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
    :param state_since: when the state, or what it waits for, began.
    :param aside_by: who deals with it outside, and wants it off the open list; `None` where nobody does.
    :param batch_id: the batch that it was sent in last, until a task of its own takes it up.
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
    state_since: dt.datetime
    aside_at: dt.datetime | None = None
    aside_by: str | None = None
    aside_reason: str | None = None
    batch_id: int | None = None

    @classmethod
    def from_record(cls, record: sa.RowMapping) -> Self:
        """A row of the table `documents`."""
        return cls(
            facts=facts_of(record),
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


@dataclass(frozen=True)
class BookedDocument:
    """A document that is booked, with its booking, which `DocumentRow` may lack. Made by `booked` alone."""

    row: DocumentRow
    booking: Booking


def booked(row: DocumentRow) -> BookedDocument | None:
    """The row with its booking; `None` when the document is not booked."""
    return None if row.booking is None else BookedDocument(row, row.booking)


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
    "state_since",
    "aside_at",
    "aside_by",
    "aside_reason",
    "batch_id",
)


def booking_columns(booking: Booking) -> dict[str, Any]:
    """A booking as the table `documents` keeps it."""
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
