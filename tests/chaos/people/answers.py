"""What people do about documents that are held or in doubt: they look, mend what they see, and say what is so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from invoice_bridge_core.commands.describe import describe
from invoice_bridge_core.commands.rejections import confirm_rejections
from invoice_bridge_core.documents.states import DocumentState, StepState
from invoice_bridge_core.errors import NotResolvedError
from invoice_bridge_core.ledger.payments.payment_claim import PAYMENT_REPORT
from invoice_bridge_core.transfer.resolution import Resolution
from invoice_bridge_core.transfer.resolution_of_reports import ReportResolution
from tests.chaos.people.acts import PersonActs
from tests.chaos.people.facts import REPLACED, Facts, facts_of
from tests.chaos.people.journal import GONE, note
from tests.chaos.people.own_commands import CONFIRM
from tests.chaos.people.whose import HAND, WAITING, Whose, whose_is

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.ledger import DocumentRow
    from sandbox.bookkeeping import Booked
    from sandbox.sandbox import Sandbox
    from tests.chaos.journeys import Journey
    from tests.chaos.world import ChaosWorld

_FIRST = "total put back, before a word is said of it"
"""What wakes nothing by itself: a person then says what is booked."""
WAITS = (DocumentState.HELD, DocumentState.IN_DOUBT)


@dataclass
class Answers:
    """The people who mend, and what they said.

    :param refused: what was said truthfully and not believed.
    """

    world: ChaosWorld
    journey: Journey
    said: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    anew: list[str] = field(default_factory=list)
    _expected: dict[str, str] = field(default_factory=dict)
    _given: set[tuple[str, str]] = field(default_factory=set)

    def give(self) -> bool:
        """One answer for each document that waits; whether there was any."""
        self._expected = {}
        for one in self.journey.papers:
            whose = whose_is(self.journey, one)
            row = self.world.ledger.row(self.world.ref(whose.source_id))
            if row is None or row.state not in WAITS:
                self._settle_payment(row, whose)
                continue
            facts = self.world.played.ask(facts_of, whose)
            answer = self._answer(row, facts, whose)
            if answer is not None:
                self._carry_out(row, whose, *answer)
        return bool(self._expected)

    def _settle_payment(self, row: DocumentRow | None, whose: Whose) -> None:
        """Say whether the source was told of a payment that finance took back, where the source is not asked."""
        steps = [] if row is None else self.world.ledger.steps(row)
        if not any(each.step == PAYMENT_REPORT and each.state is StepState.INTENDED for each in steps):
            return
        assert row is not None
        entry = self.world.ledger.payments.status(row.ref)
        if entry is None or "--not-done" not in (entry.reason or ""):
            return
        is_told = self.world.played.ask(facts_of, whose).paid is not None
        done = self._reports().step(row, PAYMENT_REPORT, is_done=is_told, i_looked=True)
        self.said.append("--done" if is_told else "--not-done")
        self.told.append(f"{row.label}: {done}")

    def unmoved(self) -> list[str]:
        """Documents that wait as before, although a person did what their reason asks for."""
        found = []
        for source_id, reason in self._expected.items():
            row = self.world.ledger.row(self.world.ref(source_id))
            if row is not None and row.state in WAITS and row.reason == reason:
                found.append(f"{row.label} was mended, and the next run left it as it was: {reason}")
        return found

    def _carry_out(self, row: DocumentRow, whose: Whose, name: str, act: Callable[[], str]) -> None:
        source_id = whose.source_id
        if (source_id, name) in self._given:
            return
        self._given.add((source_id, name))
        told = describe(row, self.world.ledger.steps(row), self.world.ledger.history(row))
        if name.startswith("--") and name.split()[0] not in f"{told} {row.reason}":
            self.refused.append(f"{row.label} does not say that {name} helps: {row.reason}")
        try:
            done = act()
        except NotResolvedError as refusal:
            self.refused.append(f"{row.label}: {name} is so, and was refused: {refusal}. It waits: {row.reason}")
            return
        self.said.append(name.split(" ")[0] if name.startswith("--") else name)
        self.told.append(f"{row.label}: {name}: {done}")
        if name == "put back":
            self.world.let_pass(3_700)
        # What the entry in the queue does not show is read again later.
        self._expected[source_id] = "" if name in ("put back", _FIRST) else row.reason or ""

    def _answer(self, row: DocumentRow, facts: Facts, whose: Whose) -> tuple[str, Callable[[], str]] | None:
        waits = facts.state in WAITING and row.booking is None
        if facts.is_contact_archived and waits and "archived" in (row.reason or ""):
            return "restored", lambda: self._person(whose, "contact restored")
        if waits and f"{CONFIRM} {self.world.route.route}" in (row.reason or ""):
            return CONFIRM, self._confirm
        if facts.source_currency not in (None, whose.currency):
            return "put back", lambda: self._person(whose, "another currency in the source")
        if row.booking is None:
            return None if row.intent_token is None else self._of_doubt(row, facts, whose)
        return self._of_booked(row, facts.booking(row.booking.finance_id), facts, whose)

    def _of_booked(
        self, row: DocumentRow, known: Booked | None, facts: Facts, whose: Whose
    ) -> tuple[str, Callable[[], str]] | None:
        if known is None or known.status in GONE:
            return self._of_gone(row, facts, whose)
        if facts.state == "Failed":
            return None
        if facts.source_currency not in (None, known.currency):
            return "voided", lambda: self._person(whose, "voided or deleted")
        waits_for_its_total = facts.state in WAITING or "total" in (row.reason or "")
        if facts.state and waits_for_its_total and abs(known.total) != whose.total:
            if known.credited:
                # No total is changed any more of what a credit note was set against.
                return "--told", lambda: self._reported_by_hand(row, known, whose, facts)
            return "total put back", lambda: self._person(whose, "total put back")
        if facts.state in WAITING:
            return f"--booked-as {known.id}", lambda: self._resolution().booked_as(
                row, known.id, despite_missing_mark=True
            )
        return "--told", lambda: self._told(row, known, whose, facts)

    def _of_doubt(self, row: DocumentRow, facts: Facts, whose: Whose) -> tuple[str, Callable[[], str]] | None:
        if facts.living:
            known = facts.living[0]
            if not facts.state and row.facts.currency not in (None, known.currency):
                # Nobody can put the currency back of what was removed, and no booking counts in another one.
                return "--not-booked", lambda: self._voided(row, whose)
            if abs(known.total) != whose.total and not known.credited:
                return _FIRST, lambda: self._person(whose, "total put back")
            return f"--booked-as {known.id}", lambda: self._resolution().booked_as(
                row, known.id, despite_missing_mark=True
            )
        return self._of_gone(row, facts, whose)

    def _of_gone(self, row: DocumentRow, facts: Facts, whose: Whose) -> tuple[str, Callable[[], str]] | None:
        if all(each.status == "DELETED" or each.number != whose.number for each in facts.ours):

            def free() -> str:
                for stranger in facts.strangers:
                    self.world.played.ask(renumbered, whose, stranger.id)
                return self._not_booked(row)

            return "--not-booked", free
        if whose.is_credit:
            return None

        def replace() -> str:
            number = self.world.played.ask(entered_in_its_place, whose)
            return self._resolution().booked_as(row, number, despite_missing_mark=True)

        return "--booked-as what was entered in its place", replace

    def _told(self, row: DocumentRow, known: Booked, whose: Whose, facts: Facts) -> str:
        """What is not known of a step in finance is said first, as a person sees it there."""
        if whose.source == "qondor" and facts.state == "Processed" and facts.reference != known.id:
            self.world.played.ask(reference_written, whose, known.id)
        for record in self.world.ledger.steps(row):
            if record.step == "activation" and record.state is StepState.INTENDED and known.status != "ACTIVATED":
                self._reports().step(row, record.step, is_done=False, i_looked=True)
            elif record.step in ("payment", "refund", "allocation") and record.state is StepState.INTENDED:
                is_done = bool(known.paid or known.credited)
                self._reports().step(row, record.step, is_done=is_done, i_looked=True)
        return self._reports().told(self.world.ledger.row(row.ref) or row, i_looked=True)

    def _reported_by_hand(self, row: DocumentRow, known: Booked, whose: Whose, facts: Facts) -> str:
        self._person(whose, "processed by hand with our reference")
        return self._told(row, known, whose, facts)

    def _voided(self, row: DocumentRow, whose: Whose) -> str:
        self._person(whose, "voided or deleted")
        return self._not_booked(row)

    def _not_booked(self, row: DocumentRow) -> str:
        self.anew.append(row.ref.source_id)
        return self._resolution().not_booked(row)

    def _confirm(self) -> str:
        return confirm_rejections(self.world.ledger, self.world.route.route, yes=True, by="anna")

    def _person(self, whose: Whose, verb: str) -> str:
        self.world.act(PersonActs(whose, (verb,)))
        return verb

    def _resolution(self) -> Resolution:
        world = self.world
        return Resolution(route=world.route, finance=world.systems()[1], ledger=world.ledger, by="anna")

    def _reports(self) -> ReportResolution:
        world = self.world
        source, finance = world.systems()
        return ReportResolution(route=world.route, source=source, finance=finance, ledger=world.ledger, by="anna")


def entered_in_its_place(sandbox: Sandbox, whose: Whose) -> str:
    """Somebody books by hand what was voided; the number. Runs in the sandbox."""
    number = f"H-{whose.number}"
    made = sandbox.xero.bookkeeper.changes.entered(
        number, whose.total, "Booked by hand", CurrencyCode=whose.currency, Date="2026-11-15", DueDate="2026-12-15"
    )
    for verb in ("entered by hand", REPLACED):
        note(sandbox, verb, whose.source_id, during=False, finance_id=str(made["InvoiceID"]), detail=number)
    return number


def reference_written(sandbox: Sandbox, whose: Whose, finance_id: str) -> None:
    """An administrator writes into Qondor which booking counts; runs in the sandbox."""
    sandbox.qondor.administrator.set_processed(whose.source_id, finance_id)


def renumbered(sandbox: Sandbox, whose: Whose, stranger: str) -> None:
    """What took the document's number gets another one; runs in the sandbox."""
    keeper = getattr(sandbox, whose.finance).bookkeeper
    change = keeper.renumber if whose.finance == "xero" else keeper.changes.renumber
    change(stranger, f"{HAND}-{whose.number}")
