"""The sales round: what the sandbox's finance systems have sent is shown as sales in its Qondor, and both agree."""

from __future__ import annotations

import time
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.documents import DocumentKind
from invoice_bridge_core.documents.states import DocumentState
from local.transfer_runs import route_of, run_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from invoice_bridge_core.ledger import DocumentRow
    from local.airflow import LocalAirflow
    from local.progress import Progress

PREFIX = "sales_sync__"
_REAL = frozenset({DocumentState.BOOKED, DocumentState.TRANSFERRED})


def show_sales(airflow: LocalAirflow, progress: Progress) -> int:
    """Run the sales DAGs of the routes that have one, compare both sides; how many sales do not agree."""
    from invoice_bridge_core.ledger import Ledger

    sandbox = airflow.sandbox
    assert sandbox is not None  # noqa: S101 - only the sandbox shows both sides
    dag_ids = airflow.dags_there(PREFIX)
    if not dag_ids:
        return 0
    progress.say(f"Showing what was sent as sales: {', '.join(map(route_of, dag_ids))}")
    started = time.monotonic()
    run_all(airflow, dag_ids, progress)
    progress.say(f"Shown in {time.monotonic() - started:.0f} s.")
    ledger = Ledger.connect(airflow.ledger_url)
    try:
        rows = [row for dag_id in dag_ids for row in ledger.outcomes(route_of(dag_id), _REAL)]
    finally:
        ledger.close()
    booked = [row for row in rows if row.booking is not None and row.facts.project_id is not None]
    documents = {conn_id: sandbox.booked(conn_id) for conn_id in {row.finance_conn for row in booked} if conn_id}
    shown = sandbox.sales()
    wrong = list(disagreements(booked, documents, shown))
    for text in wrong:
        progress.say(f"  {text}")
    progress.say(
        f"{len(wrong)} sales do not agree, see above."
        if wrong
        else f"All {len(shown)} sales in Qondor agree with finance by number, amount, due date and payment."
    )
    return len(wrong)


def disagreements(
    rows: Iterable[DocumentRow],
    documents: Mapping[str, Mapping[str, Mapping[str, Any]]],
    shown: Sequence[Mapping[str, Any]],
) -> Iterator[str]:
    """What does not agree, one sentence each.

    :param rows: our booked documents with a project.
    :param documents: what finance has, by connection and id.
    :param shown: Qondor's sales.
    """
    rows = list(rows)
    sales: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for sale in shown:
        sales[str(sale["externalReference"])].append(sale)
    credited = _credited(rows)
    for row in rows:
        conn_id, booking = row.finance_conn or "", row.booking
        document = documents.get(conn_id, {}).get(booking.finance_id) if booking else None
        if booking is None or document is None or document["status"] in ("DRAFT", "SUBMITTED", "CREATED"):
            continue
        found = sales.pop(f"{conn_id}:{booking.finance_id}", [])
        if len(found) != 1:
            yield f"{document['number']} is shown {len(found)} times"
            continue
        wanted = _wanted(row, document, credited[row.ref.source_id])
        has = _shown(found[0])
        if has != wanted:
            yield f"{document['number']} is shown as {has}, and finance has {wanted}"
    for reference in sales:
        yield f"Qondor shows {reference}, which is no document of ours"


def _credited(rows: Iterable[DocumentRow]) -> defaultdict[str, Decimal]:
    """What our credit notes set off of each invoice, where finance does not say it of the invoice."""
    credited: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row.credited_source_id and row.booking is not None:
            credited[row.credited_source_id] += row.booking.to_pay
    return credited


def _wanted(row: DocumentRow, document: Mapping[str, Any], credited: Decimal) -> tuple[object, ...]:
    gone = document["status"] in ("VOIDED", "DELETED")
    is_credit = row.facts.kind is DocumentKind.CREDIT_NOTE
    reduction = row.booking.tax_reduction if row.booking else Decimal(0)
    total = abs(Decimal(str(document["total"]))) + reduction
    due = abs(Decimal(str(document["due"])))
    is_paid = document["status"] == "PAID" or due <= (Decimal(0) if is_credit else credited)
    amount = Decimal(0) if gone else -total if is_credit else total
    due_date = str(document["due_date"])[:10] if document["due_date"] else None
    return document["number"], amount, due_date, is_paid and not gone


def _shown(sale: Mapping[str, Any]) -> tuple[object, ...]:
    return sale["invoiceNumber"], Decimal(str(sale["amountInclVat"])), sale["dueDate"], sale["isPaid"]
