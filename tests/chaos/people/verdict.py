"""What must be true when all is quiet after a round with people, from what was done to each document alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.states import DocumentState, StepState
from tests.chaos.documents import CREDIT, HELD, INVOICE, REFUND, REJECTED
from tests.chaos.ends import LEDGER_STATES
from tests.chaos.people.closing import wrong_in_the_close
from tests.chaos.people.facts import contact_names, facts_of
from tests.chaos.people.journal import GONE, deeds
from tests.chaos.people.told import wrong_tellings
from tests.chaos.people.whose import WAITING, whose_is
from tests.chaos.state import state_of
from tests.chaos.wire import sent_again

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from invoice_bridge_core.ledger import DocumentRow
    from tests.chaos.documents import Expected
    from tests.chaos.journeys import Journey
    from tests.chaos.people.answers import Answers
    from tests.chaos.people.facts import Facts
    from tests.chaos.people.journal import Deed
    from tests.chaos.people.whose import Whose
    from tests.chaos.world import ChaosWorld

_AT_REST = (DocumentState.TRANSFERRED, DocumentState.REJECTED, DocumentState.HELD, DocumentState.IN_DOUBT)
_ABOUT_CONTACTS = ("contact archived", "contact restored", "contact merged")


@dataclass
class Case:
    """A document at the end: what it is, what was done to it, how it stands."""

    one: Expected
    whose: Whose
    row: DocumentRow | None
    facts: Facts
    deeds: list[Deed]
    is_touched: bool

    def did(self, *beginnings: str) -> bool:
        """Whether any of this was done to it."""
        return any(deed.verb.startswith(beginnings) for deed in self.deeds)

    @cached_property
    def is_booked(self) -> bool:
        """Whether something counts for it in finance."""
        return bool(self.facts.living)


def verdict(world: ChaosWorld, journey: Journey, answers: Answers, stale: Collection[int], hidden: int) -> list[str]:
    """Everything that is wrong, one sentence each.

    :param hidden: how many troubles may have kept the ledger from knowing that a source heard something.
    """
    state = world.played.ask(state_of, journey.route.finance.system, journey.route.source.system)
    cases = list(_cases(world, journey))
    traffic = [each for each in state.traffic if each.number not in stale]
    return [
        *answers.refused,
        *sent_again(traffic, {case.one.number: [each.id for each in case.facts.ours] for case in cases}),
        *_contacts(world.played.ask(contact_names)),
        *(wrong for case in cases for wrong in _one(case, cases)),
        *(wrong for case in cases for wrong in wrong_tellings(journey, case, traffic, answers, hidden)),
        *_open_steps(world, cases),
        *wrong_in_the_close(world, cases),
    ]


def _cases(world: ChaosWorld, journey: Journey) -> Iterator[Case]:
    done = world.played.ask(deeds)
    rows = world.ledger.rows(*journey.source, [paper.expected.source_id for paper in journey.papers])
    touched = {deed.source_id for deed in done}
    by_id = {paper.expected.source_id: paper for paper in journey.papers}
    names = {by_id[each.source_id].expected.customer_name for each in done if each.verb in _ABOUT_CONTACTS}
    numbers = {by_id[each].expected.number for each in touched if each in by_id}
    credits_of = {
        paper.expected.credits
        for paper in journey.papers
        if paper.expected.credits and paper.expected.number in numbers
    }
    for paper in journey.papers:
        one, whose = paper.expected, whose_is(journey, paper)
        is_touched = one.source_id in touched or one.customer_name in names
        is_touched = is_touched or one.credits in numbers or one.number in credits_of
        mine = [deed for deed in done if deed.source_id == one.source_id]
        yield Case(one, whose, rows.get(one.source_id), world.played.ask(facts_of, whose), mine, is_touched)


def _contacts(names: list[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"{count} contacts are called {name!r}"


def _one(case: Case, cases: list[Case]) -> Iterator[str]:
    one, row, facts = case.one, case.row, case.facts
    if len(facts.living) > 1:
        yield f"{one.number} counts {len(facts.living)} times in finance: {[each.number for each in facts.living]}"
    if row is None:
        if facts.state in WAITING or case.is_booked:
            yield f"{one.number} was never met, and waits or is booked"
        return
    if row.state not in _AT_REST:
        yield from _not_at_rest(case)
        return
    if row.booking is not None and facts.booking(row.booking.finance_id) is None and case.whose.finance == "xero":
        yield f"{one.number} is booked as {row.booking.finance_id} by the ledger, which is somebody else's"
    if not case.is_touched and row.state is not LEDGER_STATES[one.end]:
        yield f"nobody touched {one.number}, and it is {row.state}: {row.reason}"
    yield from _end(case, row, cases)


def _end(case: Case, row: DocumentRow, cases: list[Case]) -> Iterator[str]:
    """Whether the end that the ledger names is one that may be."""
    one, facts = case.one, case.facts
    if row.state is DocumentState.TRANSFERRED:
        yield from _transferred(case)
    elif row.state is DocumentState.REJECTED:
        if one.end != REJECTED or facts.state == "Unprocessed":
            yield f"{one.number} is rejected, and {facts.state} in its source: {row.reason}"
    elif not row.reason:
        yield f"{one.number} is {row.state} without a reason"
    elif not _is_excused(case, cases):
        yield f"{one.number} is {row.state}, and nothing keeps it from its end ({facts.state}): {row.reason}"


def _not_at_rest(case: Case) -> Iterator[str]:
    assert case.row is not None
    is_withdrawn = case.facts.state not in WAITING and not case.is_booked
    if case.row.state is not DocumentState.SEEN or not is_withdrawn:
        yield f"{case.one.number} is {case.row.state} at the end ({case.facts.state}): {case.row.reason}"


def _transferred(case: Case) -> Iterator[str]:
    one, row, facts = case.one, case.row, case.facts
    assert row is not None
    if row.booking is None:
        yield f"{one.number} is transferred without a booking"
        return
    if facts.state in WAITING:
        yield f"its source offers {one.number}, and the ledger says that it is transferred"
    known = facts.booking(row.booking.finance_id)
    if (known is None or known.status in GONE) and not case.did("voided", "entered in its place"):
        yield f"{one.number} is transferred, and not in finance"
    if case.is_booked and known is not None and known.status in GONE:
        yield f"{one.number} counts as {facts.living[0].number}, and the ledger knows {known.number}, which is gone"
    is_followed = case.whose.finance == "xero" and not case.whose.is_credit and not row.booking.is_draft
    if known is not None and is_followed and row.booking.number != known.number and known.status not in GONE:
        yield f"{one.number} is {known.number} in finance, and the ledger says {row.booking.number}"
    if known is None or known.status in GONE or not facts.state or case.did("processed", "paid by hand"):
        return
    wanted = known.id if case.whose.source == "qondor" else row.booking.number
    told = facts.reference
    if case.whose.source == "ixpole" and row.booking.is_draft:
        told = (told or "").removeprefix("D")
    # Who was told of the payment keeps the number that it knows.
    is_over = case.whose.source == "ixpole" and facts.state == "Received"
    if told != wanted and not is_over:
        yield f"the source of {one.number} was told {facts.reference}, and it is {wanted}"
    is_followed = case.whose.finance == "xero" or row.booking.number == known.number
    is_paid = is_followed and one.kind == INVOICE and known.due <= 0 and known.status not in ("DRAFT", "CREATED")
    # Qondor takes no payment of what somebody set as failed there, and the payment run says so.
    is_refused = facts.state == "Failed" and case.did("failed by hand")
    if is_paid and known.total == case.whose.total and facts.state not in ("Paid", "Received") and not is_refused:
        yield f"{one.number} is paid in full, and its source says {facts.state}"


def _is_excused(case: Case, cases: list[Case]) -> bool:
    """Whether a person has to do more than anybody here does."""
    one, facts = case.one, case.facts
    if one.end in (HELD, REJECTED):
        return True
    if not facts.state or facts.state == "Failed":
        return True
    is_by_others = facts.state not in WAITING
    if is_by_others and case.did("processed by hand", "paid by hand"):
        return True
    return one.kind in (CREDIT, REFUND) and _keeps_credit(case, cases)


def _keeps_credit(case: Case, cases: list[Case]) -> bool:
    """Whether a credit note waits for what nobody here does: it is not booked by hand, and its invoice is gone or used.

    Its reason has to name the very invoice.
    """
    row = case.row
    assert row is not None
    if row.booking is not None and not case.is_booked:
        return case.did("voided")
    if row.booking is not None and case.did("allocated"):
        return True
    invoice = next((each for each in cases if each.one.number == case.one.credits), None)
    if invoice is None or not _names(row.reason or "", invoice):
        return False
    known = next((each for each in invoice.facts.living if each.number == invoice.one.number), None)
    if known is None or invoice.row is None or invoice.row.state is not DocumentState.TRANSFERRED:
        return True
    return row.booking is not None and known.due < case.one.total


def _names(reason: str, invoice: Case) -> bool:
    """Whether a reason names the invoice, by the source's number or by that in finance."""
    own = invoice.row.number if invoice.row is not None else None
    return any(number is not None and number in reason for number in (invoice.one.number, own))


def _open_steps(world: ChaosWorld, cases: list[Case]) -> Iterator[str]:
    for case in cases:
        if case.row is None or case.row.state is not DocumentState.TRANSFERRED:
            continue
        for step in world.ledger.steps(case.row):
            if step.state is StepState.INTENDED and not case.did("voided", "failed by hand"):
                yield f"{case.row.label}: the ledger does not know what became of the step {step.step}"
