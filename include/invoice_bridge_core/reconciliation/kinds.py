"""The words of a reconciliation: what can differ, and how urgent it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Who has to care, the most urgent first."""

    CONTRADICTION = "look at"
    """The sides contradict each other, and a person has to decide."""
    OPEN = "open"
    """The document has not come to its end; its transfer said why, and whom it waits for."""
    PASSING = "passing"
    """A later run puts it right."""
    NONE = "agrees"


class Kind(StrEnum):
    """The kinds of difference, as the reports name them; the words are a public interface."""

    MISSING_IN_SOURCE = "missing in source"
    MISSING_IN_LEDGER = "missing in ledger"
    MISSING_IN_FINANCE = "missing in finance"
    TWICE = "booked twice"
    GONE = "voided in finance"
    TOTAL = "total differs"
    CURRENCY = "currency differs"
    CONTACT = "contact differs"
    NUMBER = "number differs"
    STATUS = "status differs"
    NO_REFERENCE = "no reference"
    OTHER_REFERENCE = "other reference"
    PAID_IN_FINANCE = "paid in finance only"
    PAID_IN_SOURCE = "paid in source only"
    SALE_MISSING = "sale missing"
    SALE_TWICE = "sale twice"
    SALE_DIFFERS = "sale differs"
    UNREADABLE = "unreadable"
    IN_DOUBT = "in doubt"
    REJECTED = "rejected"
    HELD = "held"
    WAITING = "waiting"


@dataclass(frozen=True)
class Difference:
    """One thing that does not agree.

    :param text: what each side says.
    :param next_step: what to do about it.
    """

    kind: Kind
    severity: Severity
    text: str
    next_step: str
