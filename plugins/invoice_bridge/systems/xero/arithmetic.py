"""Xero's arithmetic: what it will make of a document's lines (contract xero.md).

Line amounts have two decimals; tax is taken per line, rounded half-up, and then summed. What that leaves of the
source's total is a rounding line's.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import round_half_up
from invoice_bridge_core.documents.currencies import rounding_unit, smallest_unit
from invoice_bridge_core.documents.money import CENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge_core.documents import Document, Line

_HUNDRED = Decimal(100)


class LineAmountTypes(StrEnum):
    """Whether the line amounts that are sent are without or with VAT."""

    EXCLUSIVE = "Exclusive"
    INCLUSIVE = "Inclusive"


@dataclass(frozen=True)
class Sums:
    """Total with VAT and the VAT in it, in the document's currency."""

    total: Decimal
    vat: Decimal


@dataclass(frozen=True)
class Reckoning:
    """What Xero would compute from a document either way.

    :param choice: the way that comes nearest to the source's sums, or `None` when neither comes near.
    :param exclusive: `None` when a line does not tell its amount without VAT.
    :param rounding: what the chosen way is short of the source's total; below 0 where it is more. Only a line of that
        amount makes the totals equal.
    """

    choice: LineAmountTypes | None
    exclusive: Sums | None
    inclusive: Sums
    rounding: Decimal = Decimal(0)


def reckon(document: Document, rates: Sequence[Decimal], tolerance: Decimal) -> Reckoning:
    """Choose how the lines are sent: without VAT when that gives the source's sums exactly, else with VAT.

    :param rates: VAT in percent that Xero will take for each priced line, from the line's account.
    :param tolerance: how far the lines may be from the source's total, in the document's currency.
    """
    exclusive = _exclusive_sums(document, rates)
    with_vat = [round_half_up(line.total_incl_vat) for line in document.priced_lines]
    inclusive = _add_up(with_vat, rates, LineAmountTypes.INCLUSIVE)
    choice = _choice(document, exclusive, inclusive, tolerance)
    if choice is None:
        return Reckoning(None, exclusive, inclusive)
    chosen = exclusive if choice is LineAmountTypes.EXCLUSIVE and exclusive is not None else inclusive
    return Reckoning(choice, exclusive, inclusive, total_in_cents(document) - chosen.total)


def total_in_cents(document: Document) -> Decimal:
    """The source's total as Xero can hold it, which has two decimals of any currency."""
    return round_half_up(document.total_incl_vat)


def stated_total(document: Document) -> Decimal:
    """The source's total in the smallest unit of its currency."""
    return round_half_up(document.total_incl_vat, smallest_unit(document.currency))


def line_amount(line: Line, rate: Decimal, amount_types: LineAmountTypes) -> Decimal | None:
    """The line's amount as Xero is to hold it, two decimals; `None` when the line does not tell it."""
    if amount_types is LineAmountTypes.INCLUSIVE:
        return round_half_up(line.total_incl_vat)
    if line.total_excl_vat is not None:
        return round_half_up(line.total_excl_vat)
    if line.vat_amount is not None:
        return round_half_up(line.total_incl_vat - line.vat_amount)
    return round_half_up(line.total_incl_vat) if rate == 0 else None


def stated_vat(document: Document) -> Decimal | None:
    """The document's VAT by the source's account: its own sum, else that of its lines if all tell it."""
    if document.vat_amount is not None:
        return document.vat_amount
    amounts = [line.vat_amount for line in document.priced_lines if line.vat_amount is not None]
    return sum(amounts, Decimal(0)) if len(amounts) == len(document.priced_lines) else None


def _exclusive_sums(document: Document, rates: Sequence[Decimal]) -> Sums | None:
    amounts = []
    for line, rate in zip(document.priced_lines, rates, strict=True):
        amount = line_amount(line, rate, LineAmountTypes.EXCLUSIVE)
        if amount is None:
            return None
        amounts.append(amount)
    return _add_up(amounts, rates, LineAmountTypes.EXCLUSIVE)


def _add_up(amounts: Sequence[Decimal], rates: Sequence[Decimal], amount_types: LineAmountTypes) -> Sums:
    total = vat = Decimal(0)
    for amount, rate in zip(amounts, rates, strict=True):
        tax = _tax(amount, rate, amount_types)
        vat += tax
        total += amount + tax if amount_types is LineAmountTypes.EXCLUSIVE else amount
    return Sums(total, vat)


def _tax(amount: Decimal, rate: Decimal, amount_types: LineAmountTypes) -> Decimal:
    base = _HUNDRED if amount_types is LineAmountTypes.EXCLUSIVE else _HUNDRED + rate
    return round_half_up(amount * rate / base)


def _choice(document: Document, exclusive: Sums | None, inclusive: Sums, tolerance: Decimal) -> LineAmountTypes | None:
    ways = [(LineAmountTypes.INCLUSIVE, inclusive)]
    if exclusive is not None:
        is_preferred = _is_vat_exact(exclusive, document)
        ways.insert(0 if is_preferred else 1, (LineAmountTypes.EXCLUSIVE, exclusive))
    near = [(way, sums) for way, sums in ways if _is_near(sums, document, tolerance)]
    for way, sums in near:
        if sums.total == total_in_cents(document):
            return way
    return near[0][0] if near else None


def _is_vat_exact(sums: Sums, document: Document) -> bool:
    vat = stated_vat(document)
    return vat is None or sums.vat == round_half_up(vat)


def _is_near(sums: Sums, document: Document, tolerance: Decimal) -> bool:
    """Whether the sums are the source's, but for the tolerance and for what rounding each line costs."""
    lines = len(document.priced_lines)
    if abs(total_in_cents(document) - stated_total(document)) > tolerance:
        return False  # thousandths of a dinar, which Xero cannot hold
    if abs(sums.total - total_in_cents(document)) > tolerance + CENT * lines / 2:
        return False
    vat = stated_vat(document)
    # The source may have rounded the VAT of each line the other way; more than that is another rate.
    return vat is None or abs(sums.vat - vat) <= tolerance + rounding_unit(document.currency) * lines
