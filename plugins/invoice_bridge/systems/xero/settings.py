"""The settings of a route that books in Xero."""

from __future__ import annotations

from typing import Literal

from invoice_bridge_core.routes.fields import Code, ConnId
from invoice_bridge_core.routes.settings import FinanceSettings


class XeroSettings(FinanceSettings):
    """Xero as the finance system.

    :param invoice_status: how invoices are created; a draft is never reported as paid (seed 002).
    :param card_payment_account: code, name or id of the account that card money lands on.
    :param rounding_account: code of the account, without tax, for what the lines are short of the document's total;
        `None`: such documents are held.
    :param ambiguous_contact: `first`: the first contact that Xero returns (seed 002); `hold`: a person chooses.
    :param items: `ensure`: make sure that products exist as Items.
    """

    system_name = "Xero"
    books_in_batches = True
    added_later = frozenset({"rounding_account"})

    system: Literal["xero"] = "xero"
    conn_id: ConnId = "xero_default"
    invoice_status: Literal["AUTHORISED", "DRAFT"] = "AUTHORISED"
    card_payment_account: Code | None = None
    rounding_account: Code | None = None
    ambiguous_contact: Literal["first", "hold"] = "first"
    items: Literal["ignore", "ensure"] = "ignore"

    def customers_problem(self, *, is_master: bool) -> str | None:
        """Xero keeps customers, and lets them be made and changed."""
        return None


FINANCE = XeroSettings
