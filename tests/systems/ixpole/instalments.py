"""What iXpole tells: ordinary instalments, customers and products, to be changed where a test is about something."""

from __future__ import annotations

from decimal import Decimal
from typing import Any


def instalment(number: int = 42, **changes: Any) -> dict[str, Any]:
    """The contract's instalment: four VIP seats, 636.00 EUR."""
    values: dict[str, Any] = {
        "InstalmentCode": f"INST-2026-{number:04d}",
        "Status": "ToDo",
        "InvoiceDate": "2026-11-15",
        "DueDate": "2026-12-15",
        "Currency": "EUR",
        "InvoiceReference": "Season 2026-27",
        "CustomerId": 311,
        "SaleNumber": "S-1188",
        "EventId": 77,
        "EventName": "Home match 12",
        "Lines": [line()],
        "AmountExclVat": Decimal("600.00"),
        "VatAmount": Decimal("36.00"),
        "AmountInclVat": Decimal("636.00"),
    }
    return values | changes


def credit(number: int = 43, **changes: Any) -> dict[str, Any]:
    """An instalment over -636.00 EUR."""
    amounts = {name: Decimal(f"-{value}") for name, value in AMOUNTS.items()}
    return instalment(number, **{"Lines": [line(Quantity=-4, **amounts)], **amounts, **changes})


def line(**changes: Any) -> dict[str, Any]:
    """Four VIP seats at 150.00 and 6 % VAT."""
    values: dict[str, Any] = {
        "LineNumber": 1,
        "ProductId": 5,
        "ProductCode": "VIP-SEAT",
        "Description": "VIP seat, row B",
        "Quantity": 4,
        "UnitPrice": Decimal("150.00"),
        "VatRate": Decimal("6.0"),
        **AMOUNTS,
    }
    return values | changes


def customer(number: int = 311, **changes: Any) -> dict[str, Any]:
    """A Belgian company without a code."""
    values: dict[str, Any] = {
        "CustomerId": number,
        "CustomerCode": None,
        "Name": f"Brouwerij De Kroon {number} NV",
        "Type": "Company",
        "VatNumber": f"BE0{number:09d}",
        "Email": f"facturen{number}@dekroon.example",
        "Phone": "+3235550000",
        "Address": "Meir 1",
        "Zip": "2000",
        "City": "Antwerpen",
        "CountryCode": "BE",
        "Language": "nl",
    }
    return values | changes


def product(number: int = 5, **changes: Any) -> dict[str, Any]:
    """The VIP seat, booked on account 207."""
    values: dict[str, Any] = {
        "ProductId": number,
        "ProductCode": "VIP-SEAT",
        "Name": "VIP seat",
        "Description": "Seat in the VIP area, with dinner",
        "VatRate": Decimal("6.0"),
        "UnitPrice": Decimal("150.00"),
        "LedgerAccount": "207",
    }
    return values | changes


AMOUNTS = {"AmountExclVat": Decimal("600.00"), "VatAmount": Decimal("36.00"), "AmountInclVat": Decimal("636.00")}
