"""One customer, brought in step once: the mapped task of the customer run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from invoice_bridge.operators.links import DeskLink
from invoice_bridge.operators.once import OnceOperator
from invoice_bridge.page_addresses import desk_link, page_address
from invoice_bridge_core.customers.sync import CustomerSync

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import BaseOperatorLink

    from invoice_bridge_core.documents.outcomes import Result
    from invoice_bridge_core.routes.model import Route
    from invoice_bridge_core.transfer.route_session import RouteSession
    from invoice_bridge_core.transfer.transfer import Attempt


class SyncCustomerOperator(OnceOperator):
    """Bring one customer in step with the route's master.

    :param route: the route to work for.
    :param customer: the entry of the list: `link_id` and `label`. (templated, but never rendered: it comes from the
        network, and a mapped value is taken as it is)
    """

    entry_name: ClassVar[str] = "customer"
    id_key: ClassVar[str] = "link_id"
    template_fields = ("customer",)
    operator_extra_links = (DeskLink(),)

    def __init__(self, *, route: Route, customer: dict[str, str], **kwargs: Any) -> None:
        super().__init__(route=route, **kwargs)
        self.customer = customer

    @classmethod
    def links_of(cls, route: Route) -> Sequence[BaseOperatorLink]:
        """To the customer's documents on the desk."""
        return (DeskLink(),)

    def carry(self, session: RouteSession, attempt: Attempt, *, dry_run: bool) -> Result:
        """Bring it in step; nobody chooses customers in a dry run."""
        link_id = int(self.customer["link_id"])
        # Neither system says where it shows a customer, so the button leads to the customer's documents.
        row = session.ledger.customers.with_ids([link_id]).get(link_id)
        card = (row.source or row.finance) if row is not None else None
        self.desk_url = page_address(desk_link(view="all", route=self.route.route, text=card.name if card else None))
        return CustomerSync(session, attempt.claimant).sync(link_id, self.customer["label"])
