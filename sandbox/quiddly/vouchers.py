"""Payments that wait to be exported to the ERP (quiddly.md, "Payments out")."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.store import Row, Table

_FIRST_ID = 700_001
_BOOKED = ("externalInformationId", "externalInformationSeries", "externalInformationFinancialYearId")


class UnknownVoucherError(LookupError):
    """No payment with this id."""


class Vouchers:
    """The payments of invoices, each exported once."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def add(self, invoice: Row, amount: Any, paid_on: str) -> Row:
        """A payment that has come in for an invoice, in the invoice's currency."""
        currency = invoice["currency"]
        number = _FIRST_ID + len(self.table)
        payment = {
            "id": f"V.{number}",
            "date": paid_on,
            "paymentDate": paid_on,
            "amountLocale": amount * Decimal(str(currency["exchangeRate"])),
            "amount": amount,
            "invoiceNumber": invoice["invoiceNumber"],
            "invoiceCurrency": currency["invoiceCurrency"],
            "baseCurrency": currency["baseCurrency"],
            "name": invoice["debtor"]["name"],
            "externalPaymentMethodCode": "BG",
            "accountNumber": "5050-1055",
        }
        return self.table.put({"id": payment["id"], "payment": payment, "exported": None, "booked": None})

    def of(self, invoice_number: str) -> list[Row]:
        """The payments of an invoice, exported or not."""
        return [row["payment"] for row in self.table.find("invoiceNumber", invoice_number)]

    def paid_for(self, invoice_number: str) -> Decimal:
        """What was paid for an invoice, in its currency."""
        return sum((Decimal(payment["amount"]) for payment in self.of(invoice_number)), Decimal("0.00"))

    def waiting(self, page: int, limit: int) -> list[Row]:
        """One page, counted from 1, of what is not exported yet; what is marked moves the rest up."""
        waiting = [row["payment"] for row in self.table.rows() if row["exported"] is None]
        return waiting[(page - 1) * limit : page * limit]

    def export(self, voucher_id: str, body: Any) -> str | None:
        """Exported under the ERP's own id; says what is wrong with the body."""
        self._known(voucher_id)
        external_id = body.get("externalId") if isinstance(body, dict) else None
        if not isinstance(external_id, str) or not external_id:
            return "externalId must be provided."
        self.table.change(voucher_id, exported=external_id)
        return None

    def bookkeep(self, voucher_id: str, body: Any) -> str | None:
        """Booked by the ERP, or not, with its reason; says what is wrong with the body."""
        self._known(voucher_id)
        is_booking = isinstance(body, dict) and set(body) == set(_BOOKED)
        is_failure = isinstance(body, dict) and set(body) == {"errorMessage"}
        if not is_booking and not is_failure:
            return f"The body must hold {', '.join(_BOOKED)}, or errorMessage."
        self.table.change(voucher_id, booked=body)
        return None

    def _known(self, voucher_id: str) -> None:
        if voucher_id not in self.table:
            raise UnknownVoucherError(voucher_id)
