"""A look into finance that has to show that nothing there stands for a document."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import DocumentKind, format_amount
from invoice_bridge_core.errors import BridgeError, InDoubtError, NotResolvedError, TransientError
from invoice_bridge_core.transfer.set_back import look_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ledger import DocumentRow
    from invoice_bridge_core.ports import FinanceSystem
    from invoice_bridge_core.ports.booking_status import BookingStatus


class GoneLook:
    """Looks for whatever may be the booking of one document.

    :param row: as the ledger knows it, with its booking where it has one.
    :param document: as its source tells it now, with the reference that the source has.
    """

    def __init__(self, finance: FinanceSystem, row: DocumentRow, document: Document) -> None:
        self._finance, self._row, self._document = finance, row, document
        self._is_credit_note = row.facts.kind is DocumentKind.CREDIT_NOTE
        self._number = finance.bookings.booking_number(document)
        self._of_number: BookingStatus | None = None

    def what_is_gone(self) -> str:
        """What was seen to be voided, deleted or not there, in a few words.

        :raises NotResolvedError: something is there that counts, or nobody could look.
        """
        known, seen = self._row.booking, []
        if known is not None:
            name = f"{known.number} ({known.finance_id})"
            status = self._asked(name, partial(look_up, self._finance, known, is_credit_note=self._is_credit_note))
            self._refuse_living(status)
            seen.append(f"{self._system} no longer has {name}" if status is None else self._gone(status))
        self._of_number = self._by_number(self._number)
        self._refuse_living(self._of_number)
        reference = (self._document.source_reference or "").strip()
        is_ours = known is not None and reference.casefold() in (known.finance_id.casefold(), known.number.casefold())
        if reference and not is_ours:
            seen.append(self._of_reference(reference))
        if not seen:
            found = self._of_number
            seen.append(self._gone(found) if found is not None else f"{self._system} has no {self._number}")
        return "; ".join(seen)

    def keeps_number(self) -> bool:
        """Whether finance keeps the number, which the document would be booked under, for what was voided.

        As of the last look.
        """
        return self._of_number is not None

    def _by_number(self, number: str) -> BookingStatus | None:
        bookings = self._finance.bookings
        try:
            return self._told(number, partial(bookings.find_by_number, number, is_credit_note=self._is_credit_note))
        except InDoubtError as error:
            if self._row.booking is not None:
                return None  # Its own booking was seen; that of another is found when the document is booked.
            raise self._unknown(number, error) from error

    def _of_reference(self, reference: str) -> str:
        """What became of the booking that the source refers to, which is not the ledger's."""
        bookings, asked = self._finance.bookings, False
        for look in (bookings.find_by_id, bookings.find_by_number):
            try:
                found = self._told(reference, partial(look, reference, is_credit_note=self._is_credit_note))
            except InDoubtError:
                continue
            asked = True
            self._refuse_living(found)
            if found is not None:
                return self._gone(found)
        if not asked:
            raise NotResolvedError(
                f"The source refers to {reference}, and {self._system} cannot be asked about that: nothing was sent. "
                "Look there; if it stands for the document, it must not be booked again"
            )
        return f"{self._system} has no {reference}, which its source refers to"

    def _refuse_living(self, status: BookingStatus | None) -> None:
        if status is None or status.is_gone:
            return
        booking, known = status.booking, self._row.booking
        there = f"{self._system} has {booking.number} ({booking.finance_id}) over {format_amount(booking.total)} "
        if known is not None and booking.finance_id == known.finance_id:
            raise NotResolvedError(
                f"{self._row.label} is booked, and not gone: {there}{booking.currency}. It would be booked twice. Void "
                f"or delete it in {self._system} first"
            )
        raise NotResolvedError(
            f"{there}{booking.currency}, which may stand for {self._row.label}: it would be booked twice. Void or "
            "delete it first; or, if it is for something else, give it another number"
        )

    def _asked(self, name: str, look: Callable[[], BookingStatus | None]) -> BookingStatus | None:
        try:
            return self._told(name, look)
        except InDoubtError as error:
            raise self._unknown(name, error) from error

    def _told(self, name: str, look: Callable[[], BookingStatus | None]) -> BookingStatus | None:
        try:
            return look()
        except InDoubtError:
            raise
        except BridgeError as error:
            raise NotResolvedError(
                f"{self._system} could not be asked about {name}, so nobody knows whether it is gone, and nothing was "
                f"sent: {error}",
                may_pass=isinstance(error, TransientError),
            ) from error

    def _unknown(self, name: str, error: InDoubtError) -> NotResolvedError:
        return NotResolvedError(
            f"{self._system} cannot be asked about {name}, so nobody knows whether it is gone, and nothing was sent: "
            f"{error}"
        )

    def _gone(self, status: BookingStatus) -> str:
        booking = status.booking
        word = booking.status.lower() or "gone"
        return f"{booking.number} ({booking.finance_id}) is {word} in {self._system}"

    @property
    def _system(self) -> str:
        return self._finance.name
