"""A claim: everything that the task with a document's lease may write about the document.

What it may write about the payment is in `invoice_bridge_core.ledger.payments.payment_claim`.
"""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.documents.facts import DocumentFacts
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import LedgerError, NeedsHumanError
from invoice_bridge_core.ledger.database.leases import NO_LEASE
from invoice_bridge_core.ledger.database.tables import NOW
from invoice_bridge_core.ledger.documents.history import READ_NOTE, last_note, read_note
from invoice_bridge_core.ledger.documents.in_flight import BATCH_IN_FLIGHT, IN_FLIGHT, forbid_in_flight
from invoice_bridge_core.ledger.documents.moves import NOT_ASIDE
from invoice_bridge_core.ledger.documents.rejections import confirm
from invoice_bridge_core.ledger.documents.row import booking_columns, fact_columns
from invoice_bridge_core.ledger.documents.steps import DocumentSteps

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ledger.documents.lease import LeasedRow
    from invoice_bridge_core.ledger.documents.row import DocumentRow
    from invoice_bridge_core.ports import Booking

UNIQUE_VIOLATION = "23505"
"""PostgreSQL's code of what is there already."""
_NO_INTENT: dict[str, Any] = {
    "intent_token": None,
    "intent_number": None,
    "intent_payload_hash": None,
    "intent_at": None,
    "batch_id": None,
}
_NOTHING_OPEN: dict[str, Any] = {**NO_LEASE, "reason": None, "held_fingerprint": None, "announced_reason": None}


class Claim:
    """A document that one task works on.

    Every method that writes prolongs the lease, and raises `LeaseLostError` when somebody else has taken the document
    over, `LedgerError` when the ledger cannot be used or the document's state does not allow what is asked for.

    :param leased: the document's row under the lease; what is written about its payment goes through it too.
    :param finance_conn: the finance connection that the task books in; an intent or a booking elsewhere is then seen.
    """

    def __init__(self, leased: LeasedRow, finance_conn: str | None = None) -> None:
        self.leased = leased
        self._finance_conn = finance_conn
        self.steps = DocumentSteps(leased)
        if leased.is_first:
            self.steps.are_none()

    @property
    def row(self) -> DocumentRow:
        """The document's row as of the last write."""
        return self.leased.row

    def renew(self) -> None:
        """Prolong the lease; call it before sending anything that must not be sent by two."""
        self.leased.renew()

    def note_document(self, document: Document) -> None:
        """Note the facts of the document that was just read, and what was read otherwise than it is written."""
        facts = fact_columns(DocumentFacts.from_document(document))
        del facts["entry_fingerprint"]
        changed = any(self.leased.record[name] != value for name, value in facts.items())
        note = read_note(document.read_as)
        if document.read_as and self.leased.read(partial(last_note, start=READ_NOTE)) == note:
            note = READ_NOTE
        # What a batch did for it is done once. An open intent stays the batch's: it says how long it may be on its way.
        is_free = self.row.intent_token is None or self.row.booking is not None
        read: dict[str, Any] = {"facts_read_at": NOW, **({"batch_id": None} if is_free else {})}
        if changed or note != READ_NOTE:
            self.leased.change({**facts, **read}, note)
        else:
            self.leased.change_with_next(read)

    def intend(self, number: str, payload_hash: str, contact_id: str | None = None) -> str:
        """Write down, before it is sent, that the document is about to be booked under this number.

        :param contact_id: the contact it is sent for, which the history tells.
        :return: the idempotency key: the same one until the intent is withdrawn.
        """
        values = self.intent(number, payload_hash)
        note = f"about to be booked as {number}{f' on contact {contact_id}' if contact_id else ''}"
        self.leased.change(values, note)
        return str(values["intent_token"])

    def intent(self, number: str, payload_hash: str) -> dict[str, Any]:
        """The columns of the intent to book it under this number; nothing is written."""
        self._forbid_when_booked("be booked again")
        row = self.row
        if row.intent_token is None:
            token = self._new_token(number, payload_hash)
        elif (row.intent_number, row.intent_payload_hash) == (number, payload_hash):
            self._forbid_elsewhere()
            token = row.intent_token
        else:
            raise LedgerError(
                f"{row.label} may be booked as {row.intent_number} already: it cannot be sent as {number}, "
                "or with other content, before that is known"
            )
        return {
            "state": DocumentState.WORKING,
            "intent_token": token,
            "intent_number": number,
            "intent_payload_hash": payload_hash,
            "intent_at": NOW,
            "finance_conn": self._finance_conn or row.finance_conn,
            "batch_id": None,
        }

    def withdraw_intent(self, reason: str) -> None:
        """Write down that what was intended was certainly not booked; the next intent gets a key of its own.

        :raises NeedsHumanError: it was intended for another finance connection, where nobody has looked.
        """
        self._forbid_when_booked("be taken for not booked")
        if self.row.intent_token is None:
            self.renew()
            return
        self._forbid_elsewhere()
        self.leased.change(self.withdrawal(), f"not booked: {reason}")

    def forbid_in_flight(self) -> None:
        """Nothing is concluded from what finance does not show yet.

        :raises TransientError: what was intended was sent so short a time ago that it may still arrive.
        """
        self.renew()
        if self.row.booking is None and self.row.intent_at is not None:
            in_flight = IN_FLIGHT if self.row.batch_id is None else BATCH_IN_FLIGHT
            forbid_in_flight(self.leased, f"booking {self.row.intent_number}", self.row.intent_at, in_flight)

    def not_found(self) -> None:
        """Write down that what was intended was looked for and is not booked.

        :raises TransientError: it was sent so short a time ago that it may still arrive.
        :raises NeedsHumanError: as of `withdraw_intent`.
        """
        self.forbid_in_flight()
        self.withdraw_intent("looked for it in finance: not there")

    def found_not_booked(self, note: str) -> None:
        """Write down that a person found that what was intended is not booked. Releases the lease.

        :raises TransientError: as of `not_found`.
        :raises NeedsHumanError: it was intended for another finance connection, where nobody has looked.
        """
        self._forbid_unless_open()
        self.forbid_in_flight()
        self.leased.change({**self.withdrawal(), **_NOTHING_OPEN}, note)

    def booked(self, booking: Booking) -> None:
        """Write down that the finance system has the document.

        :raises NeedsHumanError: the ledger knows the booking as another document's.
        """
        self._book(booking, f"booked as {booking.number}", {})

    def found_booked(self, booking: Booking, note: str) -> None:
        """Write down the booking that a person found in the finance system. Releases the lease.

        :raises NeedsHumanError: the ledger knows the booking as another document's, or it was intended elsewhere.
        """
        self._forbid_unless_open()
        self._book(booking, note, _NOTHING_OPEN)

    def update_booking(self, booking: Booking) -> None:
        """Note the booking as it is now; the state stays."""
        known = self.row.booking
        if known is None or known.finance_id != booking.finance_id:
            raise LedgerError(f"{self.row.label} is not booked as {booking.number}")
        self.leased.change(booking_columns(booking), "its booking changed")

    def transferred(self, note: str = "") -> None:
        """The end: booked and reported. Releases the lease.

        :param note: what was left undone, if anything.
        """
        if self.row.booking is None:
            raise LedgerError(f"{self.row.label} is not booked, so it is not transferred")
        self._end(
            DocumentState.TRANSFERRED,
            note or None,
            f"reported to its source{f'; {note}' if note else ''}",
            reported_at=NOW,
        )

    def became_real(self, booking: Booking) -> None:
        """Note that the draft, which its source was told of, is a real invoice now; the source has to be told again.

        Releases the lease.
        """
        known = self.row.booking
        if known is None or not known.is_draft or booking.is_draft:
            raise LedgerError(f"{self.row.label} has no draft that became {booking.number}")
        self._to_be_told_again(booking, f"its draft became {booking.number}")

    def renumbered(self, booking: Booking) -> None:
        """Note that the booking has another number than its source was told; the source has to be told again.

        Releases the lease.
        """
        self._to_be_told_again(booking, f"its number in finance became {booking.number}")

    def rejected(self, message: str) -> None:
        """The end: only the author can mend it, and the source was told so. Releases the lease."""
        self._forbid_when_booked("be rejected")
        if self.row.intent_token is not None:
            raise LedgerError(f"{self.row.label} may be booked: it cannot be rejected before that is known")
        self._end(DocumentState.REJECTED, message, f"rejected: {message}", reported_at=NOW)

    def rejection_confirmed(self, by: str) -> None:
        """Note that a person lets the source be told that it is rejected; the next run does. Releases the lease."""
        self._forbid_when_booked("be rejected")
        confirmed = partial(confirm, document_id=self.row.id, by=by)
        self.leased.change({**NO_LEASE, "held_fingerprint": None}, f"{by} lets it be rejected", also=confirmed)

    def put_aside(self, by: str, reason: str) -> None:
        """Note that a person deals with it outside: it leaves the open list until it moves on. Releases the lease."""
        aside = {"aside_at": NOW, "aside_by": by, "aside_reason": reason}
        self.leased.change({**NO_LEASE, **aside}, f"{by} put it aside: {reason}")

    def taken_back_from_aside(self, by: str) -> None:
        """Note that it belongs to the open list again. Releases the lease."""
        self.leased.change({**NO_LEASE, **NOT_ASIDE}, f"{by} took it back to the open list")

    def held(self, reason: str, fingerprint: str | None = None) -> None:
        """Leave it until something on our side has changed. Releases the lease.

        :param fingerprint: of all that it may be waiting for; `None` when every run has to look again.
        """
        self._leave(DocumentState.HELD, reason, fingerprint)

    def in_doubt(self, reason: str, fingerprint: str | None = None) -> None:
        """Leave it to a person: it may be booked, and looking did not decide it. Releases the lease."""
        self._leave(DocumentState.IN_DOUBT, reason, fingerprint)

    def release(self, note: str | None = None) -> None:
        """Give the lease back and leave the state.

        :param note: what the attempt stumbled over; the next run tries again, even with a held document.
        """
        stumbled = {"reason": note, "held_fingerprint": None} if note else {}
        self.leased.change({**NO_LEASE, **stumbled}, note or None)

    def step_back(self, note: str) -> None:
        """Give the lease back and leave everything else as it is.

        :param note: what was asked, which the history keeps.
        """
        self.leased.change(NO_LEASE, note)

    def _to_be_told_again(self, booking: Booking, note: str) -> None:
        known = self.row.booking
        if known is None or known.finance_id != booking.finance_id:
            raise LedgerError(f"{self.row.label} is not booked as {booking.number}")
        values = {**NO_LEASE, **booking_columns(booking), "state": DocumentState.BOOKED, "reported_at": None}
        self.leased.change(values, note)

    def as_booked(self, booking: Booking) -> dict[str, Any]:
        """The columns of a document that finance has; nothing is written."""
        row = self.row
        if row.booking is not None and row.booking.finance_id != booking.finance_id:
            raise LedgerError(f"{row.label} is booked as {row.booking.number} and cannot be {booking.number} too")
        return {
            **booking_columns(booking),
            "finance_conn": self._finance_conn or row.finance_conn,
            "state": DocumentState.BOOKED,
            "booked_at": NOW,
        }

    def withdrawal(self) -> dict[str, Any]:
        """The columns of a document that is certainly not booked; nothing is written."""
        withdrawn = self.leased.record["intents_withdrawn"] + 1
        return {**_NO_INTENT, "intents_withdrawn": withdrawn, "finance_conn": None, "state": DocumentState.SEEN}

    def _book(self, booking: Booking, note: str, others: dict[str, Any]) -> None:
        row = self.row
        try:
            self.leased.change({**self.as_booked(booking), "batch_id": None, **others}, note)
        except LedgerError as error:
            if error.sql_state != UNIQUE_VIOLATION:
                raise
            raise NeedsHumanError(
                f"{row.label} was found in finance as {booking.number}, but the ledger has that as another document's "
                "booking. Compare the two"
            ) from error

    def _leave(self, state: DocumentState, reason: str, fingerprint: str | None) -> None:
        values = {**NO_LEASE, "state": state, "reason": reason, "held_fingerprint": fingerprint}
        if self.leased.record["announced_reason"] != reason:
            values |= {"announced_reason": reason, "announced_at": NOW}
        told_before = (self.row.state, self.row.reason) == (state, reason)
        # What every look finds again is no line of the history, but it was a look.
        self.leased.change(values | {"updated_at": NOW}, None if told_before else f"{state}: {reason}")

    def _end(self, state: DocumentState, reason: str | None, note: str, **values: Any) -> None:
        left_nothing = {"held_fingerprint": None, "announced_reason": None}
        self.leased.change({**NO_LEASE, **left_nothing, **values, "state": state, "reason": reason}, note)

    def _new_token(self, number: str, payload_hash: str) -> str:
        """The same key for the same thing, even when the ledger was restored from a backup in between."""
        withdrawn = self.leased.record["intents_withdrawn"]
        parts = (str(self.row.ref), self._finance_conn or "", number, payload_hash, str(withdrawn))
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]

    def _forbid_when_booked(self, doing: str) -> None:
        if self.row.booking is not None:
            raise LedgerError(f"{self.row.label} is booked as {self.row.booking.number} and cannot {doing}")

    def _forbid_unless_open(self) -> None:
        self._forbid_when_booked("be resolved by a person")
        if self.row.intent_token is None:
            raise LedgerError(f"{self.row.label} was not sent: there is nothing for a person to resolve")
        self._forbid_elsewhere()

    def _forbid_elsewhere(self) -> None:
        intended = self.row.finance_conn
        if intended and self._finance_conn and intended != self._finance_conn:
            raise NeedsHumanError(
                f"{self.row.label} may be booked as {self.row.intent_number} through connection {intended}, but the "
                f"route now books through {self._finance_conn}. Look in {intended} first"
            )
