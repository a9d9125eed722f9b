"""The CSV file: columns that stay, exact amounts, nothing that a spreadsheet would carry out."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_bridge_core.reports.reconciliation_table import COLUMNS, csv_text, read_earlier, table_of, totals_of
from tests.reports.rows import HELD, WRONG_CONTACT, WRONG_TOTAL, report, row

AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12)
DOCUMENTS = st.lists(
    st.tuples(
        st.sampled_from(["transferred", "held", "rejected"]),
        st.sampled_from(["NOK", "SEK", ""]),
        st.none() | AMOUNTS,
        st.booleans(),
    ),
    max_size=30,
)


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@given(DOCUMENTS)
def test_every_amount_comes_back_to_the_last_digit(documents: list[tuple[str, str, Decimal | None, bool]]) -> None:
    rows = [
        row(number, outcome=outcome, currency=currency, total=total, is_counted=counted)
        for number, (outcome, currency, total, counted) in enumerate(documents)
    ]
    table = table_of(rows, {}, "run")
    read = lines(csv_text(table))
    assert [line["total"] for line in read] == ["" if one.total is None else f"{one.total:f}" for one in rows]
    counted: defaultdict[Any, int] = defaultdict(int)
    summed: defaultdict[Any, Decimal] = defaultdict(Decimal)
    for one in rows:
        if one.is_counted:
            counted[one.outcome, one.currency] += 1
            summed[one.outcome, one.currency] += one.total or Decimal(0)
    totals = totals_of(table).to_dict("records")
    assert {(one["outcome"], one["currency"]): one["documents"] for one in totals} == counted
    assert {(one["outcome"], one["currency"]): one["sum"] for one in totals} == summed


@given(st.text(max_size=60))
def test_no_cell_is_a_formula_or_breaks_the_line(text: str) -> None:
    [line] = lines(csv_text(table_of([row(customer=text)], {}, "run")))
    assert line["customer"].lstrip(" '\"")[:1] not in ("=", "+", "-", "@", "|") or line["customer"].startswith("'")
    assert not set(line["customer"]) & set("\r\n\t\x00\x0b")


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("https://evil.example")', "+1", "-2+3", "@SUM(A1)", " =1", "\t=1", "\uff1d1", "|calc"]
)
def test_a_formula_becomes_a_text(text: str) -> None:
    [line] = lines(csv_text(table_of([row(customer=text, number=text)], {}, "run")))
    assert line["customer"].startswith("'")
    assert line["number"].startswith("'")


def test_the_columns_are_the_public_ones_and_pandas_reads_them() -> None:
    import pandas as pd

    text = csv_text(table_of([row(1, WRONG_TOTAL, HELD), row(2)], {}, "run"))
    frame = pd.read_csv(io.StringIO(text), dtype=str)
    assert tuple(frame.columns) == COLUMNS
    assert frame.loc[0, "differences"] == "total differs; held"
    assert frame.loc[0, "next_step"] == "Compare them. Mend it"
    assert frame.loc[0, "date"] == "2026-11-10"
    assert list(frame["counted"]) == ["yes", "yes"]


def test_new_is_what_no_earlier_report_has_shown() -> None:
    first = report(row(1, WRONG_TOTAL), row(2, HELD), row(3))
    assert [one.number for one in first.news] == ["Q-1"]
    earlier = read_earlier(csv_text(first.table))
    again = report(row(1, WRONG_TOTAL), row(3, WRONG_CONTACT), run_key="run_2", earlier=earlier)
    assert [one.number for one in again.news] == ["Q-3"]
    worse = report(row(1, WRONG_TOTAL, WRONG_CONTACT), run_key="run_3", earlier=read_earlier(csv_text(again.table)))
    assert [one.number for one in worse.news] == ["Q-1"]


def test_the_run_that_found_it_and_was_interrupted_still_says_so() -> None:
    first = report(row(1, WRONG_TOTAL))
    retried = report(row(1, WRONG_TOTAL), earlier=read_earlier(csv_text(first.table)))
    assert [one.number for one in retried.news] == ["Q-1"]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "reference\nx\n"])
def test_a_file_that_is_no_report_is_not_believed(text: str) -> None:
    with pytest.raises(ValueError, match="other columns"):
        read_earlier(text)
