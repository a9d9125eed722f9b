"""What iXpole is told of an instalment's invoice and payment: all of it is written into the instalment (seed 004)."""

from __future__ import annotations

import base64
import logging
from typing import TYPE_CHECKING, Any

from invoice_bridge.systems.ixpole.party import customer_code
from invoice_bridge_core.documents.problems import we_must
from invoice_bridge_core.errors import HeldError, NotFoundError, RefusedError

if TYPE_CHECKING:
    import datetime as dt

    from invoice_bridge.hooks.ixpole.hook import IxpoleHook
    from invoice_bridge.systems.ixpole.run_registers import RunRegisters
    from invoice_bridge.systems.ixpole.settings import IxpoleSettings
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.documents.facts import DocumentFacts
    from invoice_bridge_core.documents.problems import Problem
    from invoice_bridge_core.ports import Attachments, Booking

log = logging.getLogger(__name__)

DRAFT_PREFIX = "D"
"""Makes a number a draft's (seed 004, step 4)."""


class WriteBack:
    """Writes numbers into the instalments of one tenant: one call each."""

    def __init__(self, hook: IxpoleHook, registers: RunRegisters, settings: IxpoleSettings) -> None:
        self._hook = hook
        self._registers = registers
        self._settings = settings

    def report_transferred(self, document: Document, booking: Booking, attachments: Attachments) -> None:
        """Write back number, due date and PDF; of a draft its number alone, behind a D. Safe to repeat.

        :raises HeldError: iXpole would take the number for a draft's.
        """
        if document.party is not None and self._settings.customer_codes == "finance" and booking.customer_code:
            # First: after the write-back the instalment, and with it its customer, is no longer listed.
            self._store_code(document.party.key, booking.customer_code)
        self._write(document.ref.source_id, document.invoice_date, booking, attachments)

    def report_again(self, facts: DocumentFacts, booking: Booking, attachments: Attachments) -> None:
        """Write back what became of an instalment that is no longer listed.

        Its customer's code was stored the first time.
        """
        self._write(facts.ref.source_id, facts.document_date, booking, attachments)

    def number_problems(self, number: str) -> list[Problem]:
        """A real number that begins with D would read as a draft (seed 004, step 4)."""
        fault = self.number_fault(number)
        return [] if fault is None else [we_must(f"{fault}: set number_prefix in the route's finance section")]

    def number_fault(self, number: str) -> str | None:
        """Why iXpole does not take the number, without what to do about it."""
        if number[:1].upper() != DRAFT_PREFIX:
            return None
        return f"Invoice number '{number}' begins with D, and iXpole takes such a number for a draft"

    def report_paid(self, facts: DocumentFacts, payment_number: str) -> None:
        """Write back the payment's number, which may release tickets. Safe to repeat.

        :raises HeldError: there is no number; iXpole must not be told an empty one (contract ixpole.md).
        """
        if not payment_number.strip():
            raise HeldError(f"The payment of {facts.number} has no number in finance, and iXpole needs one")
        self._hook.update_instalment({"InstalmentCode": facts.ref.source_id, "PaymentNo": payment_number})

    def _write(self, code: str, dated: dt.date | None, booking: Booking, attachments: Attachments) -> None:
        body: dict[str, Any] = {"InstalmentCode": code}
        if booking.is_draft:
            body["InvoiceNumber"] = f"{DRAFT_PREFIX}{booking.number}"
        else:
            if (fault := self.number_fault(booking.number)) is not None:
                raise HeldError(f"{fault}. It is booked under this number: give it another one in finance")
            body["InvoiceNumber"] = booking.number
            # A credit note has no due date in finance.
            if (due := booking.due_date or dated) is not None:
                body["InvoiceDueDate"] = due.isoformat()
            if self._settings.send_pdf:
                body["Pdf"] = base64.b64encode(attachments.pdf()).decode("ascii")
        self._hook.update_instalment(body)

    def _store_code(self, customer_id: str, code: str) -> None:
        """Store finance's code of the customer where iXpole has another one; once per run.

        A definite refusal is only logged: number, due date and PDF do not wait for a code.
        """
        if customer_code(self._registers.customer(customer_id), customer_id) == code:
            return

        def store() -> None:
            try:
                self._hook.set_customer_code(customer_id, code)
            except (RefusedError, NotFoundError) as refusal:
                log.warning("Customer %s: the code %s could not be stored in iXpole: %s", customer_id, code, refusal)

        self._registers.do_once(f"customer {customer_id} has code {code}", store)
