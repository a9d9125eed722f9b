"""A document in doubt, or one whose booking was changed by hand, resolved by a person and by finance itself.

A person's word alone is taken only where the finance system cannot be asked, and then only when they say that they
looked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.documents import DocumentKind, format_amount
from invoice_bridge_core.documents.marks import is_mark_of
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import BridgeError, InDoubtError, NotResolvedError
from invoice_bridge_core.ledger.anew import AnewClaim
from invoice_bridge_core.ports import Booking
from invoice_bridge_core.transfer.claimed_by_hand import claimed_by_hand
from invoice_bridge_core.transfer.set_back import look_up
from invoice_bridge_core.transfer.ways_to_say import BY_COMMAND, WaysToSay

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from invoice_bridge_core.ledger import Claim, DocumentRow, Ledger
    from invoice_bridge_core.ports import FinanceSystem
    from invoice_bridge_core.ports.booking_status import BookingStatus
    from invoice_bridge_core.routes.model import Route


def refuse_unless_open(row: DocumentRow) -> None:
    """A person says what became of what was sent and not found since, and of a held document that was booked.

    :raises NotResolvedError: the ledger knows what became of the document, or it was never sent.
    """
    if row.booking is not None and row.state is DocumentState.HELD:
        return
    if row.booking is not None:
        raise NotResolvedError(
            f"The ledger says that {row.label} is booked as {row.booking.number} ({row.booking.finance_id}): "
            "there is nothing to resolve"
        )
    if row.intent_token is None:
        raise NotResolvedError(
            f"{row.label} is {row.state}. It was not sent, or is certainly not booked: there is nothing to resolve"
        )


class Resolution:
    """Resolves documents of one route that may be booked.

    :param by: the person who looked, as the history names them.
    :param claimant: the task or page that acts for them, where one does.
    :param ways: how they say things, for what a refusal proposes.
    """

    def __init__(
        self,
        *,
        route: Route,
        finance: FinanceSystem,
        ledger: Ledger,
        by: str,
        claimant: str | None = None,
        ways: WaysToSay = BY_COMMAND,
    ) -> None:
        self._route = route
        self._finance = finance
        self._ledger = ledger
        self._by, self._claimant, self._ways = by, claimant, ways

    def booked_as(
        self, row: DocumentRow, name: str, *, despite_missing_mark: bool = False, i_looked: bool = False
    ) -> str:
        """The document is booked under this number or id; returns what was done, in a sentence.

        :param despite_missing_mark: it is the document's booking although it does not carry our mark.
        :param i_looked: the person looked there, where we cannot; `name` is the finance system's id then.
        :raises NotResolvedError: it is not so, or cannot be checked; nothing was changed.
        """
        with self._claimed(row, f"is booked as {name}") as claim:
            booking, how = self._find(claim.row, name, i_looked)
            if how is None:
                how = self._fitting(claim.row, booking, despite_missing_mark)
            note = f"said to be booked as {_named(booking)}: {how}"
            known = claim.row.booking
            if known is None:
                claim.found_booked(booking, note)
            elif known.finance_id == booking.finance_id:
                AnewClaim(claim).accept_booking(booking, note)
            else:
                self._require_gone(claim.row, known)
                AnewClaim(claim).replace_booking(booking, note)
        return (
            f"{row.label} is booked as {_named(booking)}: {how}. "
            f"The next run of {self._dag} finishes it and reports it to its source."
        )

    def not_booked(self, row: DocumentRow, *, i_looked: bool = False) -> str:
        """The document is not booked; returns what was done, in a sentence.

        :param i_looked: the person looked where we cannot.
        :raises NotResolvedError: something has its number, or that cannot be checked; nothing was changed.
        """
        with self._claimed(row, "is not booked") as claim:
            if (known := claim.row.booking) is None:
                how = self._absence(claim.row, i_looked)
                claim.found_not_booked(f"said not to be booked: {how}")
            else:
                how = self._require_gone(claim.row, known, i_looked=i_looked)
                self._require_free_number(claim.row, known)
                AnewClaim(claim).forget_booking(f"said not to be booked any more: {how}")
        return f"{row.label} is not booked: {how}. The next run of {self._dag} books it again."

    def _claimed(self, row: DocumentRow, said: str) -> AbstractContextManager[Claim]:
        return claimed_by_hand(
            row,
            said,
            route=self._route,
            ledger=self._ledger,
            finance_conn=self._finance.conn_id,
            by=self._by,
            check=refuse_unless_open,
            claimant=self._claimant,
        )

    def _find(self, row: DocumentRow, name: str, i_looked: bool) -> tuple[Booking, str | None]:
        """What finance has under this number or id; with it, where it could not be asked, on whose word."""
        asked = False
        bookings = self._finance.bookings
        for look in (bookings.find_by_number, bookings.find_by_id):
            try:
                found = self._ask(look, name, row)
            except InDoubtError:
                continue
            asked = True
            if found is not None:
                if found.is_gone:
                    raise NotResolvedError(f"{_named(found.booking)} is voided or deleted in {self._system}")
                return found.booking, None
        if asked:
            raise NotResolvedError(f"{self._system} shows no {_kind(row)} with the number or id {name}")
        if not i_looked:
            raise NotResolvedError(
                f"{self._system} cannot be asked about {name}. Look there; if {name} is its id, {self._ways.i_looked}"
            )
        return self._believed(row, name), f"{self._system} could not be asked, {self._by} looked"

    def _believed(self, row: DocumentRow, finance_id: str) -> Booking:
        """A booking that nobody here has seen, with what is known of it; finishing it adds what was sent."""
        total = row.facts.total
        if row.currency is None or total is None or row.intent_number is None:
            raise NotResolvedError(
                f"{row.label} was never read completely, so there is nothing to compare its booking with"
            )
        return Booking(
            finance_id=finance_id,
            number=row.intent_number,
            status="",
            contact_id="",
            currency=row.currency,
            total=total,
        )

    def _fitting(self, row: DocumentRow, booking: Booking, despite_missing_mark: bool) -> str:
        """What was checked, when the booking is the document's; a difference is a refusal."""
        name = _named(booking)
        other = self._ledger.payments.booked_as(self._finance.conn_id, [booking.finance_id]).get(booking.finance_id)
        if other is not None and other.row.id != row.id:
            raise NotResolvedError(f"The ledger says that {name} is the booking of {other.row.label} ({other.row.ref})")
        if differences := self._differences(row, booking):
            raise NotResolvedError(
                f"{name} is not what was sent: {'; '.join(differences)}. Mend it in {self._system}, or look for "
                "another one"
            )
        if booking.marker is not None:
            return f"it is in {self._system}, with our mark, currency and total"
        if not despite_missing_mark:
            raise NotResolvedError(
                f"{name} has the currency and the total of {row.number}, but not our mark {str(row.ref)!r}. Somebody "
                f"may have made it for something else. If it is this document, {self._ways.despite_missing_mark}"
            )
        return f"it is in {self._system}, with our currency and total; {self._by} accepts it without our mark"

    def _differences(self, row: DocumentRow, booking: Booking) -> list[str]:
        differences = []
        if booking.marker is not None and not is_mark_of(booking.marker, row.ref):
            differences.append(f"it carries the mark of another document, {booking.marker!r}")
        if booking.currency != row.currency:
            differences.append(f"its currency is {booking.currency}, not {row.currency}")
        total = row.facts.total
        if total is None or abs(booking.total - total) > self._route.policy.total_tolerance:
            wanted = format_amount(total) if total is not None else "known"
            differences.append(f"its total is {format_amount(booking.total)}, not {wanted}")
        return differences

    def _absence(self, row: DocumentRow, i_looked: bool) -> str:
        """What was looked for and not found."""
        number = row.intent_number or ""
        try:
            found = self._ask(self._finance.bookings.find_by_number, number, row)
        except InDoubtError as error:
            if not i_looked:
                raise NotResolvedError(
                    f"{self._system} cannot be asked about {number}. Look there; if it is not there, "
                    f"{self._ways.i_looked}"
                ) from error
            return f"{self._system} could not be asked, {self._by} looked"
        if found is None:
            self._refuse_renumbered(row)
            return f"{self._system} has no {_kind(row)} {number}"
        name = _named(found.booking)
        if found.is_gone:
            return (
                f"{name} is voided in {self._system} and keeps its number. Change the route's number_prefix before the "
                "next run"
            )
        there = f"{self._system} has {name} with {format_amount(found.booking.total)} {found.booking.currency}"
        if is_mark_of(found.booking.marker, row.ref):
            raise NotResolvedError(
                f"{there}, with this document's own mark: void or delete it there first, or say "
                f"{self._ways.booked_as(found.booking.finance_id)}"
            )
        raise NotResolvedError(
            f"{there}, so {row.number} cannot be booked under this number. Give that document another number there, "
            f"and say {self._ways.not_booked} again; or, if it is this document, say "
            f"{self._ways.booked_as(found.booking.finance_id, has_mark=bool(found.booking.marker))}"
        )

    def _refuse_renumbered(self, row: DocumentRow) -> None:
        """Refuse to have booked again what carries the document's mark under another number."""
        sent = self._finance.sent_documents
        if sent is None or row.intent_at is None:
            return
        try:
            found = sent.made_since(row.intent_at, is_credit_note=_is_credit_note(row))
        except InDoubtError:
            return
        except BridgeError as error:
            raise NotResolvedError(f"{self._system} could not be asked, so nothing was changed: {error}") from error
        for one in found:
            if is_mark_of(one.booking.marker, row.ref) and not one.is_gone:
                raise NotResolvedError(
                    f"{self._system} has {_named(one.booking)} with this document's own mark, under another number: "
                    f"void or delete it there first, or say {self._ways.booked_as(one.booking.finance_id)}"
                )

    def _require_gone(self, row: DocumentRow, known: Booking, *, i_looked: bool = False) -> str:
        """What shows that the document's booking counts no longer."""
        try:
            status = look_up(self._finance, known, is_credit_note=_is_credit_note(row))
        except InDoubtError as error:
            if not i_looked:
                raise NotResolvedError(
                    f"{self._system} cannot be asked about {known.number}. Look there; if it is gone, "
                    f"{self._ways.i_looked}"
                ) from error
            return f"{self._system} could not be asked, {self._by} looked"
        if status is None:
            return f"{self._system} no longer has {_named(known)}"
        if status.is_gone:
            return f"{_named(known)} is {status.booking.status.lower()} in {self._system}"
        raise NotResolvedError(
            f"{row.label} is booked as {_named(known)}, and {self._system} still has that. Void or delete it there "
            f"first; or say {self._ways.booked_as(known.finance_id)} if it stands for the document as it is"
        )

    def _require_free_number(self, row: DocumentRow, known: Booking) -> None:
        """Refuse what could only end in doubt: the document would be booked under a number that is taken."""
        number = f"{self._route.finance.number_prefix or ''}{row.number or ''}"
        if number.casefold() != known.number.casefold():
            return
        try:
            found = self._ask(self._finance.bookings.find_by_number, number, row)
        except InDoubtError:
            return
        if found is None:
            return
        what = "keeps the number of what was voided" if found.is_gone else f"has {_named(found.booking)}"
        raise NotResolvedError(
            f"{self._system} {what}, so {row.number} cannot be booked as {number} again. Book it there by hand under "
            f"another number, and say {self._ways.booked_as('NUMBER', has_mark=False)}; or set another number_prefix "
            f"in the route, and say {self._ways.not_booked} again"
        )

    def _ask(self, look: Callable[..., BookingStatus | None], name: str, row: DocumentRow) -> BookingStatus | None:
        try:
            return look(name, is_credit_note=_is_credit_note(row))
        except InDoubtError:
            raise
        except BridgeError as error:
            raise NotResolvedError(f"{self._system} could not be asked, so nothing was changed: {error}") from error

    @property
    def _system(self) -> str:
        return self._finance.name

    @property
    def _dag(self) -> str:
        return f"invoice_transfer__{self._route.route}"


def _is_credit_note(row: DocumentRow) -> bool:
    return row.facts.kind is DocumentKind.CREDIT_NOTE


def _kind(row: DocumentRow) -> str:
    return "credit note" if _is_credit_note(row) else "invoice"


def _named(booking: Booking) -> str:
    return f"{booking.number} ({booking.finance_id})"
