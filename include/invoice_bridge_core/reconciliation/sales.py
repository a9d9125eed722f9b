"""What the source shows as sales of the documents of a few days; one call for each of their projects."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from invoice_bridge_core.errors import ConfigurationError, UnreadableError
from invoice_bridge_core.ledger.sales.row import SaleKey
from invoice_bridge_core.sales.wanted import document_kinds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge_core.ports.sales import Sale
    from invoice_bridge_core.reconciliation.sides import Sides
    from invoice_bridge_core.transfer.route_session import RouteSession

log = logging.getLogger(__name__)


def with_sales(sides: Sequence[Sides], session: RouteSession) -> list[Sides]:
    """The sides, which know now what the source shows of them, where the route asks for sales.

    A source whose sales cannot be asked leaves them unknown: the rest of the day is compared all the same.
    """
    if not session.route.sales.enabled or session.source.sales is None:
        return list(sides)
    keys = {str(one.ref): key for one in sides if (key := _key(one, session)) is not None}
    rows = session.ledger.sales.known(list(keys.values()))
    projects = {one.row.facts.project_id for one in sides if one.row is not None and str(one.ref) in keys}
    # A document that got another project may still be shown in the one of before.
    projects |= {row.facts.project_id for row in rows.values()}
    try:
        shown = _shown(session, sorted(project_id for project_id in projects if project_id))
    except (ConfigurationError, UnreadableError) as error:
        log.warning("Sales are not compared: %s", error)
        return list(sides)
    return [
        replace(one, sales=tuple(shown[key.external_reference]), sale_row=rows.get(key.finance_id))
        if (key := keys.get(str(one.ref))) is not None and not one.is_second
        else one
        for one in sides
    ]


def _key(sides: Sides, session: RouteSession) -> SaleKey | None:
    """The sale of a document that should have one, as far as the route goes."""
    wanted, row, booking = session.route.sales, sides.row, sides.known_booking
    if row is None or booking is None or booking.is_draft or sides.is_second or row.facts.project_id is None:
        return None
    is_early = wanted.since is not None and sides.date is not None and sides.date < wanted.since
    if is_early or sides.kind not in document_kinds(wanted.kinds):
        return None
    return SaleKey(session.source.conn_id, session.finance.conn_id, booking.finance_id)


def _shown(session: RouteSession, project_ids: Sequence[str]) -> dict[str, list[Sale]]:
    shown: dict[str, list[Sale]] = defaultdict(list)
    if session.source.sales is not None:
        for project_id in project_ids:
            for sale in session.source.sales.of_project(project_id):
                shown[sale.external_reference].append(sale)
    return shown
