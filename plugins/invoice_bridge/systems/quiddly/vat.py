"""Each line's amount without VAT, its VAT and its rate, of which Quiddly takes four only (seed 003)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from invoice_bridge.systems.quiddly.counted import counted_as_sent
from invoice_bridge_core.documents import format_amount, round_half_up
from invoice_bridge_core.documents.currencies import rounding_unit
from invoice_bridge_core.documents.final_problems import FinalProblem
from invoice_bridge_core.documents.money import format_number
from invoice_bridge_core.documents.problems import author_should, final_problem, who_must_fix

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document, Line
    from invoice_bridge_core.documents.problems import Problem

RATES = (0, 6, 12, 25)
"""VAT in percent that Quiddly takes."""

_HUNDRED = Decimal(100)
_ONE_POINT = Decimal("0.01")


@dataclass(frozen=True)
class VatSplit:
    """One line's amounts in the document's currency, two decimals each; `percentage` is one of `RATES`."""

    net: Decimal
    vat: Decimal
    percentage: int


def split_lines(document: Document, tolerance: Decimal) -> tuple[list[VatSplit], list[Problem]]:
    """The split of every priced line, or what is wrong with the lines that have none.

    A line that tells neither rate nor VAT is free of VAT if the other lines hold all of the document's VAT already.

    :param tolerance: how far a total may be off, in the document's currency.
    """
    unit = rounding_unit(document.currency)
    splits: dict[int, VatSplit] = {}
    problems = []
    blank = []
    for position, line in enumerate(document.lines):
        if line.is_text:
            continue
        found = _split(line, position + 1, unit, tolerance)
        if isinstance(found, VatSplit):
            splits[position] = found
        elif found is None:
            blank.append(position)
        else:
            problems.append(found)
    if blank and not problems and _holds_all_vat(document, list(splits.values()), unit):
        splits |= {position: _free(document.lines[position]) for position in blank}
    else:
        problems += [_rate_is_missing(document.lines[position], position + 1) for position in blank]
    return [splits[position] for position in sorted(splits)], problems


def stated_vat(document: Document) -> Decimal | None:
    """The document's VAT as its source sums it up."""
    if document.vat_amount is None and document.total_excl_vat is not None:
        return document.total_incl_vat - document.total_excl_vat
    return document.vat_amount


def _split(line: Line, position: int, unit: Decimal, tolerance: Decimal) -> VatSplit | Problem | None:
    """`None` when the line tells neither rate nor VAT."""
    net, vat = _amounts(line)
    stated = line.vat_percentage
    if stated is not None and stated not in RATES:
        return _rate_not_taken(line, position, stated, unit)
    if net is None or vat is None:
        return None if stated is None else _from_gross(line, int(stated))
    percentage = _fitting_rate(line, net, vat, unit) if stated is None else int(stated)
    if percentage is None:
        # Worked out, not stated: a line may hold several rates.
        return author_should(_unknown_rate(line, position, round_half_up(vat / net * _HUNDRED) if net else None))
    split = VatSplit(net, vat, percentage)
    if stated is None or _fits(line, split, unit):
        return split
    return _vat_is_wrong(line, position, split, tolerance)


def _rate_not_taken(line: Line, position: int, stated: Decimal, unit: Decimal) -> Problem:
    """Final where the line means the rate that it states; its VAT may say that it means another one."""
    net, vat = _amounts(line)
    meant = _fitting_rate(line, net, vat, unit) if net and vat is not None else None
    message = _unknown_rate(line, position, stated)
    if meant:
        return author_should(f"{message}. Its VAT {format_amount(vat or Decimal(0))} is that of {meant}%")
    if 0 < stated < 1:
        return author_should(f"{message}. A rate is in percent, such as 25")
    return final_problem(FinalProblem.VAT_RATE_NOT_TAKEN, message)


def _amounts(line: Line) -> tuple[Decimal, Decimal] | tuple[None, None]:
    net, vat = line.total_excl_vat, line.vat_amount
    if net is None and vat is None:
        return None, None
    if net is None:
        net = line.total_incl_vat - (vat or 0)
    if vat is None:
        vat = line.total_incl_vat - net
    return round_half_up(net), round_half_up(vat)


def _from_gross(line: Line, percentage: int) -> VatSplit:
    gross = round_half_up(line.total_incl_vat)
    net = round_half_up(gross * _HUNDRED / (_HUNDRED + percentage))
    return VatSplit(net, gross - net, percentage)


def _free(line: Line) -> VatSplit:
    return VatSplit(round_half_up(line.total_incl_vat), Decimal("0.00"), 0)


def _fitting_rate(line: Line, net: Decimal, vat: Decimal, unit: Decimal) -> int | None:
    """The rate that comes closest to the line's VAT, if one comes close enough; the lower one of two equals."""
    fitting = [rate for rate in RATES if _fits(line, VatSplit(net, vat, rate), unit)]
    return min(fitting, key=lambda rate: abs(_miss(VatSplit(net, vat, rate))), default=None)


def _fits(line: Line, split: VatSplit, unit: Decimal) -> bool:
    """Whether the VAT is the rate's, but for rounding: a unit, or one per piece where VAT was rounded per piece."""
    if split.percentage == 0:
        return split.vat == 0
    pieces = counted_as_sent(line, split.net).quantity
    allowance = max(unit, min(unit * pieces, abs(split.net) * _ONE_POINT))
    return abs(_miss(split)) <= allowance


def _miss(split: VatSplit) -> Decimal:
    return split.vat - split.net * split.percentage / _HUNDRED


def _holds_all_vat(document: Document, splits: list[VatSplit], unit: Decimal) -> bool:
    stated = stated_vat(document)
    if stated is None:
        return False
    return abs(sum((split.vat for split in splits), Decimal(0)) - stated) <= unit * (len(splits) + 1)


def _unknown_rate(line: Line, position: int, rate: Decimal | None) -> str:
    percent = "" if rate is None else f" {format_number(rate)}%"
    return f"VAT rate{percent} not configured for {_named(line, position)}: Quiddly takes 0, 6, 12 and 25%"


def _rate_is_missing(line: Line, position: int) -> Problem:
    return author_should(f"VAT rate is missing for {_named(line, position)}, and cannot be worked out from the totals")


def _vat_is_wrong(line: Line, position: int, split: VatSplit, tolerance: Decimal) -> Problem:
    return who_must_fix(_miss(split), tolerance)(
        f"VAT {format_amount(split.vat)} is not {split.percentage}% of {format_amount(split.net)} "
        f"for {_named(line, position)}"
    )


def _named(line: Line, position: int) -> str:
    if line.article_number is not None:
        return f"article code '{line.article_number}' on line {position}"
    return f"line {position} '{(line.description or '')[:60]}'"
