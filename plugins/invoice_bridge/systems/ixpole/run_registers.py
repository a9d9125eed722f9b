"""What the tasks of one run read of iXpole once between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from invoice_bridge.hooks.http.exact_json import read_json, write_json
from invoice_bridge_core.errors import NotFoundError, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from invoice_bridge.hooks.ixpole.hook import IxpoleHook
    from invoice_bridge_core.ports import RunMemory


class RunRegisters:
    """One tenant's customers and products, each read once per run.

    :param memory: the run's.
    """

    def __init__(self, hook: IxpoleHook, memory: RunMemory, conn_id: str) -> None:
        self._hook = hook
        self._memory = memory
        self._conn_id = conn_id

    def customer(self, customer_id: str) -> Mapping[str, Any]:
        """One customer.

        :raises UnreadableError: iXpole does not know it.
        """
        return cast("Mapping[str, Any]", self.once(f"customer {customer_id}", lambda: self._hook.customer(customer_id)))

    def product(self, product_id: str) -> Mapping[str, Any]:
        """One product.

        :raises UnreadableError: iXpole does not know it.
        """
        return cast("Mapping[str, Any]", self.once(f"product {product_id}", lambda: self._hook.product(product_id)))

    def once(self, what: str, read: Callable[[], Any]) -> Any:
        """What `read` answered in this run; kept as text, in which amounts keep their digits.

        :raises UnreadableError: iXpole does not know it.
        """

        def ask() -> dict[str, Any]:
            try:
                return {"json": write_json(read())}
            except NotFoundError as error:
                raise UnreadableError(str(error)) from error

        return read_json(self._memory.once(self._key(what), ask)["json"])

    def do_once(self, what: str, act: Callable[[], None]) -> None:
        """Do something once in this run."""

        def done() -> dict[str, Any]:
            act()
            return {}

        self._memory.once(self._key(what), done)

    def _key(self, what: str) -> str:
        return f"ixpole {self._conn_id}: {what}"
