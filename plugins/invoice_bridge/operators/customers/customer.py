"""One customer, brought in step once: the mapped task of the customer run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from invoice_bridge.operators.once import OnceOperator
from invoice_bridge_core.customers.sync import CustomerSync

if TYPE_CHECKING:
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

    def __init__(self, *, route: Route, customer: dict[str, str], **kwargs: Any) -> None:
        super().__init__(route=route, **kwargs)
        self.customer = customer

    def carry(self, session: RouteSession, attempt: Attempt, *, dry_run: bool) -> Result:
        """Bring it in step; nobody chooses customers in a dry run."""
        return CustomerSync(session, attempt.claimant).sync(int(self.customer["link_id"]), self.customer["label"])
