"""One booking of finance as a sale: what finance says of it now, and what the source was shown."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from invoice_bridge_core.documents import format_amount

if TYPE_CHECKING:
    import datetime as dt
    from decimal import Decimal

    import sqlalchemy as sa

INSERT, UPDATE = "insert", "update"
"""What may be intended for a sale."""


class Gone(StrEnum):
    """How a booking is no longer there."""

    VOIDED = "voided"
    DELETED = "deleted"
    ELSEWHERE = "no longer of the project"


@dataclass(frozen=True)
class SaleKey:
    """Names a sale: the source connection that shows it, and the booking that it shows."""

    source_conn: str
    finance_conn: str
    finance_id: str

    @property
    def external_reference(self) -> str:
        """Our name for it in the source; persistent."""
        return f"{self.finance_conn}:{self.finance_id}"


@dataclass(frozen=True)
class SaleFacts:
    """What finance says of a booking, and which project it belongs to. Amounts are positive.

    :param document_id: the ledger's own id of the document, where we booked it.
    :param project_id: the source's id of the project; `None` while it is not known.
    :param project_number: the project's number as it was found in finance, of what others booked.
    :param kind: as the route's `sales.kinds` names them.
    :param amount_excl_vat: `None` where finance does not tell it.
    """

    key: SaleKey
    source_system: str
    kind: str
    number: str
    currency: str
    amount_incl_vat: Decimal
    amount_excl_vat: Decimal | None = None
    document_id: int | None = None
    project_id: str | None = None
    project_number: str | None = None
    issued_on: dt.date | None = None
    due_date: dt.date | None = None
    is_paid: bool = False
    paid_on: dt.date | None = None
    gone: Gone | None = None

    @property
    def label(self) -> str:
        """The name of its task: `T-1 · project 5501 · 10 000.00 NOK`."""
        sign = "-" if self.kind == "credit_note" else ""
        project = self.project_id or self.project_number or "unknown"
        return f"{self.number} · project {project} · {sign}{format_amount(self.amount_incl_vat)} {self.currency}"


@dataclass(frozen=True)
class SaleRow:
    """Everything that the ledger knows of one sale.

    :param fingerprint: of what the source should show; `told_fingerprint` is of what it was shown last.
    :param reason: why it could not be shown; a person has to look.
    :param announced: what people were told of it last, so that it is said once.
    :param intent: `insert` or `update`: sent, or about to be, and not known to have been done.
    """

    id: int
    facts: SaleFacts
    route: str
    fingerprint: str
    told_fingerprint: str | None
    told_at: dt.datetime | None
    seen_at: dt.datetime
    reason: str | None
    reason_at: dt.datetime | None
    announced: str | None
    lease_owner: str | None
    intent: str | None
    intent_fingerprint: str | None
    intent_at: dt.datetime | None

    @classmethod
    def from_record(cls, record: sa.RowMapping) -> Self:
        """A row of the table `sales`."""
        key = SaleKey(record["source_conn"], record["finance_conn"], record["finance_id"])
        gone = Gone(record["gone"]) if record["gone"] else None
        facts = SaleFacts(key=key, gone=gone, **{name: record[name] for name in _PLAIN_FACTS})
        return cls(facts=facts, **{name: record[name] for name in _PLAIN})

    @property
    def key(self) -> SaleKey:
        """What names it."""
        return self.facts.key

    @property
    def label(self) -> str:
        """The name of its task."""
        return self.facts.label

    @property
    def is_never_shown(self) -> bool:
        """Whether the source has certainly never had it."""
        return self.told_fingerprint is None and self.intent is None

    @property
    def is_whole(self) -> bool:
        """Whether all amounts are known."""
        return self.facts.amount_excl_vat is not None or self.facts.gone is not None

    @property
    def has_news(self) -> bool:
        """Whether the source shows, or may show, something else than finance says.

        What was gone before it was ever shown is no news, and what has no project has no place.
        """
        if self.intent is not None:
            return True
        if self.facts.project_id is None or (self.is_never_shown and self.facts.gone is not None):
            return False
        return self.told_fingerprint != self.fingerprint


_PLAIN_FACTS = tuple(field.name for field in fields(SaleFacts) if field.name not in ("key", "gone"))
_PLAIN = tuple(field.name for field in fields(SaleRow) if field.name != "facts")


def key_columns(key: SaleKey) -> dict[str, Any]:
    """The columns that name a sale."""
    return {"source_conn": key.source_conn, "finance_conn": key.finance_conn, "finance_id": key.finance_id}


def fact_columns(facts: SaleFacts) -> dict[str, Any]:
    """The facts as the table keeps them."""
    plain = {name: getattr(facts, name) for name in _PLAIN_FACTS}
    return {**key_columns(facts.key), **plain, "gone": str(facts.gone) if facts.gone else None}
