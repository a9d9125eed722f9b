"""Qondor's Sale API (contract qondor.md, "Sales"): what finance has sent, as Qondor shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoice_bridge.hooks.http.answers import cut
from invoice_bridge.hooks.qondor.api import QondorApi, named_in
from invoice_bridge_core.errors import ConfigurationError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from invoice_bridge.hooks.qondor.api import Body, JsonObject

    T = TypeVar("T")

SALE_PATH = "/Sale/v1/Sale"
"""Where the Sale API is, by analogy with the other groups: only its name is public."""


class SaleCalls(QondorApi):
    """The sales of projects. Writes return nothing.

    :param sale_path: where the Sale API is, below the connection's host.
    """

    def __init__(self, conn_id: str | None = None, *, sale_path: str = SALE_PATH, **how: Any) -> None:
        super().__init__(conn_id, **how)
        self._sale_path = sale_path.rstrip("/")

    def sale_by_external_reference(self, reference: str) -> JsonObject:
        """A sale by our reference.

        :raises NotFoundError: there is none.
        :raises ConfigurationError: there is no Sale API at `sale_path`, so that nothing is known of the sale.
        """
        path = f"{self._sale_path}/GetByExternalReference"
        what = f"reading the sale of reference {cut(reference, 60)}"
        return self._there(lambda: self.read_one(path, {"externalReference": reference}, what=what, called="a sale"))

    def sales_of_project(self, project_id: int | str) -> list[JsonObject]:
        """Every sale of a project; none when there are none.

        :raises ConfigurationError: there is no Sale API at `sale_path`.
        """
        path, params = f"{self._sale_path}/GetAllForProject", {"projectId": str(project_id)}
        what = f"reading the sales of project {cut(str(project_id), 60)}"
        return self._there(lambda: self.read_entries(path, params, what=what))

    def insert_sale(self, body: Body) -> None:
        """Make a sale. The same body twice makes two of them.

        :raises RefusedError: definitely not done.
        :raises ConfigurationError: there is no Sale API at `sale_path`.
        :raises OutcomeUnknownError: it may be there: look for it before sending it again.
        """
        what = f"the new sale {cut(str(body.get('invoiceNumber') or body.get('externalReference')), 60)}"
        self._there(lambda: self.insert(self._sale_path, body, what=what))

    def update_sale(self, body: Body) -> None:
        """Change the sale of the body's `externalReference`; the body holds the whole sale.

        :raises NotFoundError: there is no such sale.
        :raises RefusedError: definitely not done.
        :raises ConfigurationError: there is no Sale API at `sale_path`.
        :raises OutcomeUnknownError: it may have been changed; doing it twice does no harm.
        """
        self._there(lambda: self.change(self._sale_path, body, what=f"the update of sale {named_in(body)}"))

    def _there(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except ConfigurationError as error:
            if not isinstance(error.__cause__, NotFoundError):
                raise
            wrong = ConfigurationError(f"{error.__cause__}; check source.sale_path of the route, {self._sale_path}")
            wrong.conn_id = self.conn_id
            raise wrong from error.__cause__
