"""iXpole's instalments and the rules of writing back (ixpole.md, "Writing back")."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.clock import Clock
    from sandbox.store import Row, Table

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_KEYS = {"InstalmentCode", "InvoiceNumber", "InvoiceDueDate", "Pdf", "PaymentNo"}
TODO, PENDING, OPEN, OVERDUE, RECEIVED = "ToDo", "Pending", "Open", "Overdue", "Received"


class RuleBrokenError(Exception):
    """A body that the instalment's state, or its own keys, do not allow."""


class UnknownInstalmentError(LookupError):
    """No instalment with this code."""


class Instalments:
    """What iXpole lets an accounting system do with the instalments of a tenant.

    A row holds the instalment itself under `instalment` and what was written back beside it.
    """

    def __init__(self, table: Table, clock: Clock) -> None:
        self.table, self._clock = table, clock

    def add(self, tenant: str, instalment: Row) -> Row:
        """Register an instalment; without a status it waits."""
        state = instalment.get("Status") or TODO
        row = {
            "key": f"{tenant}/{instalment['InstalmentCode']}",
            "tenant": tenant,
            "instalment": instalment,
            "Status": state,
        }
        return self.table.put(row)

    def row(self, tenant: str, code: object) -> Row:
        """One instalment with all that was written back."""
        key = f"{tenant}/{code}"
        if key not in self.table:
            raise UnknownInstalmentError(key)
        return {**self.table[key], "Status": self._status(self.table[key])}

    def remove(self, tenant: str, code: str) -> None:
        """Somebody deletes the sale."""
        self.table.remove(f"{tenant}/{code}")

    def listed(self, tenant: str) -> list[Row]:
        """What needs an invoice, in no order by date or number."""
        rows = [row for row in self.table.rows() if row["tenant"] == tenant and row["Status"] == TODO]
        rows.sort(key=lambda row: sum(map(ord, row["key"])) * 7_919 % 10_007)
        return [{**row["instalment"], "Status": TODO} for row in rows]

    def write_back(self, tenant: str, body: Any) -> None:
        """Invoice data, a draft's number, or the payment."""
        if not isinstance(body, dict) or not isinstance(body.get("InstalmentCode"), str):
            raise RuleBrokenError("InstalmentCode is required.")
        if unknown := sorted(body.keys() - _KEYS):
            raise RuleBrokenError(f"Unknown field {unknown[0]}.")
        row = self.row(tenant, body["InstalmentCode"])
        if "PaymentNo" in body:
            changes = self._paid(row, body)
        elif _number(body).startswith("D"):
            changes = self._drafted(row, body)
        else:
            changes = self._invoiced(row, body)
        self.table.put({**self.table[row["key"]], **changes})

    def _paid(self, row: Row, body: Row) -> Row:
        number = body["PaymentNo"]
        if not isinstance(number, str) or not number.strip() or set(body) != {"InstalmentCode", "PaymentNo"}:
            raise RuleBrokenError("PaymentNo is required, and nothing else.")
        if row["Status"] not in (OPEN, OVERDUE, RECEIVED):
            raise RuleBrokenError(f"Instalment {body['InstalmentCode']} has no invoice that could be paid.")
        return {"Status": RECEIVED, "PaymentNo": number}

    def _drafted(self, row: Row, body: Row) -> Row:
        if set(body) != {"InstalmentCode", "InvoiceNumber"}:
            raise RuleBrokenError("A draft has a number only.")
        if row["Status"] not in (TODO, PENDING):
            raise RuleBrokenError(f"Instalment {body['InstalmentCode']} has an invoice already.")
        return {"Status": PENDING, "InvoiceNumber": body["InvoiceNumber"]}

    def _invoiced(self, row: Row, body: Row) -> Row:
        if row["Status"] == RECEIVED:
            raise RuleBrokenError(f"Instalment {body['InstalmentCode']} is paid.")
        due = body.get("InvoiceDueDate")
        if not isinstance(due, str) or not _DATE.fullmatch(due):
            raise RuleBrokenError("InvoiceDueDate must be a date.")
        if "Pdf" in body and not _is_pdf(body["Pdf"]):
            raise RuleBrokenError("Pdf must be a PDF as BASE64.")
        return {
            "Status": OPEN,
            "InvoiceNumber": body["InvoiceNumber"],
            "InvoiceDueDate": due,
            "Pdf": body.get("Pdf"),
        }

    def _status(self, row: Row) -> str:
        if row["Status"] == OPEN and (row.get("InvoiceDueDate") or "9999") < self._clock.today().isoformat():
            return OVERDUE
        return str(row["Status"])


def _number(body: Row) -> str:
    number = body.get("InvoiceNumber")
    if not isinstance(number, str) or not number.strip():
        raise RuleBrokenError("InvoiceNumber is required.")
    return number


def _is_pdf(text: object) -> bool:
    if not isinstance(text, str):
        return False
    try:
        return base64.b64decode(text, validate=True).startswith(b"%PDF")
    except (binascii.Error, ValueError):
        return False
