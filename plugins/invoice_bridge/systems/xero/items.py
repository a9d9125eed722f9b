"""Products as Items of Xero (contract xero.md, items; seed 004, step 3)."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING, Any

from invoice_bridge.hooks.http.exact_json import write_json
from invoice_bridge.hooks.xero.where import equals
from invoice_bridge.systems.xero.item_codes import sold_product
from invoice_bridge_core.documents.document import shorten
from invoice_bridge_core.errors import HeldError, RefusedError, WakesOn
from invoice_bridge_core.ports import Item

if TYPE_CHECKING:
    from invoice_bridge.hooks.xero.hook import XeroHook
    from invoice_bridge.hooks.xero.wire import XeroItem
    from invoice_bridge.systems.xero.reference import XeroReference
    from invoice_bridge_core.documents import Document, Line, Product
    from invoice_bridge_core.routes.model import Route

NAME_LIMIT = 50
DESCRIPTION_LIMIT = 4000


class XeroItems:
    """The Items of one Xero organisation, as one route uses them."""

    def __init__(self, hook: XeroHook, route: Route, reference: XeroReference) -> None:
        self._hook = hook
        self._route = route
        self._reference = reference

    def of(self, document: Document) -> list[Item]:
        """Every product of the document once, as the Item that Xero should have; none when the route ignores them."""
        items: dict[str, Item] = {}
        for line in document.lines:
            product = sold_product(line, self._route)
            if product is not None and product.code.casefold() not in items:
                items[product.code.casefold()] = _item(product, _account_code(line, product, self._route))
        return list(items.values())

    def ensure(self, item: Item) -> str:
        """Make the Item, or change what differs; returns its id. One call when it is as it should be, else two.

        :raises RefusedError: Xero does not take it.
        :raises HeldError: its tax would win over that of the route's account, and the totals would be others.
        """
        found = self._find(item)
        if found is None:
            return self._make(item)
        self._refuse_other_tax(found, item)
        if found.item_id is not None and _is_as_wanted(found, item.body):
            return found.item_id
        return self._hook.update_item(found.item_id or "", item.body).item_id or ""

    def _refuse_other_tax(self, found: XeroItem, item: Item) -> None:
        books = self._reference.used_last
        code = item.body.get("SalesDetails", {}).get("AccountCode")
        account = books.account(code) if books is not None and code is not None else None
        tax_type = found.sales_details.tax_type if found.sales_details is not None else None
        if books is None or account is None or tax_type in (None, account.tax_type):
            return
        if books.tax_rates.get(str(tax_type)) != books.rate(account):
            raise HeldError(
                f"Item '{found.code}' in Xero has the tax rate '{tax_type}' for sales, but its account {account.label} "
                f"has '{account.tax_type}', and the Item's may win. Give the Item the tax rate of the "
                "account in Xero, or the account that of the Item",
                wakes_on={WakesOn.PERSON, WakesOn.FINANCE_DATA},
            )

    def _make(self, item: Item) -> str:
        try:
            # The code is looked for before each create, so the key need not protect from a second Item.
            return self._hook.create_item(item.body, idempotency_key=uuid.uuid4().hex).item_id or ""
        except RefusedError:
            # Somebody else may have made it a moment ago, without our locks.
            found = self._find(item)
            if found is None or found.item_id is None:
                raise
            return self._hook.update_item(found.item_id, item.body).item_id or ""

    def _find(self, item: Item) -> XeroItem | None:
        code = str(item.body["Code"])
        found = self._hook.items(equals("Code", code), what=f"looking for item {code}")
        return next((each for each in found if each.item_id and each.code.casefold() == code.casefold()), None)


def _item(product: Product, account_code: str | None) -> Item:
    sales = {"UnitPrice": product.unit_price, "AccountCode": account_code}
    body: dict[str, Any] = {
        "Code": product.code,
        "Name": shorten(product.name, NAME_LIMIT),
        "Description": shorten(product.description, DESCRIPTION_LIMIT) if product.description else None,
        "SalesDetails": {name: value for name, value in sales.items() if value is not None} or None,
        "IsSold": True,
    }
    body = {name: value for name, value in body.items() if value is not None}
    fingerprint = hashlib.sha256(write_json(body).encode()).hexdigest()
    return Item(key=f"item:{product.code.casefold()}", fingerprint=fingerprint, body=body)


def _account_code(line: Line, product: Product, route: Route) -> str | None:
    """The account of the product itself: a line's own mapping comes from its article number, which is the same."""
    return route.account_code(line.article_number or product.code, product.ledger_account) or None


def _is_as_wanted(found: XeroItem, body: dict[str, Any]) -> bool:
    sales, wanted = found.sales_details, body.get("SalesDetails", {})
    return (
        found.code == body["Code"]
        and found.name == body["Name"]
        and ("Description" not in body or found.description == body["Description"])
        and ("UnitPrice" not in wanted or (sales is not None and sales.unit_price == wanted["UnitPrice"]))
        and ("AccountCode" not in wanted or (sales is not None and sales.account_code == wanted["AccountCode"]))
    )
