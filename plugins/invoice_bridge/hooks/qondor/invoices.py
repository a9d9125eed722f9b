"""Qondor's Invoicing API (contract qondor.md, "Endpoints")."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from invoice_bridge.hooks.http.answers import cut
from invoice_bridge.hooks.qondor.api import HOST_IS, NoSuchPathError, QondorApi, path_part
from invoice_bridge_core.errors import NotFoundError

if TYPE_CHECKING:
    import datetime as dt

INVOICE = "/Invoicing/v1/Invoice"
READS = (INVOICE, f"{INVOICE}/GetInvoice")
"""Where one payment may be read; the seeds name the first, Qondor's own list of its API both."""

_NUMERIC_ID = re.compile(r"0|[1-9][0-9]{0,17}")


class InvoiceCalls(QondorApi):
    """The queue, one payment in full, and the four calls that set a payment's state."""

    _read_at: ClassVar[dict[str, str]] = {}
    """By base URL: where one payment is read, once an answer has shown it; for all hooks of this process."""

    def unprocessed_invoices(self) -> list[Any]:
        """Everything that waits, as Qondor lists it; one call, there are no pages.

        :raises ConfigurationError: the host is not Qondor's, or lacks its environment segment.
        :raises UnreadableError: the answer is not an array.
        """
        return self.read_list(
            f"{INVOICE}/GetAllUnprocessedInvoices", what="listing the unprocessed payments", host_is=HOST_IS
        )

    def invoice(self, source_id: str) -> dict[str, Any]:
        """One payment in full; the first 404 of a process is asked once more at the other place.

        :raises NotFoundError: there is no such id.
        :raises ConfigurationError: there is no such call at the connection's host.
        :raises UnreadableError: the answer is not an object.
        """
        known = self._read_at.get(self.address)
        missing: list[NotFoundError] = []
        for place in READS if known is None else (known,):
            try:
                return self._invoice(place, source_id)
            except NotFoundError as error:
                missing.append(error)
        for answered in missing:
            if not isinstance(answered, NoSuchPathError):
                raise answered
        # Nobody but the gateway has answered: that is no word about the payment.
        raise self.wrong_host(missing[0], HOST_IS) from missing[0]

    def set_as_processed(self, source_id: str, reference: str) -> None:
        """The payment is booked under the finance system's reference; it leaves the queue. Safe to repeat."""
        self._set(source_id, "SetAsProcessed", {"externalReference": reference}, "processed")

    def set_as_failed(self, source_id: str, message: str) -> None:
        """Final: the payment leaves the queue and its project manager gets an e-mail with the message."""
        self._set(source_id, "SetAsFailed", {"failureMessage": message}, "failed")

    def set_as_paid(self, source_id: str, paid_on: dt.date) -> None:
        """A processed payment was paid; never for card payments."""
        self._set(source_id, "SetAsPaid", {"paidDate": paid_on.isoformat()}, "paid")

    def set_as_unprocessed(self, source_id: str) -> None:
        """A processed payment goes back to the queue; never a credit note. Only where a person asked for it."""
        self._set(source_id, "SetAsUnprocessed", {}, "unprocessed")

    def check(self) -> str:
        """List the queue."""
        return f"Qondor answered; payments waiting: {len(self.unprocessed_invoices())}"

    def _invoice(self, place: str, source_id: str) -> dict[str, Any]:
        path = f"{place}/{path_part(source_id, 'payment')}"
        payment = self.call("GET", path, what=f"reading payment {cut(source_id, 60)}").json_object("a payment")
        self._read_at[self.address] = place
        return payment

    def _set(self, source_id: str, verb: str, more: dict[str, str], state: str) -> None:
        path_part(source_id, "payment")
        invoice_id = int(source_id) if _NUMERIC_ID.fullmatch(source_id) else source_id
        what = f"setting payment {source_id} as {state}"
        self.call("PUT", f"{INVOICE}/{verb}", json={"invoiceId": invoice_id, **more}, what=what)
