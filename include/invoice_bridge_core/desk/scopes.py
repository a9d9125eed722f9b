"""Which documents belong to somebody who may see, or act on, some routes."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from invoice_bridge_core.ledger.desk.filters import Scope

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from invoice_bridge_core.routes.model import Route


def scope_of(allowed: Collection[str], routes: Iterable[Route], all_names: Collection[str]) -> Scope:
    """The documents of the allowed routes.

    What no route has dealt with belongs to those who may see every route of its source connection; where no route takes
    documents from there any more, it belongs to those who may see every route.

    :param routes: those with a usable file.
    :param all_names: those too whose documents are in the ledger alone.
    """
    by_source: dict[tuple[str, str], set[str]] = defaultdict(set)
    for route in routes:
        by_source[route.source.system, route.source.conn_id].add(route.route)
    names = frozenset(all_names)
    sources = frozenset(source for source, its_routes in by_source.items() if its_routes <= set(allowed))
    return Scope(
        routes=frozenset(allowed) & names,
        sources=sources,
        other_sources_than=frozenset(by_source) if names and names <= set(allowed) else None,
    )
