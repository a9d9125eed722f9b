"""Whether two customers are one: by tax numbers, e-mail address and name (seed 002, "How contacts are matched").

The transfer chooses contacts by these rules, and the sync of customers pairs both sides by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.comparable import comparable_email, comparable_name
from invoice_bridge_core.documents.tax_numbers import Likeness, compare_tax_numbers

if TYPE_CHECKING:
    from invoice_bridge_core.documents.tax_numbers import TaxNumber


@dataclass(frozen=True)
class Identifiers:
    """What a customer is known by.

    :param names: all that it may be called in the other system; the first is its own.
    :param is_booker: matched by the e-mail address alone (seed 002).
    """

    names: tuple[str, ...] = ()
    email: str | None = None
    tax_numbers: tuple[TaxNumber, ...] = ()
    is_booker: bool = False

    @property
    def comparable_names(self) -> frozenset[str]:
        """The names without regard to case and signs."""
        return frozenset(map(comparable_name, filter(None, self.names)))


def tax_likeness(one: Identifiers, other: Identifiers) -> Likeness:
    """What the tax numbers say of whether the two are one."""
    return compare_tax_numbers(one.tax_numbers, other.tax_numbers)


def is_same_email(one: str | None, other: str | None) -> bool:
    """Whether both are the same address, however their letters and domains are written."""
    compared = comparable_email(one)
    return bool(compared) and compared == comparable_email(other)


def share_email(one: Identifiers, other: Identifiers) -> bool:
    """Whether the two have one address, and are no two companies that only share it, as those of a group do.

    Where a tax number is doubtful, the name decides.
    """
    if not is_same_email(one.email, other.email):
        return False
    if one.is_booker or other.is_booker:
        return True
    likeness = tax_likeness(one, other)
    return likeness in (Likeness.SAME, Likeness.UNKNOWN) or (likeness is Likeness.DOUBTFUL and share_name(one, other))


def share_name(one: Identifiers, other: Identifiers) -> bool:
    """Whether both are called the same, capitals, blanks and signs aside."""
    return not one.comparable_names.isdisjoint(other.comparable_names)


def are_namesakes(one: Identifiers, other: Identifiers, *, is_anothers: bool) -> bool:
    """Whether the two are called the same, and nothing says that they are not one.

    Tax numbers that differ say so, doubtful ones too; so do two e-mail addresses, and the key of another customer.

    :param is_anothers: whether one of them carries the key of somebody else.
    """
    if not share_name(one, other):
        return False
    likeness = tax_likeness(one, other)
    if likeness is Likeness.SAME:
        return True
    has_other_email = bool(one.email and other.email) and not is_same_email(one.email, other.email)
    return likeness is Likeness.UNKNOWN and not is_anothers and not has_other_email
