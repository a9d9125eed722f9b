"""What Xero says of itself: four calls once per run, from which refusals can be foreseen."""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from invoice_bridge_core.documents import Money
from invoice_bridge_core.ports import ReferenceData

if TYPE_CHECKING:
    from invoice_bridge.hooks.xero.hook import XeroHook
    from invoice_bridge.hooks.xero.wire import XeroAccount

_LINE_USE = frozenset({"", "ROUNDING"})
"""What `SystemAccount` says of accounts that invoice lines may be booked on."""


class Account(BaseModel):
    """One account of the chart, archived or not; bank accounts may have no code."""

    model_config = ConfigDict(frozen=True)

    account_id: str
    code: str | None = None
    name: str = ""
    is_active: bool = True
    is_bank: bool = False
    is_system: bool = False
    takes_payments: bool = False
    tax_type: str = "NONE"
    currency: str | None = None

    @property
    def takes_lines(self) -> bool:
        """Whether invoice lines may be booked on it."""
        return not (self.is_bank or self.is_system)

    @property
    def label(self) -> str:
        """Code and name, as people know it."""
        return f"{self.code} '{self.name}'" if self.code else f"'{self.name}'"


class Books(BaseModel):
    """The part of Xero's reference data that decides whether a document can be booked.

    `tax_rates` are in percent by tax type; lock dates are the last days that are closed.
    """

    model_config = ConfigDict(frozen=True)

    base_currency: str | None = None
    short_code: str | None = None
    lock_dates: tuple[dt.date, ...] = ()
    accounts: tuple[Account, ...] = ()
    currencies: tuple[str, ...] = ()
    tax_rates: dict[str, Money] = {}

    @classmethod
    def of(cls, reference: ReferenceData) -> Books:
        """The books that `reference_data` wrote."""
        return cls.model_validate(reference.body)

    def account(self, code: str) -> Account | None:
        """The account with this code."""
        return next((account for account in self.accounts if account.code == code), None)

    def payment_account(self, name: str) -> Account | None:
        """The account that has this code, id or name, in that order; an active one before an archived one."""
        wanted = name.strip().casefold()
        ordered = sorted(self.accounts, key=lambda account: not account.is_active)
        for field in ("code", "account_id", "name"):
            for account in ordered:
                if (getattr(account, field) or "").strip().casefold() == wanted:
                    return account
        return None

    def rate(self, account: Account) -> Decimal | None:
        """VAT in percent that Xero takes on lines of the account; `None` when its tax type has no rate."""
        rate = self.tax_rates.get(account.tax_type)
        return Decimal(0) if rate is None and account.tax_type == "NONE" else rate


class XeroReference:
    """What one organisation says of itself; the parts of an adapter share the books that were used last."""

    def __init__(self, hook: XeroHook) -> None:
        self._hook = hook
        self._books: Books | None = None
        self._fingerprint = ""

    def read(self) -> ReferenceData:
        """Organisation, accounts, currencies and tax rates: four calls."""
        return _read(self._hook)

    def use(self, reference: ReferenceData) -> None:
        """Take these books for those that were used last."""
        self.books(reference)

    def books(self, reference: ReferenceData) -> Books:
        """The books that `read` wrote."""
        if self._books is None or self._fingerprint != reference.fingerprint:
            self._books, self._fingerprint = Books.of(reference), reference.fingerprint
        return self._books

    @property
    def used_last(self) -> Books | None:
        """The books that were used last; `None` where a document is taken up again without any."""
        return self._books

    @property
    def short_code(self) -> str | None:
        """The organisation's code in links, as far as it is known."""
        return self._books.short_code if self._books else None


def _read(hook: XeroHook) -> ReferenceData:
    """What the organisation says, with a fingerprint of what matters in it."""
    organisation = hook.organisation()
    lock_dates = {organisation.period_lock_date, organisation.end_of_year_lock_date} - {None}
    books = Books(
        base_currency=organisation.base_currency,
        short_code=organisation.short_code,
        lock_dates=tuple(sorted(date for date in lock_dates if date)),
        accounts=read_accounts(hook),
        currencies=tuple(sorted({currency.code for currency in hook.currencies() if currency.code})),
        tax_rates={
            rate.tax_type: rate.effective_rate
            for rate in sorted(hook.tax_rates(), key=lambda rate: rate.tax_type or "")
            if rate.tax_type and rate.effective_rate is not None and (rate.status or "ACTIVE") == "ACTIVE"
        },
    )
    text = books.model_dump_json()
    return ReferenceData(body=books.model_dump(mode="json"), fingerprint=hashlib.sha256(text.encode()).hexdigest())


def read_accounts(hook: XeroHook) -> tuple[Account, ...]:
    """The chart of accounts, in an order that does not change."""
    return tuple(sorted((_account(each) for each in hook.accounts()), key=lambda account: account.account_id))


def _account(account: XeroAccount) -> Account:
    return Account(
        account_id=account.account_id or "",
        code=account.code,
        name=account.name,
        is_active=(account.status or "ACTIVE").upper() == "ACTIVE",
        is_bank=(account.type or "").upper() == "BANK",
        is_system=(account.system_account or "").upper() not in _LINE_USE,
        takes_payments=bool(account.takes_payments) or (account.type or "").upper() == "BANK",
        tax_type=account.tax_type or "NONE",
        currency=account.currency,
    )
