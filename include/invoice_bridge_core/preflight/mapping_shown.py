"""A mapping, and what a change of it would do, as the desk takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoice_bridge_core.documents.money import format_number
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.preflight.causes import Cause, row_keeps
from invoice_bridge_core.preflight.findings import KeptDocument, sums_of
from invoice_bridge_core.preflight.grouping import grouped
from invoice_bridge_core.preflight.proposals import proposals
from invoice_bridge_core.preflight.shown import proposal_as_json, sums_as_json
from invoice_bridge_core.preflight.unmapped import MOST_ARTICLES, Unmapped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from invoice_bridge_core.ledger import Ledger
    from invoice_bridge_core.ports.finance.chart import ChartAccount
    from invoice_bridge_core.preflight.findings import Part
    from invoice_bridge_core.preflight.freed import Freed
    from invoice_bridge_core.preflight.live import LiveLook
    from invoice_bridge_core.preflight.mapping import MappingChange
    from invoice_bridge_core.routes.model import Route

MOST_LISTED = 200


def mapping_as_json(
    route: Route, mapped: Route, overlay: Mapping[str, str], ledger: Ledger, live: LiveLook | None
) -> dict[str, Any]:
    """The mapping with where each entry stands, the articles that it leaves open, and the accounts.

    :param route: as its file says; `mapped` is it with the Variable, which holds `overlay`.
    :param live: `None` where finance cannot be asked: then no account is known.
    """
    chart = None if live is None else live.chart
    known = {account.code: account for account in chart or ()}
    return {
        "mapping": [
            {
                "article": article,
                "account_code": code,
                "in": "variable" if article in overlay else "file",
                "label": known[code].label if code in known else code,
                "why_not": _why_not(code, known, is_known=chart is not None),
            }
            for article, code in sorted(mapped.finance.account_codes.items())
        ],
        "unmapped": _unmapped(mapped, ledger, live),
        "accounts": None if chart is None else [_account(account) for account in chart],
    }


def change_as_json(change: MappingChange) -> dict[str, Any]:
    """What would change."""
    return {"changes": [{"article": one.article, "from": one.before, "to": one.after} for one in change.changed]}


def freed_as_json(found: Freed) -> dict[str, Any]:
    """What would move, and what would go on waiting."""
    return {
        "text": found.text,
        "frees": _documents(found.freed),
        "still_held": [{"text": reason, **_documents(waiting)} for reason, waiting in found.still.items()],
        "not_known": _documents(found.unknown),
        "tried": found.tried,
    }


def _documents(documents: Sequence[KeptDocument]) -> dict[str, Any]:
    return {
        "documents": len(documents),
        "sums": sums_as_json(sums_of(documents)),
        "labels": [one.label for one in documents[:MOST_LISTED]],
    }


def _why_not(code: str, known: Mapping[str, ChartAccount], *, is_known: bool) -> str | None:
    if not is_known:
        return None
    account = known.get(code)
    return "is not there" if account is None else account.why_not


def _account(account: ChartAccount) -> dict[str, Any]:
    vat = account.vat_percentage
    return {
        "account_code": account.code,
        "label": account.label,
        "vat_percentage": None if vat is None else format_number(vat),
        "why_not": account.why_not,
    }


def _unmapped(route: Route, ledger: Ledger, live: LiveLook | None) -> list[dict[str, Any]]:
    unmapped = Unmapped(route)
    kept = []
    for row in ledger.outcomes(route.route, [DocumentState.HELD]):
        # As in the list of what keeps documents: somebody deals with it outside.
        if row.aside_at is not None:
            continue
        keeps = {one for one in row_keeps(row) if one.cause is Cause.ARTICLE and not unmapped.is_mapped(one.subject)}
        if keeps:
            kept.append(
                KeptDocument(
                    str(row.ref),
                    row.label,
                    row.state,
                    row.signed_total,
                    row.currency,
                    frozenset(keeps),
                    row.reason or "",
                )
            )
    parts: tuple[Part, ...] = grouped(kept)[0].parts if kept else ()
    articles = {} if live is None else unmapped.articles([part.name for part in parts], kept, live)
    listed = []
    for number, part in enumerate(parts):
        article = articles.get(part.name)
        fitting = proposals(article, live.chart, route.finance.account_codes) if article and live else ()
        listed.append(
            {
                "article": part.name,
                "documents": part.documents,
                "sums": sums_as_json(part.sums),
                "descriptions": sorted(article.descriptions) if article else [],
                "vat_percentages": sorted(format_number(rate) for rate in article.vat) if article else [],
                "proposals": [proposal_as_json(one) for one in fitting],
                "is_looked_at": number < MOST_ARTICLES and article is not None,
            }
        )
    return listed
