"""The reconciliation as pandas tables, and as a CSV file with columns that stay."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from invoice_bridge_core.reconciliation.rows import ReconciledDocument

COLUMNS = (
    "reference",
    "number",
    "customer",
    "kind",
    "date",
    "currency",
    "total",
    "outcome",
    "source",
    "ledger",
    "finance",
    "finance_number",
    "source_paid_on",
    "finance_paid_on",
    "weight",
    "differences",
    "details",
    "next_step",
    "counted",
    "contradictions",
    "found_by",
)
"""Of the CSV file: a public interface. `total` is an exact decimal, negative for a credit note; dates are ISO."""

SALE_COLUMN = "sale"
"""The last one, where the route shows sales: same, missing, twice, or differs and in what."""

ENCODING = "utf-8-sig"
"""UTF-8 behind the mark without which spreadsheets take it for something else."""

_FORMULA = re.compile(r"^[\s'\"]*[=+\-@\uff1d\uff0b\uff0d\uff20|]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


@dataclass(frozen=True)
class Earlier:
    """What an earlier report said of one row.

    :param contradictions: the kinds of what the sides contradicted each other about.
    :param found_by: the run that found the last of them first.
    """

    contradictions: frozenset[str]
    found_by: str


def table_of(rows: Sequence[ReconciledDocument], earlier: dict[str, Earlier], run_key: str) -> pd.DataFrame:
    """One line per document, in the order of the rows; amounts stay `Decimal`.

    :param earlier: what the last report of the same days said, by reference.
    :param run_key: names the run that finds what was not there before.
    """
    import pandas as pd

    with_sales = any(row.sale is not None for row in rows)
    columns = [*COLUMNS, SALE_COLUMN] if with_sales else list(COLUMNS)
    lines = [
        {
            **{name: getattr(row, name) for name in COLUMNS[:14]},
            "weight": str(row.severity),
            "differences": "; ".join(dict.fromkeys(str(one.kind) for one in row.differences)),
            "details": "; ".join(one.text for one in row.differences),
            "next_step": row.next_step,
            "counted": row.is_counted,
            "contradictions": "; ".join(row.contradictions),
            "found_by": _found_by(row, earlier.get(row.reference), run_key),
            **({SALE_COLUMN: row.sale} if with_sales else {}),
        }
        for row in rows
    ]
    return pd.DataFrame(lines, columns=columns, dtype=object)


def totals_of(table: pd.DataFrame) -> pd.DataFrame:
    """Documents and their sum by outcome and currency; those of several days add up to the totals of all of them."""
    counted = table[table["counted"].astype(bool)]
    amounts = counted["total"].map(lambda amount: Decimal(0) if amount is None else amount)
    totals = (
        counted.assign(total=amounts)
        .groupby(["outcome", "currency"], as_index=False, sort=True)
        .agg(documents=("total", "size"), sum=("total", "sum"))
    )
    return totals[["outcome", "currency", "documents", "sum"]]


def csv_text(table: pd.DataFrame) -> str:
    """The table as a file; no cell begins like a formula, and none holds a line break."""
    written = table.map(_cell)
    text: str = written.to_csv(index=False, lineterminator="\r\n")
    return text


def read_earlier(text: str) -> dict[str, Earlier]:
    """What `csv_text` said of the rows that need somebody.

    :raises ValueError: it is not such a file.
    """
    lines = csv.DictReader(io.StringIO(text))
    if tuple(lines.fieldnames or ()) not in (COLUMNS, (*COLUMNS, SALE_COLUMN)):
        raise ValueError("it has other columns than a reconciliation")
    return {
        line["reference"]: Earlier(frozenset(line["contradictions"].split("; ")), line["found_by"])
        for line in lines
        if line["contradictions"]
    }


def _found_by(row: ReconciledDocument, before: Earlier | None, run_key: str) -> str:
    if not row.contradictions:
        return ""
    is_known = before is not None and before.contradictions.issuperset(row.contradictions)
    return before.found_by if before is not None and is_known else run_key


def _cell(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = _CONTROL.sub(" ", "" if value is None else str(value))
    # A spreadsheet would carry a formula out; the apostrophe makes it a text.
    return f"'{text}" if _FORMULA.match(text) else text
