"""How a case must have ended: in finance, in the source and in the ledger."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING

from invoice_bridge.systems.ixpole.settings import IxpoleSettings
from invoice_bridge.systems.marks import marker_in_link
from invoice_bridge.systems.xero.settings import XeroSettings
from invoice_bridge_core.documents import DocumentRef
from invoice_bridge_core.documents.marks import short_mark
from invoice_bridge_core.documents.states import DocumentState
from tests.chaos.documents import BOOKED, CARD, CREDIT, DRAFTED, HELD, INVOICE, REFUND, REJECTED, TAKEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from invoice_bridge_core.ledger import DocumentRow
    from tests.chaos.documents import Expected
    from tests.chaos.journeys import Journey
    from tests.chaos.state import Booked, State, Told

LEDGER_STATES = {
    BOOKED: DocumentState.TRANSFERRED,
    DRAFTED: DocumentState.TRANSFERRED,
    REJECTED: DocumentState.REJECTED,
    HELD: DocumentState.HELD,
    TAKEN: DocumentState.IN_DOUBT,
}
_AT_REST = frozenset({DocumentState.TRANSFERRED, DocumentState.REJECTED, DocumentState.HELD, DocumentState.IN_DOUBT})
"""What a run leaves alone while nothing has changed: for one in doubt, what finance has under its number."""

_REASONS = ("UNHEARD-OF", "Customer is missing", "does not name the invoice that it credits")


def wrong_ends(journey: Journey, state: State, rows: dict[str, DocumentRow]) -> Iterator[str]:
    """Everything that is not as the documents call for, one sentence each."""
    expected = [paper.expected for paper in journey.papers]
    yield from _in_finance(journey, state, [one for one in expected if one.end in (BOOKED, DRAFTED)])
    for one in expected:
        row, told = rows.get(one.source_id), state.told[one.source_id]
        booked = next((each for each in state.booked if each.number == one.number), None)
        yield from _in_ledger(one, row, booked)
        yield from _in_source(journey, one, told, booked)


def _in_finance(journey: Journey, state: State, wanted: list[Expected]) -> Iterator[str]:
    there = Counter(booked.number for booked in state.booked)
    for number, count in (there - Counter(one.number for one in wanted)).items():
        yield f"{number} is in finance {there[number]} times, {count} too many"
    if sum(one.total for one in wanted) != sum(booked.total for booked in state.booked):
        yield "the totals of source and finance differ"
    for one in wanted:
        found = [booked for booked in state.booked if booked.number == one.number]
        if not found:
            yield f"{one.number} is not in finance"
        for booked in found:
            yield from _one_in_finance(journey, one, booked, state)
    if journey.route.finance.system == "xero":
        yield from _beside_documents(journey, state)


def _beside_documents(journey: Journey, state: State) -> Iterator[str]:
    """Contacts, items and money in Xero."""
    # Nothing is known of customers whose document is held or rejected: their contact may be there or not.
    customers = {*(paper.expected.customer_name for paper in journey.papers), *journey.customers}
    for name, count in Counter(state.contacts).items():
        if count > 1 or name not in customers:
            yield f"{count} contacts are called {name!r}; the customers are {sorted(customers)}"
    if len(state.items) != len(set(state.items)):
        yield f"an item was made twice: {state.items}"
    moved = {booked.finance_id for booked in state.booked}
    if strays := [each for each in (*state.payments, *state.allocations) if each.finance_id not in moved]:
        yield f"money without a document: {strays}"


def _one_in_finance(journey: Journey, one: Expected, booked: Booked, state: State) -> Iterator[str]:
    if (booked.total, booked.currency, booked.is_credit) != (one.total, one.currency, one.is_credit):
        yield f"{one.number} is booked as {booked}"
    if booked.customer != one.customer_name:
        yield f"{one.number} is booked on {booked.customer!r} instead of {one.customer_name!r}"
    yield from _mark(journey, one, booked)
    if journey.route.finance.system == "quiddly":
        status = "CREATED" if one.end == DRAFTED else "ACTIVATED"
        if (booked.status, booked.sent_out, booked.credits) != (status, int(one.end != DRAFTED), one.credits):
            yield f"{one.number} is {booked.status}, sent out {booked.sent_out} times, credits {booked.credits}"
    else:
        yield from _money_in_xero(one, booked, state)


def _mark(journey: Journey, one: Expected, booked: Booked) -> Iterator[str]:
    """What the customer reads holds what the route prints, and nothing else of ours."""
    system, conn_id = journey.source
    ref = DocumentRef(system=system, conn_id=conn_id, source_id=one.source_id)
    printed = {"full": str(ref), "short": short_mark(ref), "none": ""}[journey.route.finance.printed_mark]
    technical = any(word in booked.marker for word in (conn_id, "#ib-"))
    if not booked.marker.endswith(printed) or (technical and not printed):
        yield f"{one.number} carries the printed mark {booked.marker!r}"
    has_link = journey.route.source.document_link is not None and isinstance(journey.route.finance, XeroSettings)
    if (marker_in_link(booked.link) == str(ref)) != (has_link and not one.is_credit):
        yield f"{one.number} carries the link {booked.link!r}"


def _money_in_xero(one: Expected, booked: Booked, state: State) -> Iterator[str]:
    payments = [each.amount for each in state.payments if each.finance_id == booked.finance_id]
    wanted = [one.total] if one.kind in (CARD, REFUND) else []
    # What people pay is looked at where payments are.
    if payments != wanted and not one.paid:
        yield f"{one.number} has the payments {payments} instead of {wanted}"
    allocations = [each.amount for each in state.allocations if each.finance_id == booked.finance_id]
    wanted = [one.total] if one.kind == CREDIT and one.credits else []
    if allocations != wanted:
        yield f"{one.number} has the allocations {allocations} instead of {wanted}"
    if wanted or one.kind in (CARD, REFUND):
        if (booked.status, booked.open_amount) != ("PAID", 0):
            yield f"{one.number} is {booked.status} with {booked.open_amount} open"
    elif one.kind == INVOICE and booked.status not in (("DRAFT",) if one.end == DRAFTED else ("AUTHORISED", "PAID")):
        yield f"{one.number} is {booked.status}"


def _in_ledger(one: Expected, row: DocumentRow | None, booked: Booked | None) -> Iterator[str]:
    if row is None:
        yield f"the ledger has never met {one.number}"
        return
    if row.state is not LEDGER_STATES[one.end]:
        yield f"{one.number} is {row.state} in the ledger instead of {one.end}: {row.reason}"
    known = row.booking.finance_id if row.booking else None
    if known != (booked.finance_id if booked else None):
        yield f"the ledger knows {one.number} as {known}, finance as {booked.finance_id if booked else None}"
    if row.booking is not None and (row.booking.number, abs(row.booking.total)) != (one.number, one.total):
        yield f"the ledger knows {one.number} as {row.booking.number} over {row.booking.total}"
    if row.lease_owner is not None and not _is_left_behind(row):
        yield f"{one.number} is still leased to {row.lease_owner}"
    left_undone = "cannot be booked, because Quiddly has no call for it" if one.kind in (CARD, REFUND) else None
    if one.end in (BOOKED, DRAFTED) and row.reason and (left_undone is None or left_undone not in row.reason):
        yield f"{one.number} is done, and the ledger says: {row.reason}"
    if one.end == TAKEN and one.number not in (row.reason or ""):
        yield f"{one.number} is somebody else's, and the ledger says: {row.reason}"
    if one.end in (REJECTED, HELD) and not any(words in (row.reason or "") for words in _REASONS):
        yield f"{one.number} is {one.end} for another reason than its own: {row.reason}"


def _is_left_behind(row: DocumentRow) -> bool:
    """Whether a task that was killed, or lost the database while it let go, left its lease, which is over now.

    Only on a document that no run has to come back to: the next one to claim any other takes the lease over.
    """
    is_over = row.leased_until is not None and row.leased_until <= dt.datetime.now(dt.UTC)
    return is_over and row.state in _AT_REST


def _in_source(journey: Journey, one: Expected, told: Told, booked: Booked | None) -> Iterator[str]:
    if journey.route.source.system == "qondor":
        wanted = {REJECTED: "Failed", HELD: "Unprocessed", TAKEN: "Unprocessed"}.get(
            one.end, "Paid" if one.told_on else "Processed"
        )
        if (told.state, told.paid) != (wanted, one.told_on):
            yield f"Qondor says {told.state} on {told.paid} of {one.source_id} instead of {wanted} on {one.told_on}"
        if told.reference != (booked.finance_id if booked else None):
            yield f"Qondor was told {told.reference} of {one.source_id}"
        return
    booked_as = ("Received",) if one.told_on else ("Open", "Overdue")
    states = {DRAFTED: ("Pending",), HELD: ("ToDo",), TAKEN: ("ToDo",)}.get(one.end, booked_as)
    number = {DRAFTED: f"D{one.number}", HELD: None, TAKEN: None}.get(one.end, one.number)
    if told.state not in states or told.reference != number:
        yield f"iXpole says {told.state} of {one.source_id}, as {told.reference}"
    if one.end == BOOKED and not (told.has_pdf and told.due_date):
        yield f"iXpole has no PDF or due date of {one.source_id}: {told}"
    source = journey.route.source
    assert isinstance(source, IxpoleSettings)
    if source.customer_codes == "finance" and booked and told.customer_code != booked.contact:
        yield f"iXpole has {told.customer_code} for the customer of {one.source_id}, not {booked.contact}"
