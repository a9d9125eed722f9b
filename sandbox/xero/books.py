"""Xero's books: the tables, and the questions that every rule asks of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.store import Row, Store, Table
from sandbox.xero import chart
from sandbox.xero.wire import RefusedError

if TYPE_CHECKING:
    from sandbox.clock import Clock

_SYSTEM = "xero"


class Books:
    """All that one Xero organisation knows."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store, self.clock = store, clock
        self.saves_parts = False
        """Whether a batch that is refused as a whole leaves its valid elements saved (xero.md, "Writing")."""
        self.breaks_off = False
        """Whether a write ends with an error after a part of its elements."""
        self.organisations = Table(store, _SYSTEM, "organisations", "OrganisationID")
        self.accounts = Table(store, _SYSTEM, "accounts", "AccountID", {"Code": lambda row: row.get("Code")})
        self.tax_rates = Table(store, _SYSTEM, "tax_rates", "TaxType")
        self.currencies = Table(store, _SYSTEM, "currencies", "Code")
        self.contacts = Table(
            store,
            _SYSTEM,
            "contacts",
            "ContactID",
            {"Name": lambda row: row.get("Name"), "ContactNumber": lambda row: row.get("ContactNumber")},
        )
        self.invoices = Table(
            store,
            _SYSTEM,
            "invoices",
            "InvoiceID",
            {"InvoiceNumber": lambda row: row.get("InvoiceNumber"), "Reference": lambda row: row.get("Reference")},
        )
        self.credit_notes = Table(
            store,
            _SYSTEM,
            "credit_notes",
            "CreditNoteID",
            {"CreditNoteNumber": lambda row: row.get("CreditNoteNumber")},
        )
        self.payments = Table(
            store,
            _SYSTEM,
            "payments",
            "PaymentID",
            {"InvoiceID": lambda row: row.get("InvoiceID"), "CreditNoteID": lambda row: row.get("CreditNoteID")},
        )
        self.allocations = Table(
            store,
            _SYSTEM,
            "allocations",
            "AllocationID",
            {"InvoiceID": lambda row: row["InvoiceID"], "CreditNoteID": lambda row: row["CreditNoteID"]},
        )
        self.overpayments = Table(
            store, _SYSTEM, "overpayments", "OverpaymentID", {"ContactID": lambda row: row["ContactID"]}
        )
        self.set_off = Table(store, _SYSTEM, "set_off", "AllocationID", {"InvoiceID": lambda row: row["InvoiceID"]})
        self.items = Table(store, _SYSTEM, "items", "ItemID", {"Code": lambda row: row["Code"]})

    def plant_reference_data(self) -> None:
        """The demo organisation's settings, chart, rates and currencies."""
        self.organisations.put(chart.organisation())
        for table, rows in (
            (self.accounts, chart.accounts()),
            (self.tax_rates, chart.tax_rates()),
            (self.currencies, chart.currencies()),
        ):
            for row in rows:
                table.put(row)

    @property
    def organisation(self) -> Row:
        """The one organisation."""
        return self.organisations.rows()[0]

    def stamp(self) -> str:
        """A new `UpdatedDateUTC`."""
        return self.clock.stamp().isoformat(timespec="microseconds")

    def today(self) -> str:
        """The date of a document that was sent without one."""
        return self.clock.today().isoformat()

    def account(self, code: str | None) -> Row | None:
        """The account with a code."""
        found = self.accounts.find("Code", code) if code else []
        return found[0] if found else None

    def refuse_locked(self, day: str, what: str) -> None:
        """Nothing may be booked on or before a lock date."""
        for name, words in (("PeriodLockDate", "period lock date"), ("EndOfYearLockDate", "end of year lock date")):
            lock = self.organisation.get(name)
            if lock is not None and day <= lock:
                raise RefusedError(f"The {what} date cannot be before the {words} currently set at {lock}")
