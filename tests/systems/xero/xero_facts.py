"""The books of a small Norwegian organisation in Xero, as reference data."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from invoice_bridge.systems.xero.reference import Account, Books
from invoice_bridge_core.ports import ReferenceData

RATES = {"200": "25", "205": "15", "206": "12", "207": "6", "260": "0", "261": "0", "262": "0", "299": "25", "860": "0"}


def account(code: str | None, name: str = "Sales", **changes: Any) -> Account:
    return Account(**{"account_id": f"id-{code or name}", "code": code, "name": name, **changes})


def books(**changes: Any) -> Books:
    values: dict[str, Any] = {
        "base_currency": "NOK",
        "short_code": "!abc1",
        "lock_dates": (dt.date(2026, 8, 31),),
        "accounts": (
            *(
                account(code, f"Sales {rate} %", tax_type=f"OUT{rate}")
                for code, rate in RATES.items()
                if code not in ("299", "860")
            ),
            account("299", "Sales, old", tax_type="OUT25", is_active=False),
            account("090", "Card settlements", is_bank=True, takes_payments=True),
            account(None, "Business account", is_bank=True, takes_payments=True),
            account("091", "Old bank", is_bank=True, takes_payments=True, is_active=False),
            account("092", "Dollar bank", is_bank=True, takes_payments=True, currency="USD"),
            account("860", "Rounding"),
            account("610", "Accounts Receivable", is_system=True),
        ),
        "currencies": ("NOK", "SEK", "EUR"),
        "tax_rates": {"NONE": Decimal(0)} | {f"OUT{rate}": Decimal(rate) for rate in RATES.values()},
    }
    return Books(**values | changes)


def reference(**changes: Any) -> ReferenceData:
    return ReferenceData(body=books(**changes).model_dump(mode="json"), fingerprint="reference")
