"""Rows of a reconciliation, for tests of what is made of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from invoice_bridge_core.reconciliation.kinds import Difference, Kind, Severity
from invoice_bridge_core.reconciliation.rows import ReconciledDocument
from invoice_bridge_core.reports.reconciliation import Reconciliation

DAY = dt.date(2026, 11, 10)
WRONG_TOTAL = Difference(Kind.TOTAL, Severity.CONTRADICTION, "Qondor says 2, Xero says 1", "Compare them")
WRONG_CONTACT = Difference(Kind.CONTACT, Severity.CONTRADICTION, "it is on another contact", "Look at it")
HELD = Difference(Kind.HELD, Severity.OPEN, "account 200 is archived", "Mend it")


def row(place: int = 1, /, *differences: Difference, **changes: Any) -> ReconciledDocument:
    """A transferred invoice over 10 000.00 NOK."""
    values: dict[str, Any] = {
        "reference": f"qondor:qondor_default:{place}",
        "number": f"Q-{place}",
        "customer": "Acme Events AS",
        "kind": "customer offer invoice",
        "date": DAY,
        "currency": "NOK",
        "total": Decimal("10000.00"),
        "outcome": "transferred",
        "source": "processed",
        "ledger": "transferred",
        "finance": "authorised",
        "finance_number": f"Q-{place}",
        "finance_link": "https://go.xero.example/1",
        "source_paid_on": None,
        "finance_paid_on": None,
        "differences": differences,
    }
    return ReconciledDocument(**values | changes)


def report(*rows: ReconciledDocument, **changes: Any) -> Reconciliation:
    """The report of one day."""
    values: dict[str, Any] = {
        "route": "qondor_xero",
        "source": "Qondor",
        "finance": "Xero",
        "timezone": "Europe/Oslo",
        "since": DAY,
        "until": DAY + dt.timedelta(days=1),
        "rows": rows,
        "made_at": dt.datetime(2026, 11, 11, 2, 0, tzinfo=dt.UTC),
        "run_key": "run_1",
    }
    return Reconciliation(**values | changes)
