"""The task of `notices__<route>`: tells each channel what it was not told yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from invoice_bridge.ledger_access import open_ledger
from invoice_bridge.operators.failures import failing_for_good
from invoice_bridge.operators.notices.links import link
from invoice_bridge_core.notices.tell import Telling

if TYPE_CHECKING:
    from airflow.sdk import Context

    from invoice_bridge_core.notices.tell import Told
    from invoice_bridge_core.routes.model import Route
    from invoice_bridge_core.routes.notify import Notify


class TellOperator(BaseOperator):
    """Look in the ledger for what is new, and tell it; no call of either system is made.

    It fails when a channel could not be told, since nobody would know otherwise. Nothing else depends on it.

    :param route: the route to work for.
    :param notify: what it says of telling people.
    """

    def __init__(self, *, route: Route, notify: Notify, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.route = route
        self.notify = notify

    def execute(self, context: Context) -> None:
        """Tell every channel, then say what was told and what could not be."""
        with failing_for_good():
            told = tell(self.route, self.notify)
        for line in told.lines:
            self.log.info("%s", line)
        if told.failures:
            raise AirflowFailException("; ".join(told.failures))


def tell(route: Route, notify: Notify) -> Told:
    """One round over the channels of a route.

    :raises BridgeError: the ledger cannot be used.
    """
    from invoice_bridge.operators.notices.senders import sender_of

    ledger = open_ledger()
    try:
        return Telling(ledger, route, notify, sender_of, link).tell()
    finally:
        ledger.close()
