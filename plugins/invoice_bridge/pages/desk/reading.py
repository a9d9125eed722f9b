"""What is read of documents: the list, one of them, what both systems hold of it, and what was changed in finance."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, HTTPException, Request

from invoice_bridge.pages.desk.dependencies import AnyVisitor, Visitor
from invoice_bridge.pages.desk.links import ReconciliationLinks, task_link
from invoice_bridge.route_access import looking_session
from invoice_bridge_core.desk.acts.known import known_of
from invoice_bridge_core.desk.acts.offered import acts_of
from invoice_bridge_core.desk.entries import Entries, amount, instant
from invoice_bridge_core.desk.live_sides import live_sides
from invoice_bridge_core.desk.one_document import all_of, changes_as_json
from invoice_bridge_core.desk.queries import by_name, read_filter, read_page
from invoice_bridge_core.desk.reasons import documents_for, read_reasons, reason_choices
from invoice_bridge_core.ledger.desk.filters import DocumentFilter, Page
from invoice_bridge_core.ledger.read_only import ReadOnlyLedger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge_core.ledger import DocumentRow
    from invoice_bridge_core.ledger.desk.listing import Sum

router = APIRouter()

YESTERDAY = dt.timedelta(hours=24)


@router.get("/api/documents")
def documents(request: Request, visitor: AnyVisitor) -> dict[str, Any]:
    """One page of the documents that the query wants, with counts by state and sums by currency of all of them."""
    now = dt.datetime.now(dt.UTC)
    query = by_name(request.query_params.multi_items())
    wanted, page = read_filter(query, now), read_page(query)
    if reasons := read_reasons(query):
        wanted = replace(wanted, ids=documents_for(visitor.ledger, visitor.sees, wanted, reasons))
    desk = visitor.ledger.desk
    listed = desk.page(visitor.sees, wanted, page, now)
    lately = desk.opened_and_closed(visitor.sees, now - YESTERDAY)
    return {
        "documents": entries_of(visitor, listed.rows, now),
        "count": listed.count,
        "page": page.number,
        "size": page.size,
        "has_more": listed.has_more,
        "states": listed.states,
        "more_of": sorted(listed.more_of),
        "sums": sums_as_json(listed.sums),
        "routes": [{"name": name, "may_act": name in visitor.acts.routes} for name in sorted(visitor.sees.routes)],
        "offices": desk.offices(visitor.sees),
        "reasons": reason_choices(),
        "since_yesterday": {
            "opened": lately.opened,
            "closed": lately.closed,
            "since": instant(now - YESTERDAY),
        },
    }


@router.get("/api/documents/{document_id}")
def one_document(document_id: int, visitor: AnyVisitor) -> dict[str, Any]:
    """One document with all that the ledger knows of it; neither system is asked."""
    row = visitor.row(document_id)
    [line] = entries_of(visitor, [row], dt.datetime.now(dt.UTC))
    links = line["links"]
    papers = [
        {"label": label, "href": links[name], "is_outside": name in ("finance", "source")}
        for name, label in (
            ("finance", "The booking in finance"),
            ("source", "The document in its source"),
            ("reconciliation", "The reconciliation of its day"),
        )
        if links[name]
    ]
    acts = acts_of(known_of(visitor.ledger, row)) if visitor.may_act(row) else []
    history_links = {"acts": [act.as_json() for act in acts], "papers": papers}
    known = all_of(visitor.ledger, row)
    for change in known["history"]:
        change["task"] = task_link(change["actor"])
    return line | known | history_links


@router.get("/api/documents/{document_id}/sides")
def sides(document_id: int, visitor: AnyVisitor) -> dict[str, Any]:
    """What both systems hold of it now; at most two calls of each, and none that writes."""
    row = visitor.row(document_id)
    route = visitor.route_of(row)
    if route is None:
        raise HTTPException(409, f"No route file names the route {row.route}, so its two systems cannot be asked.")
    # No line is mapped here, so that the account codes in a Variable do not matter.
    session = looking_session(route, visitor.ledger, ReadOnlyLedger(visitor.ledger), is_mapped=True)
    return live_sides(visitor.ledger, row, session)


@router.get("/api/changed")
def changed(visitor: AnyVisitor) -> list[dict[str, Any]]:
    """The documents that finance holds otherwise than they were transferred, those seen last first."""
    found = visitor.ledger.desk.changed_in_finance(visitor.sees)
    lines = entries_of(visitor, [one.row for one in found], dt.datetime.now(dt.UTC))
    differences = changes_as_json(visitor.ledger, found)
    return [line | {"differences": told} for line, told in zip(lines, differences, strict=True)]


@router.get("/api/strip")
def strip(visitor: AnyVisitor) -> dict[str, Any]:
    """What is open, in a few numbers, for the dashboard."""
    now = dt.datetime.now(dt.UTC)
    listed = visitor.ledger.desk.page(visitor.sees, DocumentFilter(), Page(size=1), now)
    kept = [one for route in visitor.sees.routes for one in visitor.ledger.rejections.kept(route)]
    return {
        "open": listed.count,
        "states": listed.states,
        "sums": sums_as_json(listed.sums),
        "guarded": sum(one.confirmed_by is None for one in kept),
    }


def sums_as_json(sums: Sequence[Sum]) -> list[dict[str, Any]]:
    """Sums by currency."""
    return [{"currency": one.currency, "total": amount(one.total), "count": one.count} for one in sums]


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
