"""The payment round: some documents are paid in the sandbox's finance systems, and arrive as paid in their sources."""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import DocumentKind
from invoice_bridge_core.documents.states import DocumentState
from local.transfer_runs import run_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from invoice_bridge_core.ledger import DocumentRow, Ledger
    from local.airflow import LocalAirflow
    from local.progress import Progress
    from local.sandbox import LocalSandbox

PREFIX = "payment_status__"
PAID_PER_ROUTE = 3
_NEVER_TOLD = frozenset({DocumentKind.CARD_PAYMENT, DocumentKind.CREDIT_NOTE})


@dataclass(frozen=True)
class Paid:
    """A document that the bookkeeper has just received money for."""

    route: str
    row: DocumentRow
    in_full: bool

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.route}  {self.row.label}: {'paid in full' if self.in_full else 'paid in part'}"


def pay_and_tell(airflow: LocalAirflow, routes: Sequence[str], progress: Progress) -> int:
    """Pay some documents of each route, run the payment DAGs, compare; the number of documents that differ."""
    from invoice_bridge_core.ledger import Ledger

    sandbox = airflow.sandbox
    assert sandbox is not None  # noqa: S101 - real finance systems are not paid by a launcher
    ledger = Ledger.connect(airflow.ledger_url)
    try:
        paid = [one for route in routes for one in _pay_some(sandbox, ledger, route)]
    finally:
        ledger.close()
    progress.say(f"The bookkeeper received {len(paid)} payments. Now their sources are told:")
    started = time.monotonic()
    run_all(airflow, [f"{PREFIX}{route}" for route in routes], progress)
    progress.say(f"Polled and reported in {time.monotonic() - started:.0f} s.")
    known = sandbox.known_as_paid()
    wrong = [one for one in paid if (one.row.number in known) != one.in_full]
    for one in paid:
        progress.say(f"  {one}{', and its source was told wrongly' if one in wrong else ''}")
    in_full = sum(one.in_full for one in paid)
    verdict = f"All {in_full} documents that were paid in full, and no others, are paid in their sources."
    progress.say(f"{len(wrong)} payments did not arrive as they should, see above." if wrong else verdict)
    return len(wrong)


def _pay_some(sandbox: LocalSandbox, ledger: Ledger, route: str) -> Iterator[Paid]:
    """The first open documents are paid in full, the next one in part."""
    chosen = list(_open_documents(sandbox, ledger, route))[: PAID_PER_ROUTE + 1]
    for place, (row, due) in enumerate(chosen, start=1):
        assert row.booking is not None and row.finance_conn is not None  # noqa: S101, PT018 - it is transferred
        in_full = place <= PAID_PER_ROUTE or due < 2
        part = None if in_full else format(Decimal(due).quantize(Decimal(1)) / 2, ".2f")
        sandbox.pay(row.finance_conn, row.booking.finance_id, part)
        yield Paid(route, row, in_full)


def _open_documents(sandbox: LocalSandbox, ledger: Ledger, route: str) -> Iterator[tuple[DocumentRow, Decimal]]:
    rows = [
        row
        for row in ledger.outcomes(route, [DocumentState.TRANSFERRED])
        if row.booking is not None and not row.booking.is_draft and row.facts.kind not in _NEVER_TOLD
    ]
    booked = {conn_id: sandbox.booked(conn_id) for conn_id in {row.finance_conn for row in rows if row.finance_conn}}
    for row in sorted(rows, key=lambda one: one.number or ""):
        assert row.booking is not None  # noqa: S101 - see above
        found = booked[row.finance_conn or ""].get(row.booking.finance_id)
        if found is not None and "pay" in found["verbs"] and Decimal(str(found["paid"])) == 0:
            yield row, Decimal(str(found["due"]))
