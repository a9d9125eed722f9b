"""What invoices and credit notes have in common: fields, numbers, statuses and balances (xero.md, "Invoices")."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from sandbox.xero.lines import LINE_AMOUNT_TYPES, Terms, build_lines, totals
from sandbox.xero.wire import RefusedError, long_date, msdate, read_date, updated

if TYPE_CHECKING:
    from sandbox.store import Row, Table
    from sandbox.xero.books import Books
    from sandbox.xero.contacts import Contacts

NOTHING = Decimal("0.00")
_NEW_STATUSES = ("DRAFT", "SUBMITTED", "AUTHORISED")
_FINAL = ("SUBMITTED", "AUTHORISED")
_TRANSITIONS = {
    "DRAFT": ("DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"),
    "SUBMITTED": ("SUBMITTED", "DRAFT", "AUTHORISED", "DELETED"),
    "AUTHORISED": ("AUTHORISED", "VOIDED"),
}
_HEAD = ("Reference", "Url", "SentToContact", "ExpectedPaymentDate", "BrandingThemeID")
_CONTENT = {"LineItems", "CurrencyCode", "LineAmountTypes", "Contact", "Date"}
_NUMBER_LENGTH = 255


class Documents(ABC):
    """Creating, changing and showing documents of one kind."""

    kind: ClassVar[str]  # how messages call it
    id_field: ClassVar[str]
    number_field: ClassVar[str]
    types: ClassVar[tuple[str, ...]]
    number_prefix: ClassVar[str]

    def __init__(self, books: Books, contacts: Contacts) -> None:
        self._books, self._contacts = books, contacts

    @property
    @abstractmethod
    def table(self) -> Table:
        """Where these documents are kept."""

    @abstractmethod
    def settled(self, document: Row) -> Decimal:
        """How much of the document's total is paid, allocated or refunded."""

    @abstractmethod
    def refresh(self, document_id: str) -> Row:
        """Recompute balance and status after a payment or an allocation came or went."""

    def create(self, body: Row, unit_places: int) -> Row:
        """PUT: a new document; an existing number is refused."""
        if body.get(self.id_field) in self.table:
            raise RefusedError(f"{self.kind} with this {self.id_field} already exists; use POST to update it")
        if body.get("Type") not in self.types:
            raise RefusedError(f"The {self.kind.lower()} Type must be one of {', '.join(self.types)}")
        if str(body.get("Status") or "DRAFT") not in _NEW_STATUSES:
            raise RefusedError(f"{self.kind} not of valid status for creation")
        fresh: Row = {
            self.id_field: str(uuid.uuid4()),
            "Type": body["Type"],
            "Status": "DRAFT",
            "LineAmountTypes": "Exclusive",
            "CurrencyCode": self._books.organisation["BaseCurrency"],
            "Date": self._books.today(),
            "LineItems": [],
        }
        return self._save(fresh, body, unit_places)

    def create_or_update(self, body: Row, unit_places: int) -> Row:
        """POST: overwrites the document with this id or number, and creates one when there is none."""
        existing = self._matched(body)
        return self.create(body, unit_places) if existing is None else self._update(existing, body, unit_places)

    def renumber(self, document_id: str, number: str) -> Row:
        """Another number, whatever the document's status; one that is taken is refused."""
        existing = self.table[document_id]
        number = self._number(existing, {self.number_field: number})
        return self.table.put({**existing, self.number_field: number, "UpdatedDateUTC": self._books.stamp()})

    def by_id_or_number(self, key: str) -> Row | None:
        """The document that a path names."""
        if key in self.table:
            return self.table[key]
        found = self._holders(key)
        return found[0] if found else None

    def show(self, row: Row, *, lines: bool = True, details: bool = True) -> Row:
        """A document as the API answers it."""
        contact = self._books.contacts[row["ContactID"]]
        hidden = ("ContactID", "LineItems", "Date", "DueDate", "FullyPaidOnDate", "UpdatedDateUTC")
        shown = {name: value for name, value in row.items() if value is not None and name not in hidden}
        for name in ("Date", "DueDate", "FullyPaidOnDate"):
            if row.get(name):
                shown[name] = msdate(row[name])
        for name, twin in (("Date", "DateString"), ("DueDate", "DueDateString")):
            if row.get(name):
                shown[twin] = long_date(row[name])
        shown["Contact"] = {"ContactID": contact["ContactID"], "Name": contact["Name"], "HasValidationErrors": False}
        shown["LineItems"] = row["LineItems"] if lines else []
        shown |= {"HasAttachments": False, "HasErrors": False, **updated(row)}
        return shown | self._details(row) if details else shown

    @abstractmethod
    def _details(self, row: Row) -> Row:
        """Payments and the like of one document, for the answer."""

    def _matched(self, body: Row) -> Row | None:
        document_id = body.get(self.id_field)
        if document_id:
            if document_id not in self.table:
                raise RefusedError(f"{self.kind} with the specified {self.id_field} could not be found")
            return self.table[document_id]
        number = body.get(self.number_field)
        holders = self._holders(str(number)) if number else []
        return holders[0] if holders else None

    def _holders(self, number: str) -> list[Row]:
        """Who has this number: a deleted draft frees its number, a voided document keeps it."""
        return [row for row in self.table.find(self.number_field, number) if row["Status"] != "DELETED"]

    def _update(self, existing: Row, body: Row, unit_places: int) -> Row:
        status = str(body.get("Status") or existing["Status"])
        if status not in _TRANSITIONS.get(existing["Status"], ()):
            raise RefusedError(f"{self.kind} not of valid status for modification")
        if self.settled(existing) and (status == "VOIDED" or _CONTENT & set(body)):
            raise RefusedError(
                f"This {self.kind.lower()} cannot be changed as it has a payment or credit note allocated to it."
            )
        if status in ("DELETED", "VOIDED"):
            return self.table.put(
                {**existing, "Status": status, **self._emptied(existing), "UpdatedDateUTC": self._books.stamp()}
            )
        return self._save(existing, body, unit_places)

    def _emptied(self, existing: Row) -> Row:
        """Balance fields of a document that is voided or deleted."""
        return {name: NOTHING for name in ("AmountDue", "RemainingCredit") if name in existing}

    def _save(self, existing: Row, body: Row, unit_places: int) -> Row:
        status = str(body.get("Status") or existing["Status"])
        changed = {**existing, **{name: body[name] for name in _HEAD if name in body}, "Status": status}
        changed[self.number_field] = self._number(existing, body)
        self._take_dates(changed, body)
        if "Contact" in body or "ContactID" not in existing:
            changed["ContactID"] = self._contacts.for_document(body.get("Contact"))["ContactID"]
        self._take_currency(changed, body)
        self._take_lines(changed, body, unit_places)
        self._validate(changed)
        changed["UpdatedDateUTC"] = self._books.stamp()
        self.table.put(changed)
        return self.refresh(changed[self.id_field])

    def _number(self, existing: Row, body: Row) -> str:
        number = body.get(self.number_field) or existing.get(self.number_field)
        if not number:
            return f"{self.number_prefix}{len(self.table) + 1:04d}"
        if len(str(number)) > _NUMBER_LENGTH:
            raise RefusedError(f"{self.number_field} must not be longer than {_NUMBER_LENGTH} characters")
        if any(row[self.id_field] != existing[self.id_field] for row in self._holders(str(number))):
            raise RefusedError(f"{self.kind} # must be unique.")
        return str(number)

    def _take_dates(self, changed: Row, body: Row) -> None:
        for name in ("Date", "DueDate"):
            day = read_date(body.get(name), name)
            if day is not None:
                changed[name] = day

    def _take_currency(self, changed: Row, body: Row) -> None:
        currency = body.get("CurrencyCode")
        if currency is None:
            return
        if currency not in self._books.currencies:
            raise RefusedError(f"Organisation is not subscribed to currency {currency}")
        changed["CurrencyCode"] = currency

    def _take_lines(self, changed: Row, body: Row, unit_places: int) -> None:
        kind = body.get("LineAmountTypes") or changed["LineAmountTypes"]
        if kind not in LINE_AMOUNT_TYPES:
            raise RefusedError(f"LineAmountTypes must be one of {', '.join(LINE_AMOUNT_TYPES)}")
        contact = self._books.contacts[changed["ContactID"]]
        terms = Terms(kind, unit_places, changed["Status"] in _FINAL, contact.get("AccountsReceivableTaxType"))
        sent: list[Any] = body["LineItems"] if body.get("LineItems") is not None else changed["LineItems"]
        changed["LineAmountTypes"] = kind
        changed["LineItems"] = build_lines(self._books, sent, terms)
        changed |= totals(changed["LineItems"], kind)

    def _validate(self, changed: Row) -> None:
        problems = []
        if changed["Status"] in _FINAL and not changed["LineItems"]:
            problems.append("One or more line items must be specified")
        if changed["Total"] < 0:
            problems.append("The document total must not be negative")
        if fault := _link_fault(changed.get("Url")):
            problems.append(fault)
        problems += self._more_problems(changed)
        if problems:
            raise RefusedError(*problems)
        if changed["Status"] == "AUTHORISED":
            self._books.refuse_locked(changed["Date"], "document")

    def _more_problems(self, changed: Row) -> list[str]:
        """What else is wrong with a document of this kind."""
        return []


def _link_fault(link: Any) -> str | None:
    """Why Xero would not take a link; its own words for it are assumed."""
    if link in (None, ""):
        return None
    try:
        parts = urlsplit(str(link))
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_address = False
    if not is_address or any(letter.isspace() for letter in str(link)):
        return "Url must be a valid URL"
    return "Url must not contain 'xero'" if "xero" in str(link).casefold() else None
