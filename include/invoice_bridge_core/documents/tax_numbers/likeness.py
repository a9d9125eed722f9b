"""Whether two tax numbers name one company."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.tax_numbers.number import read_tax_number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from invoice_bridge_core.documents.tax_numbers.forms import Core
    from invoice_bridge_core.documents.tax_numbers.number import TaxNumber


class Likeness(StrEnum):
    """What two customers' tax numbers say of whether they are one."""

    SAME = "same"
    UNKNOWN = "unknown"
    """One of them has none."""
    DOUBTFUL = "doubtful"
    """They differ, but at least one has wrong check digits, or a form that nobody knows."""
    DIFFERENT = "different"


def compare_tax_numbers(ours: Iterable[TaxNumber], theirs: Iterable[TaxNumber]) -> Likeness:
    """Compare two customers by all of their numbers; one number in common is enough."""
    pairs = [_compare(one, other) for one in ours for other in tuple(theirs)]
    for likeness in (Likeness.SAME, Likeness.DIFFERENT, Likeness.DOUBTFUL):
        if likeness in pairs:
            return likeness
    return Likeness.UNKNOWN


def same_tax_number(one: str, other: str, *, country: str | None = None, other_country: str | None = None) -> bool:
    """Whether two texts name the same company; each with the country of its owner's address."""
    first, second = read_tax_number(one, country), read_tax_number(other, other_country)
    return first is not None and second is not None and _compare(first, second) is Likeness.SAME


@lru_cache(maxsize=8192)
def _compare(one: TaxNumber, other: TaxNumber) -> Likeness:
    if _is_same(one, other):
        return Likeness.SAME
    if one.is_certain and other.is_certain:
        return Likeness.DIFFERENT
    countries = {country for country, _ in one.readings} & {country for country, _ in other.readings}
    return Likeness.DIFFERENT if countries else Likeness.DOUBTFUL


def _is_same(one: TaxNumber, other: TaxNumber) -> bool:
    if one.country and other.country:
        return one.country == other.country and _share(one.cores, other.cores)
    if one.country or other.country:
        known, unknown = (one, other) if one.country else (other, one)
        # A number without a country is read as the other's country writes it.
        return _share(known.cores, unknown.cores_in(known.country)) or known.number == unknown.number
    return one.number == other.number or any(
        country == other_country and _share((core,), (other_core,))
        for country, core in one.readings
        for other_country, other_core in other.readings
    )


def _share(ours: Iterable[Core], theirs: Iterable[Core]) -> bool:
    return any(
        one.digits == other.digits and (not one.part or not other.part or one.part == other.part)
        for one in ours
        for other in tuple(theirs)
    )
