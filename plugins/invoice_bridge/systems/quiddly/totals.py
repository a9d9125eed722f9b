"""The sums of an invoice by the contract's rules (quiddly.md, "Create"), in `Decimal` to the cent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from invoice_bridge.systems.quiddly.signs import signed
from invoice_bridge.systems.quiddly.vat import RATES, stated_vat
from invoice_bridge_core.documents import format_amount, round_half_up
from invoice_bridge_core.documents.currencies import rounding_unit
from invoice_bridge_core.documents.problems import author_should, we_must, who_must_fix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge.systems.quiddly.vat import VatSplit
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.documents.problems import Problem

_NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Totals:
    """An invoice's sums in its own currency, positive for credits too.

    The round-off makes up for what rounding each row has cost, so that what is to be paid is the document's total.
    """

    excl_vat: Decimal
    vat: Decimal
    round_off: Decimal
    tax_reduction: Decimal

    @classmethod
    def of(cls, document: Document, splits: Sequence[VatSplit], tax_reduction: Decimal = _NOTHING) -> Totals:
        """The sums of the rows, rounded off to the document's total."""
        excl_vat = sum((split.net for split in splits), _NOTHING)
        vat = sum((split.vat for split in splits), _NOTHING)
        round_off = round_half_up(document.total_incl_vat) - (excl_vat + vat)
        return cls(excl_vat, vat, round_off, round_half_up(tax_reduction))

    @property
    def total(self) -> Decimal:
        """Including VAT."""
        return self.excl_vat + self.vat

    @property
    def to_pay(self) -> Decimal:
        """What the debtor owes."""
        return self.total + self.round_off - self.tax_reduction

    def body(self, *, is_credit: bool) -> dict[str, Decimal]:
        """`totals` as they are sent."""
        return {
            "taxReduction": signed(self.tax_reduction, is_credit),
            "total": signed(self.total, is_credit),
            "totalExclVat": signed(self.excl_vat, is_credit),
            "totalRoundOff": signed(self.round_off, is_credit),
            "totalToPay": signed(self.to_pay, is_credit),
            "totalVat": signed(self.vat, is_credit),
        }


def vats(splits: Sequence[VatSplit], *, is_credit: bool) -> list[dict[str, Any]]:
    """The VAT declaration, one entry per rate that the rows have; never empty, even when all VAT is 0."""
    declared = []
    for rate in RATES:
        rows = [split for split in splits if split.percentage == rate]
        if rows:
            taxable = sum((split.net for split in rows), _NOTHING)
            vat = sum((split.vat for split in rows), _NOTHING)
            declared.append(
                {
                    "percentage": rate,
                    "totalTaxable": signed(taxable, is_credit),
                    "totalVat": signed(vat, is_credit),
                }
            )
    return declared


def total_problems(document: Document, splits: Sequence[VatSplit], tolerance: Decimal) -> list[Problem]:
    """What keeps the rows from adding up to the document, beyond rounding each row and the route's tolerance."""
    totals = Totals.of(document, splits)
    allowance = tolerance * (len(splits) + 1) + rounding_unit(document.currency) * len(splits)
    problems = []
    if document.is_credit_note and document.total_incl_vat < 0:
        total = format_amount(document.total_incl_vat)
        message = f"Credit note {document.number} has the total {total}, which asks for money: make it an invoice"
        problems.append(author_should(message))
    if totals.total < 0 <= document.total_incl_vat:
        message = (
            f"Rows of {document.number} add up to {format_amount(totals.total)}, but Quiddly takes no total below 0"
        )
        problems.append(we_must(message))
    if abs(totals.round_off) > allowance:
        problems.append(_does_not_add_up("including VAT", totals.total, document, document.total_incl_vat, tolerance))
    stated = stated_vat(document)
    if stated is not None and abs(totals.vat - stated) > allowance:
        problems.append(_does_not_add_up("of VAT", totals.vat, document, stated, tolerance))
    return problems


def _does_not_add_up(what: str, rows: Decimal, document: Document, stated: Decimal, tolerance: Decimal) -> Problem:
    return who_must_fix(rows - stated, tolerance)(
        f"Totals do not add up: the rows' sum {what} is {format_amount(rows)}, "
        f"the document says {format_amount(stated)} {document.currency or ''}".rstrip()
    )
