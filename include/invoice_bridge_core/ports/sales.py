"""What a source shows of the documents that finance has sent: its sales."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from decimal import Decimal


@dataclass(frozen=True)
class Sale:
    """One document of finance, as the source shows it in a project. Amounts are in `currency`, a credit's negative.

    :param external_reference: our own name for it, which never changes: the finance connection and finance's id.
    :param number: the document's number in finance.
    :param on: the document's date.
    :param paid_on: the day on which it was paid in full; `None` where it is not paid.
    :param sale_id: the source's own id of it, where it tells one.
    """

    project_id: str
    external_reference: str
    number: str
    description: str
    on: dt.date | None
    due_date: dt.date | None
    currency: str
    amount_excl_vat: Decimal | None
    amount_incl_vat: Decimal
    is_paid: bool = False
    paid_on: dt.date | None = None
    sale_id: str | None = field(default=None, compare=False)


class SaleRegister(Protocol):
    """The sales of a source."""

    def with_reference(self, external_reference: str) -> Sequence[Sale]:
        """The sales under our reference: one or none, unless somebody made another one. At most two calls.

        :raises UnreadableError: what the source answers is no sale; nothing is guessed.
        """

    def of_project(self, project_id: str) -> Sequence[Sale]:
        """All sales of a project that carry an external reference, ours and others'; none of an unknown project."""

    def insert(self, sale: Sale) -> None:
        """Make it. The source may keep doubles: look before a second time.

        :raises RefusedError: the source says no.
        :raises OutcomeUnknownError: it may have been made.
        """

    def update(self, sale: Sale) -> None:
        """Let the sale of this reference become what is given here, all of it.

        :raises NotFoundError: there is none under the reference.
        :raises RefusedError: the source says no.
        :raises OutcomeUnknownError: it may have been updated.
        """
