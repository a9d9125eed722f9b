"""A preflight as people read it, and as programs and pages take it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.preflight.causes import Cause
from invoice_bridge_core.preflight.findings import Finding, Severity, counted, documents_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from invoice_bridge_core.preflight.findings import Limit, Part, Preflight, Proposal, Sum

_MOST_PARTS = 10


@dataclass(frozen=True)
class Runs:
    """What is known of the runs of the route's transfer.

    :param last_good_run: when the last one ended that went well.
    :param next_run: when the next one begins by schedule.
    :param is_paused: whether no run begins, because somebody has paused the DAG.
    """

    last_good_run: dt.datetime | None = None
    next_run: dt.datetime | None = None
    is_paused: bool = False


def with_runs(report: Preflight, runs: Runs) -> Preflight:
    """The same, with what the DAG's own state keeps."""
    if not runs.is_paused:
        return report
    text = f"DAG invoice_transfer__{report.route} is paused, so that no run begins by its schedule"
    paused = Finding(Cause.ROUTE, Severity.STOPS, text, "Switch it on in Airflow, where it is paused by mistake.")
    return replace(report, findings=[paused, *report.findings])


def as_text(report: Preflight, runs: Runs, timezone: str) -> str:
    """For a terminal: what keeps most comes first, each with what to do."""
    if report.documents:
        lead = f"{documents_text(report.documents, report.sums)} {'does' if report.documents == 1 else 'do'} not move"
    else:
        lead = "something is to be mended" if report.keeps_any else "nothing keeps documents from moving"
    lines = [f"Route {report.route}: {lead}."]
    for finding in report.findings:
        lines += ["", *_finding(finding)]
    lines += ["", f"Last good run: {_local(runs.last_good_run, timezone)}"]
    lines.append(f"Next run:      {_local(runs.next_run, timezone)}")
    lines += [f"Limit:         {limit.text}" for limit in report.limits]
    if report.free:
        lines.append(f"In the queue, and kept by nothing: {documents_text(report.free, report.free_sums)}")
    if report.unread:
        lines.append(f"In the queue, and not looked at, since that costs calls: {counted(report.unread, 'document')}")
    return "\n".join(lines)


def as_json(report: Preflight, runs: Runs) -> dict[str, Any]:
    """JSON values; amounts are texts, instants ISO 8601 with their offset."""
    return {
        "route": report.route,
        "keeps_any": report.keeps_any,
        "documents": report.documents,
        "sums": sums_as_json(report.sums),
        "findings": [finding_as_json(finding, report.route) for finding in report.findings],
        "last_good_run": _iso(runs.last_good_run),
        "next_run": _iso(runs.next_run),
        "limits": [_limit_as_json(limit) for limit in report.limits],
        "free": {"documents": report.free, "sums": sums_as_json(report.free_sums)},
        "not_looked_at": report.unread,
    }


def finding_as_json(finding: Finding, route: str) -> dict[str, Any]:
    """One cause; `filter` is the query of the desk's list that shows its documents."""
    return {
        "cause": finding.cause,
        "severity": finding.severity,
        "text": finding.text,
        "what_to_do": finding.what_to_do,
        "documents": finding.documents,
        "listed": finding.listed,
        "sums": sums_as_json(finding.sums),
        "filter": _filter(finding, route),
        "parts": [_part_as_json(part) for part in finding.parts],
        "proposals": [proposal_as_json(proposal) for proposal in finding.proposals],
    }


def _filter(finding: Finding, route: str) -> dict[str, Any] | None:
    if not finding.listed:
        return None
    is_open = set(finding.states) <= {DocumentState.HELD, DocumentState.IN_DOUBT, DocumentState.REJECTED}
    view = "open" if is_open else "all"
    return {"route": route, "state": list(finding.states), "reason": list(finding.reasons), "view": view}


def proposal_as_json(proposal: Proposal) -> dict[str, str]:
    """An account that fits an article."""
    return {
        "article": proposal.article,
        "account_code": proposal.account_code,
        "label": proposal.label,
        "why": proposal.why,
    }


def sums_as_json(sums: Iterable[Sum]) -> list[dict[str, Any]]:
    """Sums by currency."""
    return [{"currency": one.currency, "total": str(one.total), "count": one.count} for one in sums]


def _part_as_json(part: Part) -> dict[str, Any]:
    sums = sums_as_json(part.sums)
    return {"name": part.name, "documents": part.documents, "sums": sums, "reason": part.reason}


def _limit_as_json(limit: Limit) -> dict[str, Any]:
    return {
        "connection": limit.conn_id,
        "system": limit.system,
        "text": limit.text,
        "day_left": limit.day_left,
        "day_size": limit.day_size,
        "told_at": _iso(limit.told_at),
    }


_MARKS = {Severity.STOPS: "STOP", Severity.HOLDS: "HELD", Severity.NOTE: "note"}


def _finding(finding: Finding) -> list[str]:
    lines = [f"{_MARKS[finding.severity]}  {finding.text}.", f"      {finding.what_to_do}"]
    if len(finding.parts) > 1:
        lines += [
            f"        {part.name}: {documents_text(part.documents, part.sums)}" for part in finding.parts[:_MOST_PARTS]
        ]
        if len(finding.parts) > _MOST_PARTS:
            lines.append(f"        and {len(finding.parts) - _MOST_PARTS} more")
    lines += [f"      {one.article}: perhaps {one.label} ({one.why})" for one in finding.proposals]
    return lines


def _local(instant: dt.datetime | None, timezone: str) -> str:
    return "not known" if instant is None else f"{instant.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M}"


def _iso(instant: dt.datetime | None) -> str | None:
    return instant.astimezone(dt.UTC).isoformat() if instant is not None else None
