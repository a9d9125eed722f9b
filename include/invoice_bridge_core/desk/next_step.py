"""What happens next with a document, and who does it, for a person who has the page and no shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.transfer.recheck import when_looked_at

if TYPE_CHECKING:
    import datetime as dt

    from invoice_bridge_core.ledger import DocumentRow


def next_step(row: DocumentRow, now: dt.datetime) -> str:
    """What comes next, in one or two sentences."""
    match row.state:
        case DocumentState.IN_DOUBT:
            return _in_doubt(row)
        case DocumentState.HELD:
            return f"Do what the reason says. It is looked at again {when_looked_at(row, now)}."
        case DocumentState.REJECTED:
            return "Its author corrects it in the source system and sends it again, or makes a new one."
        case DocumentState.WORKING:
            return "The next run finds out whether it was booked, and goes on."
        case DocumentState.BOOKED:
            return "The next run finishes it and reports it to its source."
        case DocumentState.SEEN:
            return "The next run takes it up."
        case DocumentState.TRANSFERRED:
            return "Nothing: it is booked, and its source was told."


def _in_doubt(row: DocumentRow) -> str:
    number = row.intent_number or row.number or "it"
    return f"Look for {number} in the finance system, then say here whether it is booked; it is checked there."
