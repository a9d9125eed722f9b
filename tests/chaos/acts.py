"""What people do in finance between two runs. Each act may be done twice and does nothing the second time.

They are carried out in the sandbox's process; what is not booked yet, or takes no money, is left alone.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.bookkeeping import UnknownDocumentError
from sandbox.xero.wire import RefusedError

if TYPE_CHECKING:
    from decimal import Decimal

    from sandbox.bookkeeping import Booked
    from sandbox.sandbox import Sandbox


BY_HAND = "Typed by hand AS"
"""The customer, and the reference, of what a person typed into Xero under one of our numbers."""


@dataclass(frozen=True, kw_only=True)
class Act:
    """Something that somebody does.

    :param takes: seconds that go by afterwards, for everybody.
    """

    takes: int = 0

    def __call__(self, sandbox: Sandbox) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class InTurn(Act):
    """Several acts, with time between them that only finance notices, so that the first is old when it is read."""

    acts: tuple[Act, ...]
    apart: int = 0

    def __call__(self, sandbox: Sandbox) -> None:
        for number, act in enumerate(self.acts):
            if number:
                sandbox.clock.advance(self.apart)
            act(sandbox)


@dataclass(frozen=True)
class _OfDocument(Act):
    system: str
    number: str

    def __call__(self, sandbox: Sandbox) -> None:
        keeper = getattr(sandbox, self.system).bookkeeper
        try:
            booked = keeper.document(self.number)
        except UnknownDocumentError:
            return
        self.do(keeper, booked)

    def do(self, keeper: Any, booked: Booked) -> None:
        """Do it to a document that is there."""
        raise NotImplementedError


@dataclass(frozen=True)
class Pays(_OfDocument):
    """Somebody pays until so much is paid in all; more than is due is one payment that is too high."""

    reach: Decimal
    on: str

    def do(self, keeper: Any, booked: Booked) -> None:
        missing, day = self.reach - booked.paid, dt.date.fromisoformat(self.on)
        if missing <= 0:
            return
        verb = "overpay" if missing > booked.due else "pay"
        if verb in booked.verbs:
            getattr(keeper, verb)(self.number, missing, day)


@dataclass(frozen=True)
class TakesBack(_OfDocument):
    """All that was paid is taken back."""

    on: str

    def do(self, keeper: Any, booked: Booked) -> None:
        if "unpay" in booked.verbs:
            keeper.unpay(self.number)
        elif "correct" in booked.verbs:
            keeper.correct(self.number, None, dt.date.fromisoformat(self.on))


@dataclass(frozen=True)
class Credits(_OfDocument):
    """A credit note by hand over all that is due; in Xero only."""

    on: str

    def do(self, keeper: Any, booked: Booked) -> None:
        if "credit" in booked.verbs and booked.due > 0:
            keeper.credit(self.number, None, dt.date.fromisoformat(self.on))


@dataclass(frozen=True)
class Postpones(_OfDocument):
    """Another due date."""

    on: str

    def do(self, keeper: Any, booked: Booked) -> None:
        keeper.changes.due(self.number, dt.date.fromisoformat(self.on))


@dataclass(frozen=True)
class PaysForeign(Act):
    """Money for an invoice of somebody else's; in Quiddly only."""

    number: str
    amount: Decimal
    on: str

    def __call__(self, sandbox: Sandbox) -> None:
        if not sandbox.quiddly.vouchers.of(self.number):
            sandbox.quiddly.bookkeeper.pay_foreign(self.number, self.amount, dt.date.fromisoformat(self.on))


@dataclass(frozen=True)
class ApprovesDrafts(Act):
    """Every draft becomes a real invoice."""

    def __call__(self, sandbox: Sandbox) -> None:
        for table in (sandbox.xero.invoices, sandbox.xero.credit_notes):
            for row in table.rows():
                if row["Status"] == "DRAFT":
                    sandbox.xero.bookkeeper.authorise(row[table.key])
        for row in sandbox.quiddly.invoices.rows():
            if row["status"] == "CREATED":
                sandbox.quiddly.bookkeeper.activate(row["id"])


@dataclass(frozen=True)
class TypesNumber(Act):
    """A person types an invoice of her own into Xero under one of our numbers; where that is taken Xero says no."""

    number: str

    def __call__(self, sandbox: Sandbox) -> None:
        contacts = sandbox.xero.contacts.find("Name", BY_HAND) or [sandbox.xero.add_contact(Name=BY_HAND)]
        line = {"Description": "Venue", "Quantity": 1, "UnitAmount": 70, "AccountCode": "200"}
        with suppress(RefusedError):
            sandbox.xero.add_invoice(
                InvoiceNumber=self.number,
                Reference=BY_HAND,
                Contact={"ContactID": contacts[0]["ContactID"]},
                Date="2026-11-15",
                DueDate="2026-12-15",
                Status="AUTHORISED",
                LineItems=[line],
            )


@dataclass(frozen=True)
class Spoils(Act):
    """From now on Xero refuses every call that holds this number, whatever else is in it, until somebody mends that."""

    number: str
    calls: int = 5

    def __call__(self, sandbox: Sandbox) -> None:
        sandbox.fault("bad_request", "xero", "PUT", body=f'"{self.number}"', count=self.calls)


@dataclass(frozen=True)
class SavesParts(Act):
    """From now on a batch of which one element is refused is answered 400, and the others are saved."""

    def __call__(self, sandbox: Sandbox) -> None:
        sandbox.xero.books.saves_parts = True
