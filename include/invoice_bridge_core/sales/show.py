"""Shows one sale in its source, once: look, note what is about to be sent, send, note that it is done.

A source may keep doubles, and tells nothing of what it made. So it is looked into before anything is sent, and what may
have been sent without an answer is looked for again once it can no longer arrive.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import format_amount
from invoice_bridge_core.documents.outcomes import Outcome, Result
from invoice_bridge_core.errors import (
    BridgeError,
    ConfigurationError,
    HeldError,
    NotFoundError,
    RefusedError,
    TransientError,
    UnreadableError,
    certainly_not_done,
)
from invoice_bridge_core.ledger.sales.row import INSERT, UPDATE
from invoice_bridge_core.sales.wanted import fingerprint_of, wanted_sale

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from invoice_bridge_core.connections.guard import Pause
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ledger.sales.claim import SaleClaim
    from invoice_bridge_core.ledger.sales.row import SaleFacts, SaleKey
    from invoice_bridge_core.ports.sales import Sale, SaleRegister
    from invoice_bridge_core.transfer.route_session import RouteSession


class SaleShow:
    """Brings a route's source up to date, sale by sale.

    :param claimant: names the task of the run, the same for all its tries.
    """

    def __init__(self, session: RouteSession, claimant: str) -> None:
        self._ledger, self._guard = session.ledger, session.guard
        self._source, self._finance = session.source, session.finance
        self._claimant = claimant

    def show(self, key: SaleKey) -> Result:
        """Bring the source up to date with one sale, from wherever an earlier attempt left it.

        :raises TransientError: try again later; the ledger knows how far it came.
        :raises LedgerError: the ledger cannot be used.
        """
        if (pause := self._guard.pause(self._source.conn_id)) is not None:
            return self._paused(key, pause)
        try:
            return self._claim_and_carry(key)
        except BridgeError as error:
            if (pause := self._guard.pause_after(error)) is None:
                raise
            return self._paused(key, pause)

    def _paused(self, key: SaleKey, pause: Pause) -> Result:
        sale = self._ledger.sales.sale(key)
        if sale is None or sale.intent is None:
            return Result(pause.outcome, sale.label if sale else str(key), pause.reason, is_paused=True)
        return Result(
            Outcome.FAILED,
            sale.label,
            f"an answer was lost: whether it was done is not known, and nobody could look yet ({pause.of_one})",
        )

    def _claim_and_carry(self, key: SaleKey) -> Result:
        sale = self._ledger.sales.sale(key)
        if sale is None:
            return Result(Outcome.HELD, key.external_reference, "the ledger knows no such sale")
        claim = self._ledger.sales.claim(key, claimant=self._claimant)
        if claim is None:
            return Result(Outcome.BUSY, sale.label, "another run is working on this sale")
        try:
            return self._carry(claim)
        except HeldError as error:
            claim.held(str(error))
            return Result(Outcome.HELD, claim.row.label, str(error))
        except BridgeError:
            claim.release()
            raise

    def _carry(self, claim: SaleClaim) -> Result:
        if not claim.row.has_news:
            claim.release()
            return Result(Outcome.ALREADY_SHOWN, claim.row.label)
        if (register := self._source.sales) is None:
            raise ConfigurationError(f"{self._source.name} has no sales: take the section sales out of the route")
        self._complete(claim)
        facts, fingerprint = claim.row.facts, claim.row.fingerprint
        wanted = wanted_sale(facts, self._finance.name)
        found = self._look(register, facts)
        is_as_wanted = list(found) == [wanted]
        if claim.row.intent is not None and not (is_as_wanted and claim.row.intent_fingerprint == fingerprint):
            # What was sent without an answer may arrive until then, even after what is sent now.
            claim.forbid_in_flight()
        if is_as_wanted:
            claim.told(fingerprint, None)
            return Result(Outcome.ALREADY_SHOWN, claim.row.label)
        if not found and facts.gone is not None:
            claim.not_shown()
            return Result(Outcome.ALREADY_SHOWN, claim.row.label, f"{facts.gone} before it was shown")
        self._send(claim, register, wanted, fingerprint, is_new=not found)
        claim.told(fingerprint, self._note(facts, is_new=not found))
        return Result(Outcome.SHOWN, claim.row.label)

    def _send(self, claim: SaleClaim, register: SaleRegister, wanted: Sale, fingerprint: str, *, is_new: bool) -> None:
        claim.intend(INSERT if is_new else UPDATE, fingerprint)
        try:
            if is_new:
                register.insert(wanted)
            else:
                register.update(wanted)
        except NotFoundError as error:
            claim.not_done()
            raise TransientError(
                f"The sale of {claim.row.label} was in {self._source.name} a moment ago and is not there now: {error}"
            ) from error
        except RefusedError as refusal:
            claim.not_done()
            raise HeldError(
                f"{self._source.name} refuses the sale of {wanted.number} for project {wanted.project_id}: {refusal}"
            ) from refusal
        except BridgeError as error:
            if certainly_not_done(error):
                claim.not_done()
            raise

    def _look(self, register: SaleRegister, facts: SaleFacts) -> Sequence[Sale]:
        """What the source has under our reference.

        :raises HeldError: two sales, or something that cannot be read.
        """
        try:
            found = register.with_reference(facts.key.external_reference)
        except UnreadableError as error:
            raise HeldError(f"What {self._source.name} shows of {facts.number} cannot be read: {error}") from error
        if len(found) > 1:
            shown = "; ".join(_described(sale) for sale in found)
            raise HeldError(
                f"{self._source.name} has {len(found)} sales under our reference "
                f"{facts.key.external_reference}: {shown}. Delete all but one there"
            )
        return found

    def _complete(self, claim: SaleClaim) -> None:
        """Ask the source for the amount without VAT, where finance does not tell it.

        :raises HeldError: it does not tell it either, or it tells of another total.
        """
        if claim.row.is_whole:
            return
        facts = claim.row.facts
        excl = self._excl_vat(facts)
        if excl is None:
            raise HeldError(
                f"{self._finance.name} does not tell the amount of {facts.number} without VAT, and "
                f"{self._source.name} tells none that fits the total of {format_amount(facts.amount_incl_vat)} "
                f"{facts.currency}. Let the route ask {self._finance.name} for single invoices"
            )
        claim.completed(excl, fingerprint_of(replace(facts, amount_excl_vat=excl)))

    def _excl_vat(self, facts: SaleFacts) -> Decimal | None:
        finance_id = facts.key.finance_id
        entry = self._ledger.payments.booked_as(facts.key.finance_conn, [finance_id]).get(finance_id)
        if entry is None:
            return None
        try:
            document = self._source.read(entry.row.ref.source_id)
        except (NotFoundError, UnreadableError):
            return None
        same = (document.total_incl_vat, document.currency) == (facts.amount_incl_vat, facts.currency)
        return _net(document) if same else None

    def _note(self, facts: SaleFacts, *, is_new: bool) -> str:
        done = "shown" if is_new else "updated"
        state = f", {facts.gone}" if facts.gone else f", paid on {facts.paid_on}" if facts.is_paid else ""
        return f"{done} in {self._source.name} as a sale of project {facts.project_id}: {facts.number}{state}"


def _net(document: Document) -> Decimal | None:
    if document.total_excl_vat is not None:
        return document.total_excl_vat
    return None if document.vat_amount is None else document.total_incl_vat - document.vat_amount


def _described(sale: Sale) -> str:
    named = f"sale {sale.sale_id}" if sale.sale_id else "a sale"
    amount = f"{format_amount(sale.amount_incl_vat)} {sale.currency}"
    return f"{named} of project {sale.project_id}, {sale.number}, {amount}, due {sale.due_date or 'on no day'}"
