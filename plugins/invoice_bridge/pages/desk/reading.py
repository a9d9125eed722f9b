"""What is read of documents: the list, one of them, and what both systems hold of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request

from invoice_bridge.pages.desk.dependencies import AnyVisitor, Visitor
from invoice_bridge.pages.desk.links import ReconciliationLinks, task_link
from invoice_bridge_core.desk.entries import Entries, amount
from invoice_bridge_core.desk.queries import by_name, read_filter, read_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge_core.ledger import DocumentRow

router = APIRouter()


@router.get("/api/documents")
def documents(request: Request, visitor: AnyVisitor) -> dict[str, Any]:
    """One page of the documents that the query wants, with counts by state and sums by currency of all of them."""
    now = dt.datetime.now(dt.UTC)
    query = by_name(request.query_params.multi_items())
    wanted, page = read_filter(query, now), read_page(query)
    listed = visitor.ledger.desk.page(visitor.sees, wanted, page, now)
    return {
        "documents": entries_of(visitor, listed.rows, now),
        "count": listed.count,
        "page": page.number,
        "size": page.size,
        "states": listed.states,
        "sums": [{"currency": one.currency, "total": amount(one.total), "count": one.count} for one in listed.sums],
        "routes": [{"name": name, "may_act": name in visitor.acts.routes} for name in sorted(visitor.sees.routes)],
        "offices": [],
        "since_yesterday": {"opened": 0, "closed": 0},
    }


def entries_of(visitor: Visitor, rows: Sequence[DocumentRow], now: dt.datetime) -> list[dict[str, Any]]:
    """The lines of these documents, with what this visitor may do, and where else they are seen."""
    entries, days = Entries(visitor.routes, now), ReconciliationLinks()
    actors = visitor.ledger.desk.last_actors([row.id for row in rows])
    lines = []
    for row in rows:
        line = entries.of(row)
        line["links"] |= {
            "task": task_link(actors.get(row.id)),
            "reconciliation": days.of(row.route, row.facts.document_date),
        }
        lines.append(line | {"may_act": visitor.may_act(row)})
    return lines
