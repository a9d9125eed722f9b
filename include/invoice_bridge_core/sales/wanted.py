"""What the source should show of a booking, and when that has changed."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import DocumentKind
from invoice_bridge_core.errors import HeldError
from invoice_bridge_core.ledger.sales.row import Gone
from invoice_bridge_core.ports.sales import Sale

if TYPE_CHECKING:
    from invoice_bridge_core.ledger.sales.row import SaleFacts
    from invoice_bridge_core.routes.sales import SaleKind

_NOTHING = Decimal("0.00")
_NOUNS = {"invoice": "Invoice", "card_payment": "Invoice, paid by card,", "credit_note": "Credit note"}
_MARKS = {Gone.VOIDED: "VOIDED", Gone.DELETED: "DELETED", Gone.ELSEWHERE: "NO LONGER OF THIS PROJECT"}


def sale_kind(kind: DocumentKind | None) -> SaleKind:
    """A document's kind as routes name it."""
    if kind is DocumentKind.CREDIT_NOTE:
        return "credit_note"
    return "card_payment" if kind is DocumentKind.CARD_PAYMENT else "invoice"


def document_kinds(kinds: tuple[SaleKind, ...]) -> frozenset[DocumentKind]:
    """The kinds of document that are of these kinds of sale."""
    return frozenset(kind for kind in DocumentKind if sale_kind(kind) in kinds)


def fingerprint_of(facts: SaleFacts) -> str:
    """Changes with all that the source should show, and with nothing else; persistent."""
    shown = [
        *(facts.project_id, facts.kind, facts.number, facts.issued_on, facts.due_date, facts.currency),
        *(_plain(facts.amount_excl_vat), _plain(facts.amount_incl_vat), facts.is_paid, facts.paid_on, facts.gone),
    ]
    return hashlib.sha256(json.dumps([None if each is None else str(each) for each in shown]).encode()).hexdigest()


def wanted_sale(facts: SaleFacts, finance: str) -> Sale:
    """The sale as the source should show it.

    A credit note's amounts are negative, so that the sales of a project add up to what its customers owe. What is gone
    comes to nothing and says so.

    :param finance: the finance system's name.
    :raises HeldError: something is missing that the source asks for.
    """
    if facts.project_id is None:
        raise HeldError(f"{facts.number} belongs to no project that is known")
    if facts.issued_on is None:
        raise HeldError(f"{facts.number} has no date in {finance}: give it one there")
    sign = -1 if facts.kind == "credit_note" else 1
    description = f"{_NOUNS[facts.kind]} {facts.number} in {finance}"
    excl, incl, is_paid, paid_on = facts.amount_excl_vat, facts.amount_incl_vat, facts.is_paid, facts.paid_on
    if facts.gone is not None:
        description = f"{_MARKS[facts.gone]} in {finance}: {description}"
        excl, incl, is_paid, paid_on = _NOTHING, _NOTHING, False, None
    return Sale(
        project_id=facts.project_id,
        external_reference=facts.key.external_reference,
        number=facts.number,
        description=description,
        on=facts.issued_on,
        due_date=facts.due_date,
        currency=facts.currency,
        amount_excl_vat=None if excl is None else sign * excl + 0,
        amount_incl_vat=sign * incl + 0,
        is_paid=is_paid,
        paid_on=paid_on if is_paid else None,
    )


def _plain(amount: Decimal | None) -> str | None:
    """An amount without the zeros behind it: finance may write 8000 now and 8000.00 later."""
    return None if amount is None else format(amount.normalize() + 0, "f")
