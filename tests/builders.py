"""Documents for tests: an ordinary one, to be changed where a test is about something."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from include.documents import Address, Document, DocumentKind, DocumentRef, Line, Party


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


def _sum(amounts: list[Decimal | None]) -> Decimal | None:
    return None if None in amounts else sum((amount for amount in amounts if amount is not None), Decimal(0))
