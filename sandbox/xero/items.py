"""Rules of items (xero.md, "Items")."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.xero.lines import half_up
from sandbox.xero.wire import RefusedError, read_amount, updated

if TYPE_CHECKING:
    from sandbox.store import Row
    from sandbox.xero.books import Books

_LENGTHS = {"Code": 30, "Name": 50, "Description": 4_000}


class Items:
    """Creating, changing and showing items."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def create(self, body: Row, unit_places: int) -> Row:
        """PUT: a new item; an existing code is refused."""
        if self._books.items.find("Code", body.get("Code") or ""):
            raise RefusedError(f"Price List Item with Code '{body['Code']}' already exists. The Code must be unique.")
        return self._save({"ItemID": str(uuid.uuid4())}, body, unit_places)

    def create_or_update(self, body: Row, unit_places: int) -> Row:
        """POST: changes the item with this id or code, and creates one when there is none."""
        if body.get("ItemID"):
            if body["ItemID"] not in self._books.items:
                raise RefusedError("The Item could not be found")
            return self._save(self._books.items[body["ItemID"]], body, unit_places)
        found = self._books.items.find("Code", body.get("Code") or "")
        return self._save(found[0], body, unit_places) if found else self.create(body, unit_places)

    def show(self, row: Row) -> Row:
        """An item as the API answers it."""
        return {**row, "IsTrackedAsInventory": False, "UpdatedDateUTC": updated(row)["UpdatedDateUTC"]}

    def _save(self, existing: Row, body: Row, unit_places: int) -> Row:
        sent: Row = {
            name: body[name] for name in ("Code", "Name", "Description", "IsSold", "IsPurchased") if name in body
        }
        changed: Row = {**existing, **sent}
        if not str(changed.get("Code") or "").strip():
            raise RefusedError("The Item Code must be specified")
        if any(row["ItemID"] != changed["ItemID"] for row in self._books.items.find("Code", changed["Code"])):
            raise RefusedError(
                f"Price List Item with Code '{changed['Code']}' already exists. The Code must be unique."
            )
        for name, length in _LENGTHS.items():
            if len(str(changed.get(name) or "")) > length:
                raise RefusedError(f"The field {name} must not be longer than {length} characters")
        if isinstance(body.get("SalesDetails"), dict):
            changed["SalesDetails"] = self._sales(body["SalesDetails"], unit_places)
        return self._books.items.put({**changed, "UpdatedDateUTC": self._books.stamp()})

    def _sales(self, sent: Row, unit_places: int) -> Row:
        details: Row = {name: sent[name] for name in ("AccountCode", "TaxType") if sent.get(name)}
        account = self._books.account(details.get("AccountCode"))
        if "AccountCode" in details and (account is None or account["Status"] != "ACTIVE" or account["Type"] == "BANK"):
            raise RefusedError(f"Account code '{details['AccountCode']}' is not a valid code for this document.")
        price = read_amount(sent.get("UnitPrice"), "UnitPrice")
        if price is not None:
            details["UnitPrice"] = half_up(price, Decimal("0.0001") if unit_places == 4 else Decimal("0.01"))
        return details
