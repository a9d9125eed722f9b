"""Documents for tests: an ordinary one, to be changed where a test is about something."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from invoice_bridge_core.documents import Address, Document, DocumentKind, DocumentRef, Line, Party
from invoice_bridge_core.routes.model import Route


def line(excl: str = "8000.00", *, vat: str = "25", article: str | None = "VAT25", **changes: Any) -> Line:
    """A line of one piece whose amounts agree."""
    net = Decimal(excl)
    tax = (net * Decimal(vat) / 100).quantize(Decimal("0.01"))
    values: dict[str, Any] = {
        "description": "Conference room, full day",
        "article_number": article,
        "quantity": Decimal(1),
        "unit_price_excl_vat": net,
        "unit_price_incl_vat": net + tax,
        "vat_percentage": Decimal(vat),
        "total_excl_vat": net,
        "vat_amount": tax,
        "total_incl_vat": net + tax,
    }
    return Line(**values | changes)


def party(**changes: Any) -> Party:
    """A Norwegian company."""
    values: dict[str, Any] = {
        "key": "901",
        "name": "Acme Events AS",
        "customer_number": "C-901",
        "tax_numbers": ("NO912345678MVA", "912345678"),
        "email": "invoice@acme.example",
        "phone": "+4722000000",
        "address": Address(line1="Storgata 1", postal_code="0155", city="Oslo", country_code="NO", country="Norway"),
    }
    return Party(**values | changes)


def document(*lines: Line, **changes: Any) -> Document:
    """An invoice over the lines, whose totals agree with them."""
    lines = lines or (line(),)
    values: dict[str, Any] = {
        "ref": DocumentRef(system="qondor", conn_id="qondor_default", source_id="12345"),
        "number": "Q-10023",
        "kind": DocumentKind.OFFER_INVOICE,
        "invoice_date": dt.date(2026, 11, 2),
        "due_date": dt.date(2026, 12, 2),
        "payment_terms_days": 30,
        "currency": "NOK",
        "office_id": "7",
        "project_id": "5501",
        "party": party(),
        "lines": lines,
        "total_excl_vat": _sum([one.total_excl_vat for one in lines]),
        "vat_amount": _sum([one.vat_amount for one in lines]),
        "total_incl_vat": sum((one.total_incl_vat for one in lines), Decimal(0)),
        "payload_hash": "hash",
    }
    return Document(**values | changes)


ACCOUNT_CODES = {
    "VAT25": "200",
    "VAT15": "205",
    "VAT12": "206",
    "VAT6": "207",
    "VAT0": "260",
    "PASS": "261",
    "DEPOSIT": "262",
    "OLD": "299",
}


def route(**changes: Any) -> Route:
    """Qondor to Xero; a section given in `changes` is laid over the ordinary one."""
    values: dict[str, Any] = {
        "route": "qondor_xero",
        "source": {"system": "qondor"},
        "finance": {"system": "xero", "account_codes": ACCOUNT_CODES, "card_payment_account": "090"},
    }
    for key, value in changes.items():
        values[key] = {**values.get(key, {}), **value} if isinstance(value, dict) else value
    return Route.model_validate(values)


def _sum(amounts: list[Decimal | None]) -> Decimal | None:
    return None if None in amounts else sum((amount for amount in amounts if amount is not None), Decimal(0))
