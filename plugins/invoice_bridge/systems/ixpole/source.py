"""iXpole as a source: instalments that are due (seed 004, contract ixpole.md).

Its API only lists instalments; it cannot show a single one. Those that were invoiced are no longer listed, so only the
ledger knows that an instalment was reported.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from typing import TYPE_CHECKING, Any

from invoice_bridge.systems.ixpole.instalment import SYSTEM, code_of, read_instalment, state_of
from invoice_bridge.systems.ixpole.run_registers import RunRegisters
from invoice_bridge.systems.ixpole.write_back import WriteBack
from invoice_bridge_core.documents import SourceState
from invoice_bridge_core.errors import NotFoundError, UnreadableError
from invoice_bridge_core.ports import SourceSystem, WaitingItem

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from invoice_bridge.hooks.ixpole.hook import IxpoleHook
    from invoice_bridge.systems.ixpole.settings import IxpoleSettings
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.documents.facts import DocumentFacts
    from invoice_bridge_core.ports import Attachments, Booking, RunMemory

log = logging.getLogger(__name__)

LIST_SECONDS = 600
"""How long the tasks of one run share a list. A run may take hours, and the newest list counts."""


class IxpoleSource(SourceSystem):
    """The instalments of one iXpole tenant, which it lists until it was told of their invoice.

    It cannot be told that one is wrong.

    Calls in a run: one list for the queue and one more per ten minutes; one for each customer and each product; one
    for each document, to write back; one for each customer whose code is new to iXpole.

    :param memory: what the tasks of the run read once between them.
    :param timezone: the route's, in which an instant is a day.
    """

    system = SYSTEM
    name = "iXpole"
    follows_drafts = True
    wants_payment_number = True

    def __init__(
        self, hook: IxpoleHook, memory: RunMemory, settings: IxpoleSettings, timezone: str = "Europe/Oslo"
    ) -> None:
        self.conn_id = settings.conn_id
        self.observations = hook.observations
        self._hook = hook
        self._timezone = timezone
        self._with_customer_code = settings.customer_codes == "source"
        self._registers = RunRegisters(hook, memory, settings.conn_id)
        self._write_back = WriteBack(hook, self._registers, settings)
        self.repeated_reports: WriteBack = self._write_back
        self.number_rules: WriteBack = self._write_back
        self._newest: list[Any] | None = None
        self._listed: tuple[str, dict[str, Mapping[str, Any]]] | None = None

    def waiting(self) -> list[WaitingItem]:
        """Every instalment that needs an invoice.

        An entry without a usable code is left out with a warning, and counted.

        :raises UnreadableError: none has one.
        """
        self._newest = self._hook.instalments()
        instalments = self._by_code(self._newest)
        self.unreadable_entries = len(self._newest) - len(instalments)
        if self._newest and not instalments:
            raise UnreadableError(
                f"iXpole ({self.conn_id}) lists {len(self._newest)} instalments, but none with an InstalmentCode that "
                "can be used"
            )
        return [
            WaitingItem(code, _fingerprint(instalment))
            for code, instalment in instalments.items()
            if _is_waiting(instalment)
        ]

    def read(self, source_id: str) -> Document:
        """One instalment by its code; when the run's list has none, it is looked for in a fresh one.

        :raises NotFoundError: iXpole lists no such code: it was removed, or iXpole was told of its invoice.
        :raises UnreadableError: it cannot be told what to invoice; nothing is guessed.
        """
        instalment = self._instalments().get(source_id)
        if instalment is None:
            instalment = self._by_code(self._hook.instalments()).get(source_id)
        if instalment is None:
            raise NotFoundError(f"iXpole ({self.conn_id}) lists no instalment {source_id}: it was removed or invoiced")
        return read_instalment(
            instalment,
            self._registers,
            conn_id=self.conn_id,
            code=source_id,
            with_customer_code=self._with_customer_code,
            timezone=self._timezone,
        )

    def report_transferred(self, document: Document, booking: Booking, attachments: Attachments) -> None:
        """Write back number, due date and PDF; of a draft its number alone, behind a D. Safe to repeat.

        :raises HeldError: iXpole would take the number for a draft's.
        """
        self._write_back.report_transferred(document, booking, attachments)

    def report_paid(self, facts: DocumentFacts, paid_on: dt.date, payment_number: str) -> None:
        """Write back the payment's number, which may release tickets. Safe to repeat.

        :raises HeldError: there is no number; iXpole must not be told an empty one (contract ixpole.md).
        """
        self._write_back.report_paid(facts, payment_number)

    def _instalments(self) -> dict[str, Mapping[str, Any]]:
        period = f"list {int(time.time() // LIST_SECONDS)}"
        if self._listed is None or self._listed[0] != period:
            self._listed = (period, self._by_code(self._registers.once(period, self._list)))
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


def _code(entry: object) -> str | None:
    try:
        return code_of(entry)
    except UnreadableError:
        return None


def _is_waiting(instalment: Mapping[str, Any]) -> bool:
    """Whether it needs an invoice; where its status cannot be read, its task says so."""
    try:
        return state_of(instalment) is SourceState.WAITING
    except UnreadableError:
        return True


def _fingerprint(instalment: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(instalment, sort_keys=True, default=str).encode()).hexdigest()
