"""Another try now, by a run of its own."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, ClassVar

from invoice_bridge_core.decisions.last_act import person_in
from invoice_bridge_core.desk.acts.act import OfferedAct
from invoice_bridge_core.desk.acts.putting_aside import claim_for_a_note
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import NotResolvedError
from invoice_bridge_core.transfer.set_back import ENDED
from invoice_bridge_core.transfer.ways_to_say import TRY_AGAIN

if TYPE_CHECKING:
    from invoice_bridge_core.desk.acts.act import Deed, Known

ASKED = "asks for another try now"
NOT_STARTED = "no run could be started"
ONCE_WITHIN = dt.timedelta(minutes=1)
"""Who asks twice within this time gets one run."""


class Retry:
    """An attempt now, whatever the document waits for."""

    name: ClassVar[str] = "retry"

    def offered(self, known: Known) -> OfferedAct | None:
        """Of what did not come to its end, and of payments whose source is still to be told."""
        row = known.row
        if row.route is None or (row.state in ENDED and not only_payment_waits(known)):
            return None
        what = "tells its source of the payment" if only_payment_waits(known) else "takes it alone"
        return OfferedAct(
            self.name,
            TRY_AGAIN,
            f"Try {row.label} again now? A run is started that {what}. Nothing is booked or told twice.",
            of_many=True,
        )

    def carry_out(self, deed: Deed) -> str:
        """Note that it was asked; the run is started for all documents together (`dag_of`)."""
        row = deed.row
        for change in reversed(deed.ledger.history(row)):
            if change.at < dt.datetime.now(dt.UTC) - ONCE_WITHIN or NOT_STARTED in change.note:
                break
            if change.note.endswith(ASKED):
                raise NotResolvedError(
                    f"{person_in(change.actor)} asked for another try of {row.label} at {change.at:%H:%M:%S} UTC: one "
                    "run is enough. Wait for its end, or ask again in a minute"
                )
        note_on(deed, f"{deed.by} {ASKED}")
        return f"A run of {dag_of(deed.known)} tries {row.label} again."


def only_payment_waits(known: Known) -> bool:
    """Whether all is done but telling the source that it is paid."""
    payment = known.payment
    if known.row.state is not DocumentState.TRANSFERRED or payment is None or payment.told_on is not None:
        return False
    return payment.paid_in_full_on is not None or payment.telling_on is not None


def dag_of(known: Known) -> str:
    """The DAG whose run tries it."""
    kind = "payment_status" if only_payment_waits(known) else "invoice_transfer"
    return f"{kind}__{known.row.route}"


def note_on(deed: Deed, note: str) -> None:
    """A line in the document's history; nothing else changes.

    :raises NotResolvedError: a task works on it right now.
    """
    claim_for_a_note(deed).step_back(note)
