"""What people do between two runs, on each of the four routes, in the words of the route's own systems."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.transfer.requeue import Requeueing
from invoice_bridge_core.transfer.resolution import Resolution
from invoice_bridge_core.transfer.resolution_of_reports import ReportResolution
from sandbox.ixpole.tenants import ARENA, CLUB
from tests.reconciliation.closing import close

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import DocumentRow
    from invoice_bridge_core.reconciliation.rows import ReconciledDocument
    from tests.payments.backflow import Backflow
    from tests.world import World


@dataclass
class People:
    """An administrator or seller in the source, and a bookkeeper in finance."""

    back: Backflow

    @property
    def world(self) -> World:
        return self.back.world

    @property
    def tenant(self) -> Any:
        return CLUB if self.back.into_xero else ARENA

    def set_back(self, number: int = 1) -> None:
        """The source offers the document again."""
        sandbox, source_id = self.world.sandbox, self.back.source_id(number)
        if self.back.from_qondor:
            sandbox.qondor.administrator.set_back(source_id, despite_rules=True)
        else:
            sandbox.ixpole.seller.set_back(source_id, self.tenant)

    def void(self, number: int = 1) -> None:
        """The booking counts no longer: voided in Xero, deleted in Quiddly, which knows no other way."""
        name = self.back.name_of(number)
        self.back.bookkeeper.void(name) if self.back.into_xero else self.back.bookkeeper.changes.delete(name)

    def enter_invoice(self, number: int = 1) -> None:
        """Somebody enters the booking's number in iXpole."""
        back = self.back
        self.world.sandbox.ixpole.seller.enter_invoice(back.source_id(number), back.name_of(number), tenant=self.tenant)

    def told(self, number: int = 1) -> str | None:
        """The reference or number that the source has of the booking."""
        row = self.back.document(number)
        return row.get("externalReference" if self.back.from_qondor else "InvoiceNumber")

    def reference(self, number: int = 1) -> str:
        """What the source has to be told of the booking."""
        booking = self.world.booking(self.back.source_id(number))
        return booking.finance_id if self.back.from_qondor else booking.number

    def refuse_reports(self, **how: Any) -> None:
        """The source answers every report with a definite no."""
        self.world.sandbox.fault("refuse", system=self.world.route.source.system, method="PUT", **how)

    def says_not_booked(self, number: int = 1) -> str:
        return self._resolution().not_booked(self.row(number))

    def says_booked_as(self, name: str, number: int = 1) -> str:
        return self._resolution().booked_as(self.row(number), name, despite_missing_mark=True)

    def says_told(self, number: int = 1) -> str:
        return self._reports().told(self.row(number))

    def says_step(self, step: str, *, is_done: bool, i_looked: bool = False, number: int = 1) -> str:
        return self._reports().step(self.row(number), step, is_done=is_done, i_looked=i_looked)

    def row(self, number: int = 1) -> DocumentRow:
        return self.world.row(self.back.source_id(number))

    def differences(self) -> dict[str, list[str]]:
        """What the daily close says of each document that does not agree."""
        return {row.number: [str(one.kind) for one in row.differences] for row in self.closed() if row.differences}

    def closed(self) -> list[ReconciledDocument]:
        """The rows of the daily close."""
        day = dt.date(2026, 11, 2) if self.back.from_qondor else dt.date(2026, 11, 15)
        return close(self.world, day, day + dt.timedelta(days=1))

    def outcome(self, number: int = 1) -> tuple[str, str]:
        """The outcome of a run, which takes the document up, and what it says."""
        self.world.let_arrive()
        ended = self.world.run().get(self.back.source_id(number))
        assert ended is not None, "the queue passed it over"
        return str(ended.outcome), ended.message

    def living(self) -> list[str]:
        """The numbers of what counts in finance."""
        if self.back.into_xero:
            rows = self.world.sandbox.xero.invoices.rows()
            return sorted(row["InvoiceNumber"] for row in rows if row["Status"] not in ("VOIDED", "DELETED"))
        return sorted(row["invoiceNumber"] for row in self.world.sandbox.quiddly.invoices.rows())

    def requeues(self, number: int = 1, reason: str = "voided by mistake", by: str = "anna") -> str:
        """Somebody puts the document back with our command."""
        self.world.new_run()
        source, finance = self.world.systems()
        requeueing = Requeueing(route=self.world.route, source=source, finance=finance, ledger=self.world.ledger, by=by)
        return requeueing.requeue(self.row(number), reason)

    def put_back(self) -> list[object]:
        """What was sent to put documents back, since the traffic was forgotten."""
        return [entry.body for entry in self.world.calls("qondor", "PUT") if "SetAsUnprocessed" in entry.path]

    def _resolution(self) -> Resolution:
        finance = self.world.systems()[1]
        return Resolution(route=self.world.route, finance=finance, ledger=self.world.ledger, by="anna")

    def _reports(self) -> ReportResolution:
        self.world.new_run()
        source, finance = self.world.systems()
        return ReportResolution(
            route=self.world.route, source=source, finance=finance, ledger=self.world.ledger, by="anna"
        )
