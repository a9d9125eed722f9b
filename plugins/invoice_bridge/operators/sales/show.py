"""One sale, shown once: the mapped task of the sales run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from invoice_bridge.operators.links import (
    DeskLink,
    DocumentButtons,
    FinanceDocumentLink,
    SourceDocumentLink,
    document_links,
)
from invoice_bridge.operators.once import OnceOperator
from invoice_bridge.page_addresses import desk_link, page_address
from invoice_bridge_core.ledger.sales.row import SaleKey
from invoice_bridge_core.sales.show import SaleShow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import BaseOperatorLink

    from invoice_bridge_core.documents.outcomes import Result
    from invoice_bridge_core.routes.model import Route
    from invoice_bridge_core.transfer.route_session import RouteSession
    from invoice_bridge_core.transfer.transfer import Attempt


class ShowSaleOperator(DocumentButtons, OnceOperator):
    """Let the route's source show one sale as finance has it now.

    :param route: the route to work for.
    :param sale: the entry of the list: `finance_id` and `label`. (templated, but never rendered: it comes from the
        network, and a mapped value is taken as it is)
    """

    entry_name: ClassVar[str] = "sale"
    id_key: ClassVar[str] = "finance_id"
    template_fields = ("sale",)
    operator_extra_links = (FinanceDocumentLink(), SourceDocumentLink(), DeskLink())

    def __init__(self, *, route: Route, sale: dict[str, str], **kwargs: Any) -> None:
        super().__init__(route=route, **kwargs)
        self.sale = sale

    @classmethod
    def links_of(cls, route: Route) -> Sequence[BaseOperatorLink]:
        """To the document that we booked, in both systems and on the desk; of others' bookings to the desk alone."""
        return document_links(route)

    def carry(self, session: RouteSession, attempt: Attempt, *, dry_run: bool) -> Result:
        """Show it; nobody chooses sales in a dry run."""
        key = SaleKey(session.source.conn_id, session.finance.conn_id, self.sale["finance_id"])
        self._find_links(session, key)
        return SaleShow(session, attempt.claimant).show(key)

    def _find_links(self, session: RouteSession, key: SaleKey) -> None:
        sale = session.ledger.sales.sale(key)
        document_id = sale.facts.document_id if sale is not None else None
        row = session.ledger.desk.document(document_id) if document_id is not None else None
        if row is not None:
            self.find_links(self.route, session.ledger, row.ref)
        else:
            number = sale.facts.number if sale is not None else None
            self.desk_url = page_address(desk_link(view="all", route=self.route.route, text=number))
