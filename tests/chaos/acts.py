"""What people do in finance between two runs. Each act may be done twice and does nothing the second time.

They are carried out in the sandbox's process; what is not booked yet, or takes no money, is left alone.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.bookkeeping import UnknownDocumentError

if TYPE_CHECKING:
    from decimal import Decimal

    from sandbox.bookkeeping import Booked
    from sandbox.sandbox import Sandbox


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
