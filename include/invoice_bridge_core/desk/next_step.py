"""What happens next with a document, and who does it, for a person who has the page and no shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import WakesOn
from invoice_bridge_core.transfer.next_steps import DO_AS_SAID, made_anew
from invoice_bridge_core.transfer.recheck import Waiting, when_looked_at
from invoice_bridge_core.transfer.ways_to_say import TRY_AGAIN

if TYPE_CHECKING:
    import datetime as dt

    from invoice_bridge_core.ledger import DocumentRow

KEPT_BACK = ("it rejects no further ones", "so nothing is rejected")
"""What the reasons of documents say that would be rejected and are kept, as `transfer.rejections` writes them."""

_UNDER_WAY = {
    DocumentState.WORKING: "The next run finds out whether it was booked, and goes on.",
    DocumentState.BOOKED: "The next run finishes it and reports it to its source.",
    DocumentState.SEEN: "The next run takes it up.",
    DocumentState.TRANSFERRED: "Nothing is left to do: it is booked, and its source was told.",
    DocumentState.REJECTED: f"{made_anew('its source')}. Put it aside once nobody has to follow it up.",
}

_ENDED_BY = (
    (WakesOn.CONTACT, "Put the contact right in finance, or choose the right one here."),
    (WakesOn.INVOICE, "Deal with the invoice that it credits first; then it goes on by itself."),
    (WakesOn.NUMBER, "Look what finance has under its number, and do what the reason says."),
    (WakesOn.OFFERED, "Put it back into its source's queue, here or there, if it is to be booked again."),
    (WakesOn.FINANCE_DATA, "Put right what the reason names: the mapping here, or the account, tax rate, currency or "
                           "lock date in finance."),
    (WakesOn.ROUTE, "Put right what the reason names: the mapping here, or the route's file."),
    (WakesOn.CONNECTION, "Put right what the reason names in Airflow's connection."),
    (WakesOn.ENTRY, "Its author puts right in the source what the reason names."),
    (WakesOn.PERSON, f"{DO_AS_SAID}."),
    (WakesOn.TIME, "Nothing has to be done: it waits for its time."),
)  # fmt: skip
"""What a person does about each thing that a document may wait for, the most particular first."""


def next_step(row: DocumentRow, now: dt.datetime) -> str:
    """What comes next, in a few short sentences; names the desk's own buttons.

    :param now: from where it is counted how long the document has waited; aware.
    """
    text = _of_state(row, now)
    if row.aside_by is None:
        return text
    return f"{row.aside_by} deals with it: {row.aside_reason}. It comes back here when it moves on. Until then: {text}"


def _of_state(row: DocumentRow, now: dt.datetime) -> str:
    if row.state is DocumentState.IN_DOUBT:
        return _in_doubt(row)
    if row.state is DocumentState.HELD:
        return f"{_held(row)} It is looked at again {when_looked_at(row, now)}, or at once with “{TRY_AGAIN}”."
    return _UNDER_WAY[row.state]


def _in_doubt(row: DocumentRow) -> str:
    if row.booking is not None:
        return f"Look at {row.booking.number} in finance, do what the reason says, then say here what is so."
    number = row.intent_number or row.number or row.ref.source_id
    return (
        f"Look for {number} in finance. If it is there, choose “It is booked”; if not, “It is not booked”. What you "
        "say is checked in finance before it counts."
    )


def _held(row: DocumentRow) -> str:
    reason = row.reason or ""
    if any(words in reason for words in KEPT_BACK):
        return "Look whether it is really wrong, or our mapping is. Then confirm the rejection here, or drop it."
    if row.booking is not None:
        return (
            f"It is booked as {row.booking.number}. Do what the reason says, or say here what is so: its source was "
            "told, another booking stands for it, or it is gone and is to be booked anew."
        )
    if row.intent_token is not None:
        return f"{_in_doubt(row)}"
    if row.held_fingerprint is None:
        return f"{DO_AS_SAID}."
    wakes_on = Waiting.parse(row.held_fingerprint).wakes_on
    return next((text for wake, text in _ENDED_BY if wake in wakes_on), f"{DO_AS_SAID}.")
