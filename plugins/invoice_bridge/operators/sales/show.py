"""One sale, shown once: the mapped task of the sales run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from invoice_bridge.operators.once import OnceOperator
from invoice_bridge_core.ledger.sales.row import SaleKey
from invoice_bridge_core.sales.show import SaleShow

if TYPE_CHECKING:
    from invoice_bridge_core.documents.outcomes import Result
    from invoice_bridge_core.routes.model import Route
    from invoice_bridge_core.transfer.route_session import RouteSession
    from invoice_bridge_core.transfer.transfer import Attempt


class ShowSaleOperator(OnceOperator):
    """Let the route's source show one sale as finance has it now.

    :param route: the route to work for.
    :param sale: the entry of the list: `finance_id` and `label`. (templated, but never rendered: it comes from the
        network, and a mapped value is taken as it is)
    """

    entry_name: ClassVar[str] = "sale"
    id_key: ClassVar[str] = "finance_id"
    template_fields = ("sale",)

    def __init__(self, *, route: Route, sale: dict[str, str], **kwargs: Any) -> None:
        super().__init__(route=route, **kwargs)
        self.sale = sale

    def carry(self, session: RouteSession, attempt: Attempt, *, dry_run: bool) -> Result:
        """Show it; nobody chooses sales in a dry run."""
        key = SaleKey(session.source.conn_id, session.finance.conn_id, self.sale["finance_id"])
        return SaleShow(session, attempt.claimant).show(key)
