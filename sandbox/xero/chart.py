"""The demo organisation: chart of accounts, tax rates, currencies, settings. Norwegian-like, base currency NOK.

`ARTICLE_ACCOUNTS` is what the shipped route maps the demo data's article numbers to.
"""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.store import Row

TENANT_ID = "5f6c1a52-8f0b-4d3e-9a6e-0b1d3a7c9e21"
ARTICLE_ACCOUNTS = {
    "VAT25": "200",
    "VAT15": "205",
    "VAT12": "206",
    "VAT6": "207",
    "VAT0": "260",
    "PASS": "261",
    "DEPOSIT": "262",
    "OLD": "299",
}
BUSINESS_ACCOUNT = "Business account"
CURRENCIES = {"NOK": "Norwegian Krone", "SEK": "Swedish Krona", "EUR": "Euro"}
PERIOD_LOCK_DATE = "2026-08-31"

_SPACE = uuid.UUID("7d4a3f0e-1f55-4c86-8a7e-2a4f7f9d6b10")
# tax type, name, rate
_TAX_RATES = (
    ("OUTPUT25", "MVA 25 % (salg)", "25"),
    ("OUTPUT15", "MVA 15 % (mat)", "15"),
    ("OUTPUT12", "MVA 12 % (overnatting)", "12"),
    ("OUTPUT6", "Moms 6 % (kultur)", "6"),
    ("ZERORATED", "Fritatt 0 %", "0"),
    ("NONE", "Tax Exempt", "0"),
)
# code, name, type, class, tax type, status, system account, payments allowed
_ACCOUNTS = (
    ("200", "Sales 25 %", "REVENUE", "REVENUE", "OUTPUT25", "ACTIVE", "", False),
    ("205", "Sales food 15 %", "REVENUE", "REVENUE", "OUTPUT15", "ACTIVE", "", False),
    ("206", "Sales accommodation 12 %", "REVENUE", "REVENUE", "OUTPUT12", "ACTIVE", "", False),
    ("207", "Sales culture 6 %", "REVENUE", "REVENUE", "OUTPUT6", "ACTIVE", "", False),
    ("260", "Sales without VAT", "REVENUE", "REVENUE", "ZERORATED", "ACTIVE", "", False),
    ("261", "Pass-through", "REVENUE", "REVENUE", "ZERORATED", "ACTIVE", "", False),
    ("262", "Deposits from customers", "CURRLIAB", "LIABILITY", "ZERORATED", "ACTIVE", "", False),
    ("299", "Sales, old", "REVENUE", "REVENUE", "OUTPUT25", "ARCHIVED", "", False),
    ("610", "Accounts Receivable", "CURRENT", "ASSET", "NONE", "ACTIVE", "DEBTORS", False),
    ("800", "Accounts Payable", "CURRLIAB", "LIABILITY", "NONE", "ACTIVE", "CREDITORS", False),
    ("820", "VAT", "CURRLIAB", "LIABILITY", "NONE", "ACTIVE", "GST", False),
    ("860", "Rounding", "CURRLIAB", "LIABILITY", "NONE", "ACTIVE", "ROUNDING", False),
    ("880", "Owner's drawings", "EQUITY", "EQUITY", "NONE", "ACTIVE", "", True),
    ("400", "Advertising", "EXPENSE", "EXPENSE", "NONE", "ACTIVE", "", False),
)
# code, name, status
_BANK_ACCOUNTS = (
    ("090", "Card settlements", "ACTIVE"),
    (None, BUSINESS_ACCOUNT, "ACTIVE"),
    ("091", "Old bank", "ARCHIVED"),
)
_CHANGED = "2026-01-05T08:00:00.000000+00:00"


def stable_id(*words: str) -> str:
    """A UUID that is the same in every sandbox."""
    return str(uuid.uuid5(_SPACE, "/".join(words)))


def accounts() -> list[Row]:
    """The chart of accounts; one bank account has no code."""
    chart: list[Row] = [
        {
            "AccountID": stable_id("account", name),
            "Code": code,
            "Name": name,
            "Status": status,
            "Type": kind,
            "Class": group,
            "TaxType": tax_type,
            "SystemAccount": system,
            "EnablePaymentsToAccount": payable,
            "UpdatedDateUTC": _CHANGED,
        }
        for code, name, kind, group, tax_type, status, system, payable in _ACCOUNTS
    ]
    for number, (code, name, status) in enumerate(_BANK_ACCOUNTS, start=1):
        bank: dict[str, Any] = {
            "AccountID": stable_id("account", name),
            "Code": code,
            "Name": name,
            "Status": status,
            "Type": "BANK",
            "Class": "ASSET",
            "TaxType": "NONE",
            "SystemAccount": "",
            "EnablePaymentsToAccount": False,
            "BankAccountNumber": f"1503400000{number}",
            "BankAccountType": "BANK",
            "CurrencyCode": "NOK",
            "UpdatedDateUTC": _CHANGED,
        }
        chart.append(bank)
    return chart


def tax_rates() -> list[Row]:
    """Tax rates by type."""
    return [
        {
            "TaxType": kind,
            "Name": name,
            "Status": "ACTIVE",
            "ReportTaxType": "OUTPUT",
            "CanApplyToRevenue": True,
            "CanApplyToAssets": True,
            "CanApplyToEquity": True,
            "CanApplyToExpenses": True,
            "CanApplyToLiabilities": True,
            "DisplayTaxRate": Decimal(rate),
            "EffectiveRate": Decimal(rate),
            "TaxComponents": [{"Name": "MVA", "Rate": Decimal(rate), "IsCompound": False, "IsNonRecoverable": False}],
        }
        for kind, name, rate in _TAX_RATES
    ]


def currencies() -> list[Row]:
    """Subscribed currencies."""
    return [{"Code": code, "Description": name} for code, name in CURRENCIES.items()]


def organisation() -> Row:
    """The organisation's settings."""
    return {
        "OrganisationID": TENANT_ID,
        "Name": "Fjord & Fjell Events AS",
        "LegalName": "Fjord & Fjell Events AS",
        "Version": "GLOBAL",
        "OrganisationType": "COMPANY",
        "OrganisationEntityType": "COMPANY",
        "BaseCurrency": "NOK",
        "CountryCode": "NO",
        "IsDemoCompany": True,
        "OrganisationStatus": "ACTIVE",
        "PaysTax": True,
        "FinancialYearEndDay": 31,
        "FinancialYearEndMonth": 12,
        "Timezone": "WEUROPESTANDARDTIME",
        "ShortCode": "!F9nD4",
        "Class": "DEMO",
        "Edition": "BUSINESS",
        "PeriodLockDate": PERIOD_LOCK_DATE,
        "EndOfYearLockDate": "2025-12-31",
        "CreatedDateUTC": "2024-03-01",
    }
