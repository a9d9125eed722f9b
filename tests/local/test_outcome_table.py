"""The outcome table, and its comparison with what the sandbox expects."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from local.outcome_table import DocumentEnd, differences, outcome_table, unfinished


def end(source_id: str, outcome: str, total: str = "100", currency: str = "NOK", reason: str = "") -> DocumentEnd:
    return DocumentEnd("qondor_xero", source_id, f"Q-{source_id}", outcome, reason, currency, Decimal(total))


def expected(source_id: str, outcome: str) -> dict[str, Any]:
    return {
        "route": "qondor_xero",
        "source_id": source_id,
        "number": f"Q-{source_id}",
        "outcome": outcome,
        "why": "so.",
    }


def test_sums_per_outcome_and_currency_and_who_needs_somebody() -> None:
    ends = [
        end("1", "transferred", "1000.50"),
        end("2", "transferred", "-0.50"),
        end("3", "transferred", "20", "EUR"),
        end("4", "rejected", "7", reason="article X is unknown"),
    ]
    assert outcome_table(ends).splitlines() == [
        "route        outcome      documents       sum",
        "qondor_xero  rejected             1      7.00 NOK",
        "qondor_xero  transferred          1     20.00 EUR",
        "qondor_xero  transferred          2  1 000.00 NOK",
        "",
        "1 document to look at:",
        "  rejected    Q-4: article X is unknown",
    ]


def test_everything_as_expected() -> None:
    ends = [end("1", "transferred"), end("2", "held"), end("3", "left alone")]
    wanted = [
        expected("1", "transferred"),
        expected("2", "held"),
        expected("3", "left alone"),
        expected("4", "left alone"),
    ]
    assert differences(ends, wanted) == []


def test_what_differs_is_named_with_both_reasons() -> None:
    found = differences([end("1", "held", reason="no account")], [expected("1", "transferred")])
    assert [str(one) for one in found] == [
        "qondor_xero  Q-1: expected transferred, found held. so. The ledger says: no account"
    ]


def test_a_document_that_the_ledger_never_met_differs() -> None:
    assert [one.found for one in differences([], [expected("1", "transferred")])] == ["left alone"]


def test_a_document_that_was_moved_though_it_should_not_differs() -> None:
    assert [one.found for one in differences([end("1", "transferred")], [expected("1", "left alone")])] == [
        "transferred"
    ]


def test_a_document_without_expectation_must_be_in_order_by_itself() -> None:
    assert differences([end("1", "transferred"), end("2", "left alone")], []) == []
    assert [one.label for one in differences([end("3", "in doubt"), end("4", "unfinished")], [])] == ["Q-3", "Q-4"]
    assert [one.label for one in unfinished([end("5", "held")])] == ["Q-5"]
