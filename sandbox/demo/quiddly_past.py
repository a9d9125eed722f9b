"""What is already in Quiddly when the route runs for the first time."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.scene import Scene

_ADDRESS = {"address": "Torget 1", "city": "Lund", "countryCode": "SE", "name": "Någon Annan AB", "zip": "222 22"}


def write_invoice_by_hand(scene: Scene, number: str) -> None:
    """Somebody else's invoice under this number."""
    net, vat = Decimal("1800.00"), Decimal("450.00")
    row = {
        "description": "Booked by hand",
        "discountType": "PERCENTAGE",
        "price": net,
        "quantity": "1,00",
        "total": net,
        "totalDiscount": Decimal(0),
        "totalExclVat": net,
        "totalVat": vat,
        "unit": "st",
        "vatPercentage": 25,
    }
    totals = {"total": net + vat, "totalExclVat": net, "totalToPay": net + vat, "totalVat": vat}
    scene.add(
        "quiddly",
        "invoices",
        {
            "articleRows": [row],
            "currency": {"baseCurrency": "SEK", "exchangeRate": Decimal("1.0"), "invoiceCurrency": "SEK"},
            "dates": {"expireDate": "2026-11-04", "invoiceDate": "2026-10-05"},
            "debtor": {"customerNumber": "X-1", "invoiceAddress": _ADDRESS, "name": "Någon Annan AB"},
            "distributionCode": None,
            "invoiceNumber": number,
            "productCode": "INVOICE_SERVICE",
            "totals": {**totals, "taxReduction": Decimal(0), "totalRoundOff": Decimal(0)},
            "type": "INVOICE",
            "vats": [{"percentage": 25, "totalTaxable": net, "totalVat": vat}],
        },
    )
