"""The accounts of one organisation, for people who map articles to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.ports.finance.chart import ChartAccount

if TYPE_CHECKING:
    from invoice_bridge.systems.xero.reference import Account, Books, XeroReference
    from invoice_bridge_core.ports import ReferenceData


class XeroChart:
    """Says of each account whether lines can be booked on it, in the words of `checks`."""

    def __init__(self, reference: XeroReference) -> None:
        self._reference = reference

    def accounts(self, reference: ReferenceData) -> list[ChartAccount]:
        """All accounts that have a code, in the order of their codes."""
        books = self._reference.books(reference)
        return sorted(
            (
                ChartAccount(account.code, account.name, _why_not(account, books), books.rate(account))
                for account in books.accounts
                if account.code
            ),
            key=lambda account: account.code,
        )


def _why_not(account: Account, books: Books) -> str | None:
    if not account.is_active:
        return "is archived"
    if not account.takes_lines:
        return f"is {'a bank account' if account.is_bank else 'one of the own accounts of Xero'}"
    if books.rate(account) is None:
        return f"has the tax rate '{account.tax_type}', which is not found"
    return None
