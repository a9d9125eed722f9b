"""What a request to the desk works with: the ledger, the routes, and who asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from invoice_bridge.ledger_access import open_ledger
from invoice_bridge.pages.access import CurrentUser, routes_acted_on, routes_seen
from invoice_bridge.pages.kept import Kept
from invoice_bridge_core.desk.person import person_named
from invoice_bridge_core.desk.scopes import scope_of
from invoice_bridge_core.ledger import DocumentRow, Ledger
from invoice_bridge_core.ledger.desk.filters import Scope
from invoice_bridge_core.routes.loader import load_routes
from invoice_bridge_core.routes.model import Route

ROUTES_FOR = 10.0
"""Seconds that the route files are taken for unchanged."""
LEDGER_FOR = 300.0
"""Seconds that the ledger's connection is taken for unchanged."""


class Shared:
    """What all requests of one server process share."""

    def __init__(self) -> None:
        self.ledger: Kept[Ledger] = Kept(open_ledger, LEDGER_FOR, Ledger.close)
        self.routes: Kept[tuple[Route, ...]] = Kept(lambda: load_routes().routes, ROUTES_FOR)
        self.names_in_ledger: Kept[list[str]] = Kept(lambda: self.ledger.get().routes(), ROUTES_FOR)


@dataclass(frozen=True)
class Visitor:
    """Who asks, and what of the ledger is theirs.

    :param name: as the history names them.
    :param routes: those that have a usable file; which of them the visitor sees is in `sees`.
    """

    name: str
    ledger: Ledger
    routes: tuple[Route, ...]
    sees: Scope
    acts: Scope

    def row(self, document_id: int) -> DocumentRow:
        """The document, where the visitor may see it; else it is not there."""
        row = self.ledger.desk.document(document_id)
        if row is None or not self.sees.has(row.route, row.ref):
            raise HTTPException(404)
        return row

    def may_act(self, row: DocumentRow) -> bool:
        """Whether the visitor may act on the document."""
        return self.acts.has(row.route, row.ref)

    def route_of(self, row: DocumentRow) -> Route | None:
        """The route that dealt with the document last; `None` where there is none, or none with a usable file."""
        return next((route for route in self.routes if route.route == row.route), None)


def visitor(request: Request, user: CurrentUser) -> Visitor:
    """Who asks; nobody gets here who is not logged in to Airflow."""
    shared: Shared = request.app.state.shared
    routes = shared.routes.get()
    names = {route.route for route in routes} | set(shared.names_in_ledger.get())
    return Visitor(
        name=person_named(user.get_name(), user.get_id()),
        ledger=shared.ledger.get(),
        routes=routes,
        sees=scope_of(routes_seen(user, names), routes, names),
        acts=scope_of(routes_acted_on(user, names), routes, names),
    )


AnyVisitor = Annotated[Visitor, Depends(visitor)]
"""The type of a parameter that is who asks."""
