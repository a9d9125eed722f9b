"""The summary's tables: what they count, and that they fit the page that shows them."""

from __future__ import annotations

from decimal import Decimal

from invoice_bridge_core.connections.guard import Pause
from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.reports.summary import DocumentOutcome, summary_text
from invoice_bridge_core.reports.text_table import WIDTH, listed, totals_table

LONG = "Article code 'SPA' is not mapped to an account of Xero. " * 8
ADDRESS = "https://airflow.example/" + "x" * 200


def test_kinds_stand_in_their_order_with_one_line_per_currency() -> None:
    found = [
        (Outcome.HELD, "SEK", Decimal("7.5")),
        (Outcome.TRANSFERRED, "NOK", Decimal("1000000")),
        (Outcome.HELD, "NOK", Decimal(-3)),
        (Outcome.HELD, "SEK", Decimal(1)),
    ]
    lines = [line.replace("\N{NO-BREAK SPACE}", " ") for line in totals_table("outcome", found)]
    assert lines == [
        "  outcome      documents           sum",
        "  transferred          1  1 000 000.00 NOK",
        "  held                 1         -3.00 NOK",
        "  held                 2          8.50 SEK",
    ]


def test_what_is_long_goes_on_below_and_loses_nothing() -> None:
    lines = listed("Somebody has to look at:", [("T-1 · " + "Acme " * 40, LONG), ("T-2", ADDRESS)])
    assert max(len(line) for line in lines if ADDRESS not in line) <= WIDTH
    assert " ".join(line.strip() for line in lines[2:-2]) == LONG.strip()
    assert lines[-2:] == ["  T-2", f"      {ADDRESS}"]
    assert listed("Nothing", []) == []


def test_the_whole_summary_fits() -> None:
    outcomes = [
        DocumentOutcome(f"Q-{at} · Acme Events AS · 10 000.00 NOK", outcome, LONG, "NOK", Decimal(10000))
        for at, outcome in enumerate(Outcome)
    ]
    left = {f"documents wait until 14:05: {LONG}": 12, "documents are held: credentials": 1}
    pause = Pause("xero_default", Outcome.HELD, "credentials of xero_default are refused", detail=LONG)
    lines = summary_text("qondor_xero", outcomes, left, [pause]).splitlines()
    assert max(map(len, lines)) <= WIDTH
    for at, outcome in enumerate(Outcome):
        assert any(f"Q-{at} · Acme" in line and str(outcome) in line for line in lines), outcome
    assert "  12 documents wait until 14:05: Article code 'SPA'" in "\n".join(lines)
    assert any(line.startswith("  1 document is held") for line in lines)
