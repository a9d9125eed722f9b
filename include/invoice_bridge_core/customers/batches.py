"""Writes contacts ahead, many in a call, before the tasks of single customers come to them.

A call that fails as a whole leaves all its contacts unknown, whatever it answered. They are looked up by their own
keys, many in a call, and what is not found is left to the tasks of single customers, which look before they write.
"""

from __future__ import annotations

import logging
import uuid
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from invoice_bridge_core.customers.direction import Direction
from invoice_bridge_core.customers.pair import PairComparison, compare_pair, settled
from invoice_bridge_core.customers.plan import known_fingerprint
from invoice_bridge_core.documents.customer_states import CustomerState
from invoice_bridge_core.errors import BridgeError, LedgerError, NeedsHumanError, certainly_not_done
from invoice_bridge_core.ledger import KnownContact
from invoice_bridge_core.ports.customers import ContactWrite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge_core.documents.customer_card import CustomerCard
    from invoice_bridge_core.ledger.customers.customer_claim import CustomerClaim
    from invoice_bridge_core.ledger.customers.customer_rows import CustomerRow
    from invoice_bridge_core.ports import ContactIdentity
    from invoice_bridge_core.transfer.route_session import RouteSession

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Write:
    """A contact that goes into a batch.

    :param reference: the contact number by which it is found again.
    """

    claim: CustomerClaim
    master: CustomerCard
    comparison: PairComparison
    identity: ContactIdentity
    reference: str


@dataclass
class WrittenAhead:
    """What was written ahead.

    :param left: contacts that are left to tasks of their own.
    """

    written: int = 0
    left: int = 0


class ContactBatches:
    """Writes the contacts of one route ahead; only into a finance system, and only where the source is the master."""

    def __init__(self, session: RouteSession, claimant: str) -> None:
        self._session = session
        self._ledger = session.ledger
        self._direction = Direction.of(session.route, session.source, session.finance)
        self._claimant = claimant
        self._register = self._direction.finance

    def write(self, link_ids: Sequence[int]) -> WrittenAhead:
        """Write what is wanted of these customers, as far as batches can.

        An outage ends it: the tasks of single customers go on from there.
        """
        done = WrittenAhead()
        if not self._direction.is_source_master or self._session.guard.pause() is not None:
            return done
        for new in (True, False):
            wanted = [row for row in self._rows(link_ids) if (row.finance_id is None) is new and _fits(row)]
            most = self._register.most_per_write
            for start in range(0, len(wanted), most):
                try:
                    self._batch(wanted[start : start + most], done, are_new=new)
                except LedgerError:
                    raise
                except BridgeError as error:
                    log.warning("Contacts are written one by one from here on: %s", error)
                    self._session.guard.pause_after(error)
                    return done
        return done

    def _rows(self, link_ids: Sequence[int]) -> list[CustomerRow]:
        rows = self._ledger.customers.with_ids(link_ids)
        wanted = (rows[link_id] for link_id in link_ids if link_id in rows)
        return [row for row in wanted if row.state is CustomerState.WANTED and row.source is not None]

    def _batch(self, rows: Sequence[CustomerRow], done: WrittenAhead, *, are_new: bool) -> None:
        claims = [self._ledger.customers.claim(row.id, self._claimant) for row in rows]
        taken = [claim for claim in claims if claim is not None]
        done.left += len(rows) - len(taken)
        try:
            writes = [write for claim in taken if (write := self._write(claim, are_new=are_new)) is not None]
            done.left += len(taken) - len(writes)
            with ExitStack() as locks:
                if are_new:
                    keys = {key for write in writes for key in write.identity.lock_keys}
                    locks.enter_context(self._ledger.locked(*sorted(keys)))
                    writes = self._still_new(writes, done)
                if writes:
                    self._send(writes, done, are_new=are_new)
        finally:
            for claim in taken:
                _let_go(claim)

    def _write(self, claim: CustomerClaim, *, are_new: bool) -> _Write | None:
        row = claim.row
        is_open = (
            row.intent is not None or row.state is not CustomerState.WANTED or (row.finance_id is None) is not are_new
        )
        if is_open or row.source is None or (not are_new and row.finance is None):
            return None
        name = next((new for name, _, new in row.changes if name == "name"), None)
        if row.finance is not None and name is None:
            name = row.finance.name
        comparison = compare_pair(
            self._direction,
            row.source,
            row.finance if not are_new else None,
            base=row.base,
            persons=row.persons,
            name=name,
        )
        if comparison.conflicts or (not are_new and (comparison.persons or not comparison.changes)):
            return None
        identity = self._session.finance.contacts.identity(row.source.party)
        reference = self._register.reference_for(row.source)
        return _Write(claim, row.source, comparison, identity, reference)

    def _still_new(self, writes: Sequence[_Write], done: WrittenAhead) -> list[_Write]:
        """Those for whom no transfer has chosen a contact or is making one, with the intent to make one noted."""
        contacts, conn_id = self._ledger.contacts, self._session.finance.conn_id
        new = []
        for write in writes:
            if contacts.known(conn_id, write.identity.key) is None:
                _, was_tried = contacts.intend(conn_id, write.identity.key)
                if not was_tried:
                    new.append(write)
                    continue
            done.left += 1
        return new

    def _send(self, writes: Sequence[_Write], done: WrittenAhead, *, are_new: bool) -> None:
        token = uuid.uuid4().hex
        for write in writes:
            write.claim.intend(write.comparison.intent, batch_token=token)
        try:
            outcomes = self._sent(writes, token, are_new=are_new)
        except LedgerError:
            raise
        except BridgeError as error:
            self._look_up(writes, done, are_new=are_new)
            raise error from None
        for write, outcome in zip(writes, outcomes, strict=True):
            if isinstance(outcome, BridgeError):
                done.left += 1
                self._refused(write, outcome, are_new=are_new)
            else:
                self._written(write, outcome, done)

    def _sent(self, writes: Sequence[_Write], token: str, *, are_new: bool) -> Sequence[CustomerCard | BridgeError]:
        if are_new:
            cards = [
                write.comparison.wanted.model_copy(update={"key": "", "external_reference": write.reference})
                for write in writes
            ]
            return self._register.create_many(cards, idempotency_key=token)
        changes = [
            ContactWrite(write.claim.row.finance, write.comparison.wanted, write.comparison.fields)
            for write in writes
            if write.claim.row.finance is not None
        ]
        return self._register.update_many(changes, idempotency_key=token)

    def _look_up(self, writes: Sequence[_Write], done: WrittenAhead, *, are_new: bool) -> None:
        """Note those that are there after all; the others keep their intents, and their tasks look again."""
        if not are_new:
            return
        try:
            found = self._register.made_for_many([write.reference for write in writes])
        except LedgerError:
            raise
        except BridgeError as error:
            log.warning("What became of %d contacts could not be looked up: %s", len(writes), error)
            return
        for write in writes:
            if (card := found.get(write.reference)) is not None and card.is_active:
                self._written(write, card, done)

    def _written(self, write: _Write, card: CustomerCard, done: WrittenAhead) -> None:
        claim = write.claim
        fingerprint = known_fingerprint(self._direction, write.identity.fingerprint, CustomerState.IN_STEP)
        known = KnownContact(card.key, fingerprint, card.name)
        self._ledger.contacts.remember(self._session.finance.conn_id, write.identity.key, known)
        if claim.row.finance_id != card.key:
            try:
                claim.linked(finance_id=card.key)
            except NeedsHumanError as error:
                claim.left(CustomerState.HELD, str(error))
                return
        base, persons, refused = settled(self._direction, write.master, card, write.comparison, claim.row.persons)
        if refused:
            # Its own task looks at the contact, and says what is not taken.
            claim.release()
            done.left += 1
            return
        claim.in_step(
            label=write.master.label,
            source=write.master,
            finance=card,
            base=base,
            persons=persons,
            written=write.comparison.rows,
        )
        done.written += 1

    def _refused(self, write: _Write, error: BridgeError, *, are_new: bool) -> None:
        """A definite no frees the customer for its own task, which knows other bodies; anything else stays unknown."""
        if not certainly_not_done(error):
            return
        if are_new:
            self._ledger.contacts.withdraw_intent(self._session.finance.conn_id, write.identity.key)
        write.claim.forget_intent()


def _fits(row: CustomerRow) -> bool:
    """Contact persons of a contact that is there go alone: they are sent all at once, so they are read just before."""
    return row.finance_id is None or not any(name.startswith("contact person ") for name, _, _ in row.changes)


def _let_go(claim: CustomerClaim) -> None:
    if claim.is_held:
        claim.release()
