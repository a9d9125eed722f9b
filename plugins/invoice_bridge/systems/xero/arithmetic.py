"""Xero's arithmetic: what it will make of a document's lines (contract xero.md).

Line amounts have two decimals; tax is taken per line, rounded half-up, and then summed.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import round_half_up
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

    :param choice: the way that gives the source's sums, or `None` when neither does.
    :param exclusive: `None` when a line does not tell its amount without VAT.
    """

    choice: LineAmountTypes | None
    exclusive: Sums | None
    inclusive: Sums


def reckon(document: Document, rates: Sequence[Decimal], tolerance: Decimal) -> Reckoning:
    """Choose how the lines are sent: without VAT when that gives the source's sums exactly, else with VAT.

    :param rates: VAT in percent that Xero will take for each line, from the line's account.
    :param tolerance: how far Xero's total may be from the source's, in the document's currency.
    """
    exclusive = _exclusive_sums(document, rates)
    with_vat = [round_half_up(line.total_incl_vat) for line in document.lines]
    inclusive = _add_up(with_vat, rates, LineAmountTypes.INCLUSIVE)
    choice = None
    if exclusive is not None and _is_exact(exclusive, document, tolerance):
        choice = LineAmountTypes.EXCLUSIVE
    elif _is_near(inclusive, document, tolerance):
        choice = LineAmountTypes.INCLUSIVE
    elif exclusive is not None and _is_near(exclusive, document, tolerance):
        choice = LineAmountTypes.EXCLUSIVE
    return Reckoning(choice, exclusive, inclusive)


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
    amounts = [line.vat_amount for line in document.lines if line.vat_amount is not None]
    return sum(amounts, Decimal(0)) if len(amounts) == len(document.lines) else None


def _exclusive_sums(document: Document, rates: Sequence[Decimal]) -> Sums | None:
    amounts = []
    for line, rate in zip(document.lines, rates, strict=True):
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


def _is_exact(sums: Sums, document: Document, tolerance: Decimal) -> bool:
    vat = stated_vat(document)
    if abs(sums.total - document.total_incl_vat) > tolerance:
        return False  # a source with more than two decimals
    return sums.total == round_half_up(document.total_incl_vat) and (vat is None or sums.vat == round_half_up(vat))


def _is_near(sums: Sums, document: Document, tolerance: Decimal) -> bool:
    vat = stated_vat(document)
    # The source may have rounded the VAT of each line the other way; more than that is another rate.
    allowance = tolerance + CENT * len(document.lines)
    return abs(sums.total - document.total_incl_vat) <= tolerance and (vat is None or abs(sums.vat - vat) <= allowance)
