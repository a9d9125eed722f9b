"""Qondor's Invoicing API (contract qondor.md)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from invoice_bridge.hooks.http.address import AddressRules
from invoice_bridge.hooks.http.answers import cut
from invoice_bridge.hooks.http.authentication import HeaderAuth
from invoice_bridge.hooks.http.session import ApiHook
from invoice_bridge_core.errors import ConfigurationError, NotFoundError
from invoice_bridge_core.ports.pacing import Pace

if TYPE_CHECKING:
    import datetime as dt

    from airflow.sdk import Connection
    from requests.auth import AuthBase

INVOICE = "/Invoicing/v1/Invoice"
KEY_HEADER = "Ocp-Apim-Subscription-Key"

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NUMERIC_ID = re.compile(r"0|[1-9][0-9]{0,17}")


class QondorHook(ApiHook):
    """One method per verb of Qondor's Invoicing API; what the answers mean is the business of `systems.qondor`.

    The connection's host is the whole base URL, environment segment included; its password is the subscription key.
    """

    system = "Qondor"
    not_processed = frozenset({429, 503})
    pace = Pace.per_second(10, per_day=100_000)
    address_rules = AddressRules(
        example="https://qondor.azure-api.net/Prod",
        own_paths="Invoicing",
        not_the_api=r"((www|app|developer)\.)?qondor\.com|qondor\.(developer|portal)\.azure-api\.net",
        encrypted=r".+\.azure-api\.net|(.+\.)?qondor\.com",
    )

    default_conn_name = "qondor_default"
    conn_type = "qondor"
    hook_name = "Qondor"

    def authentication(self, connection: Connection) -> AuthBase:
        """The subscription key in its header.

        :raises ConfigurationError: the connection has no usable key.
        """
        key = connection.password or ""
        if not key or not key.isascii() or not key.isprintable():
            raise ConfigurationError(
                f"Connection {self.conn_id} (Qondor) has no usable password: the subscription key goes there"
            )
        return HeaderAuth(KEY_HEADER, key)

    def unprocessed_invoices(self) -> list[Any]:
        """Everything that waits, as Qondor lists it; one call, there are no pages.

        :raises ConfigurationError: the host is not Qondor's, or lacks its environment segment.
        :raises UnreadableError: the answer is not an array.
        """
        return self.read_list(
            f"{INVOICE}/GetAllUnprocessedInvoices",
            what="listing the unprocessed payments",
            host_is="the base URL with its environment segment, such as …/Prod",
        )

    def invoice(self, source_id: str) -> dict[str, Any]:
        """One payment in full.

        :raises NotFoundError: there is no such id.
        :raises UnreadableError: the answer is not an object.
        """
        what = f"reading payment {cut(source_id, 60)}"
        return self.call("GET", f"{INVOICE}/{_path_part(source_id)}", what=what).json_object("a payment")

    def set_as_processed(self, source_id: str, reference: str) -> None:
        """The payment is booked under the finance system's reference; it leaves the queue. Safe to repeat."""
        self._set(source_id, "SetAsProcessed", {"externalReference": reference}, "processed")

    def set_as_failed(self, source_id: str, message: str) -> None:
        """Final: the payment leaves the queue and its project manager gets an e-mail with the message."""
        self._set(source_id, "SetAsFailed", {"failureMessage": message}, "failed")

    def set_as_paid(self, source_id: str, paid_on: dt.date) -> None:
        """A processed payment was paid; never for card payments."""
        self._set(source_id, "SetAsPaid", {"paidDate": paid_on.isoformat()}, "paid")

    def check(self) -> str:
        """List the queue."""
        return f"Qondor answered; payments waiting: {len(self.unprocessed_invoices())}"

    def _set(self, source_id: str, verb: str, more: dict[str, str], state: str) -> None:
        _path_part(source_id)
        invoice_id = int(source_id) if _NUMERIC_ID.fullmatch(source_id) else source_id
        what = f"setting payment {source_id} as {state}"
        self.call("PUT", f"{INVOICE}/{verb}", json={"invoiceId": invoice_id, **more}, what=what)


def is_id(text: str) -> bool:
    """Whether the text can be an id of Qondor's, and stand in a path."""
    return _ID.fullmatch(text) is not None


def _path_part(source_id: str) -> str:
    if not is_id(source_id):
        raise NotFoundError(f"Qondor has no payment {cut(source_id, 60)!r}: that is not an id")
    return source_id
