"""What has to be true of Qondor's sales: they are finance's documents, each once, by number, amounts, days and payment.

It is read from the sandbox's own tables, and of the ledger only whose document a booking is.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from invoice_bridge_core.ledger.database.tables import documents

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from invoice_bridge_core.ledger import Ledger
    from invoice_bridge_core.routes.model import Route
    from sandbox.sandbox import Sandbox


@dataclass(frozen=True)
class Truth:
    """One document as finance has it. Amounts have a credit's sign.

    :param gone: the word for it, where it counts no longer.
    """

    finance_id: str
    number: str
    due_date: str | None
    excl: Decimal
    incl: Decimal
    paid_on: str | None
    gone: str | None = None


@dataclass(frozen=True)
class Sides:
    """What both have: Qondor's sales, and finance's documents."""

    rows: tuple[dict[str, Any], ...]
    truths: tuple[Truth, ...]


def sides_of(sandbox: Sandbox, finance: str) -> Sides:
    """Read from the sandbox's tables, and there."""
    return Sides(tuple(sandbox.qondor.sales.all()), tuple(truths(sandbox, finance)))


def wrong_sales(sandbox: Sandbox, ledger: Ledger, route: Route) -> Iterator[str]:
    """Everything that does not agree, one sentence each."""
    yield from disagreements(sides_of(sandbox, route.finance.system), projects_of(ledger, route), route.finance.conn_id)


def disagreements(sides: Sides, projects: Mapping[str, str], conn_id: str) -> Iterator[str]:
    """The same.

    :param projects: finance id and project of each document that we booked.
    """
    shown: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in sides.rows:
        shown[row["externalReference"]].append(row)
    for truth in sides.truths:
        rows = shown.pop(f"{conn_id}:{truth.finance_id}", [])
        if truth.finance_id not in projects:
            if rows:
                yield f"{truth.number} is shown, though it is nobody's: {rows}"
            continue
        if len(rows) > 1:
            yield f"{truth.number} is shown {len(rows)} times"
        elif not rows and truth.gone is None:
            yield f"{truth.number} is not shown"
        for row in rows:
            yield from _differences(truth, row, projects[truth.finance_id])
    for reference, rows in shown.items():
        # Quiddly shows nothing of what is deleted.
        if any(row["amountInclVat"] or "DELETED" not in row["description"] for row in rows) or len(rows) > 1:
            yield f"nothing in finance is {reference}: {rows}"


def projects_of(ledger: Ledger, route: Route) -> dict[str, str]:
    """Finance id and project of each document that we booked."""
    query = sa.select(documents.c.finance_id, documents.c.project_id).where(
        documents.c.finance_conn == route.finance.conn_id,
        documents.c.source_conn == route.source.conn_id,
        documents.c.finance_id.is_not(None),
        documents.c.project_id.is_not(None),
    )
    with ledger.transaction() as connection:
        return {finance_id: project_id for finance_id, project_id in connection.execute(query)}


def truths(sandbox: Sandbox, finance: str) -> Iterator[Truth]:
    """Every real invoice and credit note of the finance system, ours and others'."""
    yield from _in_xero(sandbox) if finance == "xero" else _in_quiddly(sandbox)


def _in_xero(sandbox: Sandbox) -> Iterator[Truth]:
    for table, sign, number in (
        (sandbox.xero.invoices, 1, "InvoiceNumber"),
        (sandbox.xero.credit_notes, -1, "CreditNoteNumber"),
    ):
        for row in table.rows():
            if row["Status"] in ("DRAFT", "SUBMITTED") or row["Type"] not in ("ACCREC", "ACCRECCREDIT"):
                continue
            gone = row["Status"] if row["Status"] in ("VOIDED", "DELETED") else None
            paid = row["Status"] == "PAID"
            yield Truth(
                row[table.key],
                row[number],
                row.get("DueDate"),
                Decimal(0) if gone else sign * Decimal(str(row["SubTotal"])),
                Decimal(0) if gone else sign * Decimal(str(row["Total"])),
                str(row["FullyPaidOnDate"])[:10] if paid and row.get("FullyPaidOnDate") else None,
                gone,
            )


def _in_quiddly(sandbox: Sandbox) -> Iterator[Truth]:
    for row in sandbox.quiddly.invoices.rows():
        if row["status"] != "ACTIVATED":
            continue
        booked = sandbox.quiddly.bookkeeper.document(row["id"])
        credited = sum(
            (
                abs(Decimal(str(each["totals"]["totalToPay"])))
                for each in sandbox.quiddly.invoices.rows()
                if each.get("debitInvoiceNumber") == row["invoiceNumber"] and each["status"] == "ACTIVATED"
            ),
            Decimal(0),
        )
        is_paid = booked.due <= credited if row["type"] == "INVOICE" else booked.due >= 0
        totals = row["totals"]
        yield Truth(
            row["id"],
            row["invoiceNumber"],
            row["dates"]["expireDate"],
            Decimal(str(totals["totalExclVat"])),
            Decimal(str(totals["totalToPay"])) + Decimal(str(totals["taxReduction"])),
            "some day" if is_paid else None,
        )


def _differences(truth: Truth, row: dict[str, Any], project_id: str) -> Iterator[str]:
    found = {
        "number": row["invoiceNumber"],
        "project": str(row["projectId"]),
        "due date": row["dueDate"],
        "amount": row["amountInclVat"],
        "amount without VAT": row["amountExclVat"],
        "payment": row["isPaid"],
    }
    wanted = {
        "number": truth.number,
        "project": project_id,
        "due date": truth.due_date and str(truth.due_date)[:10],
        "amount": truth.incl,
        "amount without VAT": truth.excl,
        "payment": truth.paid_on is not None,
    }
    for name, value in wanted.items():
        if found[name] != value:
            yield f"{truth.number} is shown with the {name} {found[name]} instead of {value}"
    if truth.gone and not row["description"].startswith(truth.gone):
        yield f"{truth.number} is {truth.gone} and described as {row['description']}"
    if truth.paid_on not in (None, "some day", row["paidDate"]):
        yield f"{truth.number} was paid on {truth.paid_on} and is shown as paid on {row['paidDate']}"
