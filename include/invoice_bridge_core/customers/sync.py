"""Brings one customer in step, once. Every step is safe to repeat.

What is about to be written is noted before it is sent. An attempt that finds such a note looks at both sides before it
writes anything: what was written is then found there, and what was not is written now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.customers.direction import Direction
from invoice_bridge_core.customers.pair import compare_pair, settled
from invoice_bridge_core.customers.plan import known_fingerprint
from invoice_bridge_core.documents.customer_card import CustomerStatus
from invoice_bridge_core.documents.customer_states import CustomerState
from invoice_bridge_core.documents.outcomes import Outcome, Result
from invoice_bridge_core.errors import (
    BridgeError,
    ConfigurationError,
    HeldError,
    NeedsHumanError,
    NotFoundError,
    OutcomeUnknownError,
    RefusedError,
    UnreadableError,
    certainly_not_done,
)
from invoice_bridge_core.ledger import KnownContact
from invoice_bridge_core.transfer.contact_step import ContactStep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge_core.documents.customer_card import CustomerCard
    from invoice_bridge_core.ledger.customers.customer_claim import CustomerClaim
    from invoice_bridge_core.ledger.customers.customer_rows import CustomerRow
    from invoice_bridge_core.transfer.route_session import RouteSession

_MADE = "made"
"""Under this name an intent says that a customer is being made."""
_PERSONS = "contact persons"
"""Likewise for contact persons who are being made."""
_MOST_MERGES = 10


class CustomerSync:
    """Keeps single customers of one route in step."""

    def __init__(self, session: RouteSession, claimant: str) -> None:
        self._session = session
        self._ledger = session.ledger
        self._direction = Direction.of(session.route, session.source, session.finance)
        self._contacts = ContactStep(session.finance, session.ledger)
        self._claimant = claimant

    def sync(self, link_id: int, label: str) -> Result:
        """Carry one customer to its end, from wherever an earlier attempt left it.

        :param label: what people know it by.
        :raises TransientError: try again later; the ledger knows how far it came.
        :raises LedgerError: the ledger cannot be used.
        """
        row = self._ledger.customers.with_ids([link_id]).get(link_id)
        if row is None:
            return Result(Outcome.IN_STEP, label, "it has become part of another customer's row")
        if row.state is not CustomerState.WANTED:
            return _ended(row.label, row.state, row.reason, row.written)
        if (pause := self._session.guard.pause()) is not None:
            return Result(pause.outcome, row.label, pause.reason, is_paused=True)
        claim = self._ledger.customers.claim(link_id, self._claimant)
        if claim is None:
            return Result(Outcome.BUSY, row.label, "another run is working on this customer")
        if claim.row.state is not CustomerState.WANTED:
            claim.release()
            return _ended(claim.row.label, claim.row.state, claim.row.reason, claim.row.written)
        return self._carry(claim)

    def _carry(self, claim: CustomerClaim) -> Result:
        label = claim.row.label
        try:
            return self._bring_in_step(claim)
        except (HeldError, RefusedError, UnreadableError) as error:
            claim.left(CustomerState.HELD, str(error), is_refused=isinstance(error, RefusedError))
            return Result(Outcome.HELD, label, str(error))
        except BridgeError as error:
            if (pause := self._session.guard.pause_after(error)) is not None:
                claim.release(str(error))
                return Result(pause.outcome, label, pause.reason, is_paused=True)
            if isinstance(error, ConfigurationError):
                claim.left(CustomerState.HELD, str(error))
                return Result(Outcome.HELD, label, str(error))
            claim.release(str(error))
            raise

    def _bring_in_step(self, claim: CustomerClaim) -> Result:
        direction, row = self._direction, claim.row
        master = self._master(claim)
        is_new = (row.finance_id if direction.is_source_master else row.source_key) is None
        if is_new and not direction.settings.create:
            raise NeedsHumanError(f"{row.label} is only in {direction.master_name}; the route makes no customers")
        other = self._made(claim, master) if is_new else self._other(claim)
        comparison = compare_pair(
            direction,
            master,
            other,
            base={} if is_new else row.base,
            persons=row.persons,
            intent=row.intent,
            name=other.name if direction.is_source_master and (is_new or not _may_rename(row)) else None,
        )
        source, finance = direction.sides(master, other)
        if comparison.conflicts:
            text = comparison.conflict_text(direction)
            claim.left(CustomerState.CONFLICT, text, source=source, finance=finance)
            return Result(Outcome.HELD, row.label, text)
        after = other
        if comparison.rows:
            if row.intent is not None and _PERSONS in row.intent and comparison.persons:
                claim.forbid_in_flight(f"Contact persons of {row.label}")
            news = {_PERSONS: True} if any(person.kept is None for person in comparison.persons) else {}
            claim.intend({**comparison.intent, **news})
            after = direction.other.update(other, comparison.wanted, comparison.fields, comparison.persons)
        base, persons, refused = settled(direction, master, after, comparison, row.persons)
        if again := [name for name in comparison.fields if name in {field for field, _, _ in refused}]:
            # Not taken, or taken back at once by a transfer whose document still says what the customer was.
            claim.intend(comparison.intent)
            after = direction.other.update(after, comparison.wanted, again, ())
            base, persons, refused = settled(direction, master, after, comparison, row.persons)
        source, finance = direction.sides(master, after)
        self._remember(source, finance)
        rows = row.changes if is_new else tuple(one for one in comparison.rows if one not in refused)
        reason = _refused_text(direction.other_name, refused)
        claim.in_step(
            label=master.label,
            source=source,
            finance=finance,
            base=base,
            persons=persons,
            written=rows,
            reason=reason,
        )
        is_written = is_new or bool(comparison.rows)
        outcome = Outcome.BROUGHT_IN_STEP if is_written else Outcome.IN_STEP
        return Result(outcome, row.label, reason or _told(rows))

    def _master(self, claim: CustomerClaim) -> CustomerCard:
        """The master's customer as it is now.

        :raises NeedsHumanError: it is gone or put away.
        """
        direction, row = self._direction, claim.row
        register = direction.source if direction.is_source_master else direction.finance
        key = (row.source_key if direction.is_source_master else row.finance_id) or ""
        try:
            card = register.card(key)
        except NotFoundError as error:
            raise NeedsHumanError(f"{row.label} is no longer in {direction.master_name}") from error
        if not card.is_active:
            raise NeedsHumanError(f"{row.label} was put away in {direction.master_name} meanwhile")
        known = row.source if direction.is_source_master else row.finance
        # The list's version is not told with a single customer.
        return card.model_copy(update={"version": known.version if known is not None else ""})

    def _other(self, claim: CustomerClaim) -> CustomerCard:
        """The other side's customer as it is now, or the one that it was merged into.

        :raises NeedsHumanError: it cannot be written.
        """
        direction, row = self._direction, claim.row
        key = wanted = (row.finance_id if direction.is_source_master else row.source_key) or ""
        for _ in range(_MOST_MERGES):
            try:
                card = direction.other.card(wanted)
            except NotFoundError as error:
                raise NeedsHumanError(
                    f"{row.label} is no longer in {direction.other_name}, where it was {key}"
                ) from error
            if card.status is not CustomerStatus.MERGED or card.merged_to is None:
                break
            wanted = card.merged_to
        if not card.is_active:
            raise NeedsHumanError(
                f"'{card.name}' in {direction.other_name}, which is {row.label}, is archived: restore it there"
            )
        if card.key != key:
            self._link(claim, card.key)
        return card

    def _made(self, claim: CustomerClaim, master: CustomerCard) -> CustomerCard:
        """The customer that is made for the master's, or found where an earlier attempt has made it."""
        if self._direction.is_source_master:
            contact_id = self._contacts.contact_id(master.party)
            self._link(claim, contact_id)
            return self._other(claim)
        return self._made_in_source(claim, master)

    def _made_in_source(self, claim: CustomerClaim, master: CustomerCard) -> CustomerCard:
        source = self._direction.source
        reference = source.reference_for(master)
        with self._ledger.locked(f"{self._session.source.conn_id}:customer made for {reference}"):
            found = source.made_for(reference)
            if found is None:
                if claim.row.intent is not None and _MADE in claim.row.intent:
                    claim.forbid_in_flight(f"Customer {claim.row.label}")
                claim.intend({_MADE: reference})
                try:
                    source.create(source.as_kept(master), reference)
                except BridgeError as error:
                    if certainly_not_done(error):
                        claim.forget_intent()
                    raise
                found = source.made_for(reference)
        if found is None:
            raise OutcomeUnknownError(
                f"{self._direction.source_name} took customer {claim.row.label} and does not show it: whether it is "
                "there is not known"
            )
        self._link(claim, found.key)
        return found

    def _link(self, claim: CustomerClaim, key: str) -> None:
        if self._direction.is_source_master:
            claim.linked(finance_id=key)
        else:
            claim.linked(source_key=key)

    def _remember(self, source: CustomerCard, finance: CustomerCard) -> None:
        identity = self._session.finance.contacts.identity(source.party)
        fingerprint = known_fingerprint(self._direction, identity.fingerprint, CustomerState.IN_STEP)
        known = KnownContact(finance.key, fingerprint, finance.name)
        self._ledger.contacts.remember(self._session.finance.conn_id, identity.key, known)


def _may_rename(row: CustomerRow) -> bool:
    """Whether the plan found the customer's name free, or the row was not planned."""
    return not row.changes or any(name == "name" for name, _, _ in row.changes)


def _ended(label: str, state: CustomerState, reason: str | None, written: Sequence[tuple[str, str, str]]) -> Result:
    if state in (CustomerState.HELD, CustomerState.CONFLICT):
        return Result(Outcome.HELD, label, reason or "")
    return Result(Outcome.IN_STEP, label, reason or _told(written))


def _told(rows: Sequence[tuple[str, str, str]]) -> str:
    return ", ".join(name for name, _, _ in rows)


def _refused_text(system: str, refused: Sequence[tuple[str, str, str]]) -> str | None:
    if not refused:
        return None
    told = ", ".join(f"{name} '{new}'" for name, _, new in refused)
    return f"{system} does not take {told}; it stays as it is there"
