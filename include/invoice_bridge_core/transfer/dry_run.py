"""What a transfer would do, found out by letting it do everything but write.

The transfer itself runs, with its ledger, source and finance system behind stand-ins. They read for real. What would be
written is looked at as far as looking tells whether it would be taken: the number, the contact, the invoice of a credit
note. What only sending shows is not foreseen, such as a limit of the finance system that it does not tell of.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import DocumentRef, format_amount
from invoice_bridge_core.documents.outcomes import Outcome, Result
from invoice_bridge_core.errors import BridgeError
from invoice_bridge_core.ledger.rehearsal import RehearsedLedger
from invoice_bridge_core.transfer.dry_run_systems import Seen, rehearsed_finance, rehearsed_source
from invoice_bridge_core.transfer.run_memory import LedgerRunMemory, chosen_key
from invoice_bridge_core.transfer.transfer import Attempt, Transfer

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import Claim, DocumentRow
    from invoice_bridge_core.ledger.documents.lookups import NamesCredited
    from invoice_bridge_core.transfer.route_session import RouteSession

_WOULD_BE = {
    Outcome.TRANSFERRED: Outcome.WOULD_TRANSFER,
    Outcome.REJECTED: Outcome.WOULD_REJECT,
    Outcome.HELD: Outcome.WOULD_HOLD,
    Outcome.IN_DOUBT: Outcome.WOULD_BE_IN_DOUBT,
}


class DryRun:
    """Says of single documents of one route what a transfer would do.

    :param run_key: names the run; what a run reads once is read once per key.
    """

    def __init__(self, session: RouteSession, run_key: str) -> None:
        session.only_reads()
        self._session = session
        self._run_key = run_key
        self._foreseen = session.ledger.foreseen(session.route.route, run_key)

    def rehearse(self, ref: DocumentRef) -> Result:
        """What a run that begins now would make of the document. Nothing is written about it anywhere.

        :raises TransientError: it could not be found out this time.
        """
        ledger = RehearsedLedger(self._session.ledger, ref, self._foreseen)
        ledger.foresee_credited = partial(self._credited, ref)
        before = self._session.ledger.row(ref)
        seen = Seen()
        result = self._transfer(ref, ledger, seen)
        claim = ledger.claims.get(ref)
        if claim is None or result.is_paused or result.outcome not in _WOULD_BE:
            return self._summed(result, before)
        if result.outcome is Outcome.REJECTED and before is not None and before.reported_at == claim.row.reported_at:
            return self._summed(replace(result, message=f"by an earlier run: {result.message}"), before)
        ledger.keep_foreseen()
        outcome = _WOULD_BE[result.outcome]
        message = result.message
        if outcome is Outcome.WOULD_TRANSFER:
            message = "; ".join(filter(None, (self._plan(claim, before, seen), message)))
        payload = json.dumps(seen.payload, default=str, ensure_ascii=False) if seen.payload is not None else None
        booked = before is not None and before.booking is not None
        kept = result if booked else replace(result, finance_id=None, finance_number=None, link=None)
        return self._summed(replace(kept, outcome=outcome, message=message, payload=payload), claim.row)

    def _transfer(self, ref: DocumentRef, ledger: RehearsedLedger, seen: Seen) -> Result:
        session = replace(
            self._session,
            ledger=ledger,
            source=rehearsed_source(self._session.source),
            finance=rehearsed_finance(self._session.finance, ledger, seen),
        )
        return Transfer(session, Attempt(claimant="dry run", run_key=self._run_key)).transfer(ref)

    def _summed(self, result: Result, row: DocumentRow | None) -> Result:
        if row is None or row.signed_total is None:
            return result
        return replace(result, total=row.signed_total, currency=row.currency)

    def _plan(self, claim: Claim, before: DocumentRow | None, seen: Seen) -> str:
        """What would be done for a document that would be transferred."""
        booking = claim.row.booking
        if booking is None:
            return ""
        amount = f"{format_amount(booking.total)} {booking.currency}"
        if before is not None and before.booking is not None:
            return f"booked as {booking.number} over {amount} already: it would be finished and reported"
        if seen.payload is None:
            return f"found in finance as {booking.number} over {amount}: it would be adopted and reported"
        return f"{amount} as {booking.number}{seen.contact_words}{seen.warning}"

    def _credited(
        self, credit_note_ref: DocumentRef, credit_note: NamesCredited, row: DocumentRow | None
    ) -> DocumentRow | None:
        """The invoice's row as it will be, where this dry run did not come to the invoice yet: they go first."""
        chosen = LedgerRunMemory(self._session.ledger, self._run_key).kept(chosen_key(self._session.route.route))
        source_id = credit_note.credited_source_id or (row.ref.source_id if row is not None else None)
        if source_id is None and chosen is not None and credit_note.credited_number is not None:
            source_id = next((key for key, number in chosen.items() if number == credit_note.credited_number), None)
        if source_id is None or (chosen is not None and source_id not in chosen):
            return None
        source = self._session.source
        ref = DocumentRef(system=source.system, conn_id=source.conn_id, source_id=source_id)
        if ref == credit_note_ref:
            return None
        ledger = RehearsedLedger(self._session.ledger, ref, self._foreseen)
        try:
            result = self._transfer(ref, ledger, Seen())
        except BridgeError:
            # Whether the invoice goes cannot be told now, so the credit note is not promised either.
            return None
        claim = ledger.claims.get(ref)
        return claim.row if claim is not None and result.outcome is Outcome.TRANSFERRED else None
