"""iXpole as a source: instalments that are due, and what became of them (seed 004, contract ixpole.md).

Its API lists instalments and shows no single one, and what was invoiced is not listed any more: that an instalment was
reported is known to the ledger alone.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import time
from typing import TYPE_CHECKING, Any, cast

from invoice_bridge.hooks.http.exact_json import read_json, write_json
from invoice_bridge.systems.ixpole.instalment import SYSTEM, code_of, read_instalment, state_of
from invoice_bridge.systems.ixpole.party import customer_code
from invoice_bridge_core.documents import SourceState
from invoice_bridge_core.documents.problems import we_must
from invoice_bridge_core.errors import HeldError, NotFoundError, RefusedError, UnreadableError
from invoice_bridge_core.ports import WaitingItem

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from invoice_bridge.hooks.ixpole.hook import IxpoleHook
    from invoice_bridge.systems.ixpole.settings import IxpoleSettings
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.documents.facts import DocumentFacts
    from invoice_bridge_core.documents.problems import Problem
    from invoice_bridge_core.ports import Attachments, Booking, RunMemory
    from invoice_bridge_core.ports.observations import ConnectionObservations

log = logging.getLogger(__name__)

DRAFT_PREFIX = "D"
"""Makes a number a draft's (seed 004, step 4)."""
LIST_SECONDS = 600
"""How long the tasks of one run work from the same list: a run may last, and what iXpole says now counts."""


class IxpoleSource:
    """Implements `invoice_bridge_core.ports.SourceSystem`.

    Calls: one list for the queue and one per ten minutes of a run's tasks, one for each customer and each product per
    run, and per document one to write back, besides one per customer whose code is new to iXpole.

    :param memory: what the tasks of the run read once between them.
    """

    system = SYSTEM
    name = "iXpole"
    takes_rejections = False
    shows_reported = False
    follows_drafts = True
    wants_payment_number = True

    def __init__(self, hook: IxpoleHook, memory: RunMemory, settings: IxpoleSettings) -> None:
        self.conn_id = settings.conn_id
        self._hook = hook
        self._memory = memory
        self._settings = settings
        self._newest: list[Any] | None = None
        self._listed: tuple[str, dict[str, Mapping[str, Any]]] | None = None

    @property
    def observations(self) -> ConnectionObservations:
        """What the answers told this process about the connection."""
        return self._hook.observations

    def waiting(self) -> list[WaitingItem]:
        """Every instalment that needs an invoice. An entry without a usable code is left out with a warning."""
        self._newest = self._hook.instalments()
        return [
            WaitingItem(code, _fingerprint(instalment))
            for code, instalment in self._by_code(self._newest).items()
            if state_of(instalment) is SourceState.WAITING
        ]

    def read(self, source_id: str) -> Document:
        """One instalment by its code; when the run's list has none, it is looked for in a fresh one.

        :raises NotFoundError: iXpole lists no such code: it was removed, or iXpole has heard of its invoice.
        :raises UnreadableError: it cannot be told what to invoice; nothing is guessed.
        """
        instalment = self._instalments().get(source_id)
        if instalment is None:
            instalment = self._by_code(self._hook.instalments()).get(source_id)
        if instalment is None:
            raise NotFoundError(f"iXpole ({self.conn_id}) lists no instalment {source_id}: it was removed or invoiced")
        return read_instalment(
            instalment,
            self,
            conn_id=self.conn_id,
            code=source_id,
            with_customer_code=self._settings.customer_codes == "source",
        )

    def customer(self, customer_id: str) -> Mapping[str, Any]:
        """One customer, read once per run.

        :raises UnreadableError: iXpole does not know it.
        """
        return cast(
            "Mapping[str, Any]", self._once(f"customer {customer_id}", lambda: self._hook.customer(customer_id))
        )

    def product(self, product_id: str) -> Mapping[str, Any]:
        """One product, read once per run.

        :raises UnreadableError: iXpole does not know it.
        """
        return cast("Mapping[str, Any]", self._once(f"product {product_id}", lambda: self._hook.product(product_id)))

    def report_transferred(self, document: Document, booking: Booking, attachments: Attachments) -> None:
        """Write back number, due date and PDF; of a draft its number alone, behind a D. Safe to repeat.

        :raises HeldError: iXpole would take the number for a draft's.
        """
        if document.party is not None and self._settings.customer_codes == "finance" and booking.customer_code:
            # First, since an instalment that was written back is not listed any more, and with it goes its customer.
            self._store_code(document.party.key, booking.customer_code)
        self._write_back(document.ref.source_id, document.invoice_date, booking, attachments)

    def report_again(self, facts: DocumentFacts, booking: Booking, attachments: Attachments) -> None:
        """The same for an instalment that is not listed any more; its customer's code was stored the first time."""
        self._write_back(facts.ref.source_id, facts.document_date, booking, attachments)

    def number_problems(self, number: str) -> list[Problem]:
        """A real number that begins with D would read as a draft (seed 004, step 4)."""
        if number[:1].upper() != DRAFT_PREFIX:
            return []
        return [
            we_must(
                f"Invoice number '{number}' begins with D, which iXpole takes for a draft's number: "
                "set number_prefix in the route's finance section"
            )
        ]

    def report_rejected(self, document: Document, message: str) -> None:
        """There is no call for this.

        :raises HeldError: always.
        """
        raise HeldError(f"iXpole cannot be told that {document.number} is wrong: {message}")

    def report_paid(self, facts: DocumentFacts, paid_on: dt.date, payment_number: str) -> None:
        """Write back the payment's number, which may release tickets. Safe to repeat.

        :raises HeldError: there is no number; iXpole must not be told an empty one (contract ixpole.md).
        """
        if not payment_number.strip():
            raise HeldError(
                f"Finance tells no number of the payment of {facts.number}, without which iXpole takes none"
            )
        self._hook.update_instalment({"InstalmentCode": facts.ref.source_id, "PaymentNo": payment_number})

    def _write_back(self, code: str, dated: dt.date | None, booking: Booking, attachments: Attachments) -> None:
        body: dict[str, Any] = {"InstalmentCode": code}
        if booking.is_draft:
            body["InvoiceNumber"] = f"{DRAFT_PREFIX}{booking.number}"
        else:
            if problems := self.number_problems(booking.number):
                raise HeldError(problems[0].message)
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
        if customer_code(self.customer(customer_id), customer_id) == code:
            return

        def store() -> dict[str, Any]:
            try:
                self._hook.set_customer_code(customer_id, code)
            except (RefusedError, NotFoundError) as refusal:
                log.warning("Customer %s does not get its code %s in iXpole: %s", customer_id, code, refusal)
            return {}

        self._memory.once(f"ixpole {self.conn_id}: customer {customer_id} has code {code}", store)

    def _instalments(self) -> dict[str, Mapping[str, Any]]:
        period = f"list {int(time.time() // LIST_SECONDS)}"
        if self._listed is None or self._listed[0] != period:
            self._listed = (period, self._by_code(self._once(period, self._list)))
        return self._listed[1]

    def _list(self) -> list[Any]:
        """What the run's tasks share: the queue's own list where this is the queue step, which has just read it."""
        return self._hook.instalments() if self._newest is None else self._newest

    def _by_code(self, entries: list[Any]) -> dict[str, Mapping[str, Any]]:
        instalments: dict[str, Mapping[str, Any]] = {}
        for position, entry in enumerate(entries, start=1):
            code = _code(entry)
            if code is None or code in instalments:
                fault = "has no usable InstalmentCode" if code is None else f"has the code {code} of an earlier one"
                log.warning("iXpole (%s): instalment %d of the list %s and is left out", self.conn_id, position, fault)
                continue
            instalments[code] = entry
        return instalments

    def _once(self, what: str, read: Callable[[], Any]) -> Any:
        """What `read` answered in this run; kept as text, in which amounts keep their digits."""

        def ask() -> dict[str, Any]:
            try:
                return {"json": write_json(read())}
            except NotFoundError as error:
                raise UnreadableError(str(error)) from error

        return read_json(self._memory.once(f"ixpole {self.conn_id}: {what}", ask)["json"])


def _code(entry: object) -> str | None:
    try:
        return code_of(entry)
    except UnreadableError:
        return None


def _fingerprint(instalment: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(instalment, sort_keys=True, default=str).encode()).hexdigest()
