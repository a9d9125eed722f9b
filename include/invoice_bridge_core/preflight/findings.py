"""What a preflight tells: each cause once, with its documents, their number and their sums."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import format_amount

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from invoice_bridge_core.preflight.causes import Cause, Keeps


class Severity(StrEnum):
    """How much a finding keeps."""

    STOPS = "stops"
    """Nothing of the route moves."""
    HOLDS = "holds"
    """The documents that it names do not move."""
    NOTE = "note"
    """Nothing is kept by it, yet somebody should know."""


@dataclass(frozen=True)
class Sum:
    """Amounts in one currency.

    :param currency: `None` for documents whose amount nobody knows yet.
    :param total: credit notes count below 0.
    """

    currency: str | None
    total: Decimal
    count: int


@dataclass(frozen=True)
class KeptDocument:
    """A document that does not move.

    :param ref: its whole reference.
    :param total: including VAT, negative for a credit note; `None` while it is unread.
    :param is_woken: the next run tries it again whatever happens until then.
    :param is_untried: it is in the queue, and no run has tried it, so that the ledger knows nothing of what keeps it.
    """

    ref: str
    label: str
    state: str
    total: Decimal | None
    currency: str | None
    keeps: frozenset[Keeps]
    reason: str = ""
    is_woken: bool = False
    is_untried: bool = False


@dataclass(frozen=True)
class Proposal:
    """An account that fits an article, and why."""

    article: str
    account_code: str
    label: str
    why: str


@dataclass(frozen=True)
class Part:
    """One of the things of a finding, such as one article, with the documents that it keeps.

    :param reason: what the desk's list is filtered by to show them.
    """

    name: str
    documents: int
    sums: tuple[Sum, ...]
    reason: str = ""


@dataclass(frozen=True)
class Finding:
    """One cause.

    :param text: what is so, with counts and sums.
    :param parts: the things that are to be mended, those that keep most documents first.
    :param states: in which the ledger has its documents.
    :param reasons: what the desk's list is filtered by to show them.
    :param listed: how many of them that list has; the others are in the queue, and no run has tried them.
    """

    cause: Cause
    severity: Severity
    text: str
    what_to_do: str
    documents: int = 0
    sums: tuple[Sum, ...] = ()
    parts: tuple[Part, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    states: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    listed: int = 0


@dataclass(frozen=True)
class Limit:
    """What one connection may still be called.

    :param day_left: calls that are left of the day, as far as its system tells; `None`: it does not.
    """

    conn_id: str
    system: str
    text: str
    day_left: int | None = None
    day_size: int | None = None
    told_at: dt.datetime | None = None


@dataclass
class Preflight:
    """Everything that keeps the documents of a route from moving.

    :param documents: how many do not move, each counted once whatever keeps it.
    :param free: how many of the queue would move, as far as they were looked at.
    :param unread: how many of the queue nobody looked at, since a look costs calls.
    """

    route: str
    findings: list[Finding] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)
    documents: int = 0
    sums: tuple[Sum, ...] = ()
    free: int = 0
    free_sums: tuple[Sum, ...] = ()
    unread: int = 0

    @property
    def keeps_any(self) -> bool:
        """Whether anything keeps documents from moving, now or when the next one comes."""
        return any(finding.severity is not Severity.NOTE for finding in self.findings)


def sums_of(documents: Iterable[KeptDocument]) -> tuple[Sum, ...]:
    """The sums by currency, by their names; what has no amount comes last."""
    totals: defaultdict[str | None, list[Decimal]] = defaultdict(list)
    for one in documents:
        known = one.total is not None and one.currency is not None
        totals[one.currency if known else None].append(one.total if known and one.total is not None else Decimal(0))
    return tuple(
        Sum(currency, sum(amounts, Decimal(0)), len(amounts))
        for currency, amounts in sorted(totals.items(), key=lambda item: (item[0] is None, item[0] or ""))
    )


def counted(number: int, thing: str) -> str:
    """`1 document`, `7 documents`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def sums_text(sums: Sequence[Sum]) -> str:
    """`84 300.00 SEK and 100.00 EUR`; empty where no amount is known."""
    return " and ".join(f"{format_amount(one.total)} {one.currency}" for one in sums if one.currency is not None)


def documents_text(number: int, sums: Sequence[Sum]) -> str:
    """`7 documents, 84 300.00 SEK`."""
    return ", ".join(filter(None, (counted(number, "document"), sums_text(sums))))
