"""Drafts that became real invoices: their source was told of a draft and has to hear of the invoice."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

from include.errors import TransientError
from include.ports import Booking, ReferenceData

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from include.ledger import DocumentRow, Ledger
    from include.ports import FinanceSystem, SourceSystem

log = logging.getLogger(__name__)


class Drafts:
    """The drafts of one route that its source was told of.

    :param run_key: names the run; finance is asked once per key.
    """

    def __init__(
        self, *, route: str, source: SourceSystem, finance: FinanceSystem, ledger: Ledger, run_key: str
    ) -> None:
        self._route = route
        self._source = source
        self._finance = finance
        self._ledger = ledger
        self._run_key = run_key

    def follow(self, age: dt.timedelta) -> Counter[str]:
        """Reopen the documents whose draft has become real, so that they are reported again; counts the others.

        :param age: finance is not asked again before that time has passed, lest drafts use up its API's day.
        """
        rows = self._told() if self._source.follows_drafts else []
        if not rows or (age and self._ledger.recent_reference_data(self._key, age) is not None):
            return Counter()
        try:
            looked = self._ledger.reference_data(self._key, self._run_key, lambda: self._look(rows)).body
        except TransientError as error:
            log.warning("%s; drafts wait for the next run", error)
            return Counter({"drafts could not be looked at this time": len(rows)})
        held = {finance_id: Booking.model_validate(booking) for finance_id, booking in looked["held"].items()}
        left = Counter(self._settle(row, held) for row in rows if _id(row) in looked["asked"])
        del left[""]
        return left

    @property
    def _key(self) -> str:
        return f"drafts of {self._route}"

    def _told(self) -> list[DocumentRow]:
        rows = self._ledger.drafts(self._source.system, self._source.conn_id)
        return [row for row in rows if row.route == self._route]

    def _look(self, rows: Sequence[DocumentRow]) -> ReferenceData:
        asked = [_id(row) for row in rows]
        held = self._finance.bookings(asked)
        body: dict[str, Any] = {
            "asked": asked,
            "held": {finance_id: booking.model_dump(mode="json") for finance_id, booking in held.items()},
        }
        return ReferenceData(body=body, fingerprint="")

    def _settle(self, row: DocumentRow, held: dict[str, Booking]) -> str:
        """Why the draft is left; empty when it became real."""
        now = held.get(_id(row))
        if now is None:
            return "its draft was deleted in finance"
        if now.is_draft:
            return "waits in finance as a draft"
        if problems := self._source.number_problems(now.number):
            return problems[0].message
        claim = self._ledger.claim(row.ref, route=self._route, claimant=f"{self._run_key}/drafts")
        if claim is None:
            return "another run is working on it"
        # The claim's row is newer than the list: another run may have been faster.
        known = claim.row.booking
        if known is not None and known.is_draft:
            claim.became_real(now.model_copy(update={"link": now.link or known.link}))
        else:
            claim.release()
        return ""


def _id(row: DocumentRow) -> str:
    return row.booking.finance_id if row.booking else ""
