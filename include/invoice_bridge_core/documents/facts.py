"""What a source said of a document, in the few words that decide about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from invoice_bridge_core.documents.document import LABEL_NAME, Document, DocumentKind, DocumentRef, shorten
from invoice_bridge_core.documents.money import format_amount

if TYPE_CHECKING:
    import datetime as dt
    from decimal import Decimal


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
        name = shorten(self.contact_name or "no customer", LABEL_NAME)
        return f"{self.number} · {name} · {sign}{format_amount(self.total)} {self.currency or '?'}"
