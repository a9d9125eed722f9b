"""Whatever two tasks do with two documents, in whatever order: the ledger agrees with a simple model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from invoice_bridge_core.documents.states import DocumentState, StepState
from invoice_bridge_core.errors import LeaseLostError, LedgerError, TransientError
from tests.ledger.rows import all_arrived, booking, claimed, expire, other_ref

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.documents import DocumentRef
    from invoice_bridge_core.ledger import Claim, Ledger

TASKS = ("run 1/task 0", "run 2/task 0")
tasks = st.sampled_from(TASKS)
writers = st.sampled_from(("whoever holds it",) * 6 + TASKS)


ENDS: dict[DocumentState, Callable[[Claim], object]] = {
    DocumentState.TRANSFERRED: lambda claim: claim.transferred(),
    DocumentState.REJECTED: lambda claim: claim.rejected("wrong"),
    DocumentState.HELD: lambda claim: claim.held("wait", None),
    DocumentState.IN_DOUBT: lambda claim: claim.in_doubt("look", None),
}


@dataclass
class Model:
    """What should be in the row."""

    ref: DocumentRef
    state: DocumentState = DocumentState.SEEN
    exists: bool = False
    holder: str | None = None
    expired: bool = False
    token: str | None = None
    sent_lately: bool = False
    finance_id: str | None = None
    step: StepState | None = None
    old_tokens: set[str] = field(default_factory=set)


class DocumentLife(RuleBasedStateMachine):
    """Two tasks, one document; every write is tried by whoever has, or once had, a claim."""

    ledger: ClassVar[Ledger]
    lives: ClassVar[int] = 0

    @initialize()
    def begin(self) -> None:
        type(self).lives += 1
        self.model = Model(other_ref(f"life {self.lives}"))
        self.claims: dict[str, Claim] = {}
        self.claim(TASKS[0])

    @rule(task=tasks)
    def claim(self, task: str) -> None:
        model = self.model
        got = self.ledger.claim(model.ref, route="route", claimant=task)
        if model.holder not in (None, task) and not model.expired:
            assert got is None
            return
        assert got is not None
        model.exists, model.holder, model.expired = True, task, False
        self.claims[task] = got

    @precondition(lambda self: self.model.holder is not None)
    @rule()
    def lease_runs_out(self) -> None:
        expire(self.ledger)
        self.model.expired = True

    @rule()
    def time_passes(self) -> None:
        all_arrived(self.ledger)
        self.model.sent_lately = False

    def write(self, task: str, write: Callable[[Claim], object], *, allowed: bool, too_soon: bool = False) -> object:
        """Try a write; it must fail when the lease is lost, when the state forbids it, or when it is too soon."""
        task = task if task in TASKS else self.model.holder or TASKS[0]
        claim = self.claims.get(task)
        if claim is None:
            return None
        if self.model.holder != task:
            with pytest.raises(LedgerError):
                write(claim)
            return None
        if not allowed:
            with pytest.raises(LedgerError) as caught:
                write(claim)
            assert not isinstance(caught.value, LeaseLostError)
            return None
        self.model.expired = False
        if too_soon:
            with pytest.raises(TransientError):
                write(claim)
            return None
        return write(claim) or True

    @rule(task=writers)
    def intend(self, task: str) -> None:
        model = self.model
        token = self.write(task, lambda claim: claim.intend("Q-1", "hash"), allowed=model.finance_id is None)
        if token is None:
            return
        assert isinstance(token, str)
        assert token == model.token if model.token else token not in model.old_tokens
        model.token, model.state, model.sent_lately = token, DocumentState.WORKING, True

    @rule(task=writers)
    def withdraw(self, task: str) -> None:
        if self.write(task, lambda claim: claim.withdraw_intent("not there"), allowed=self.model.finance_id is None):
            self.nothing_intended()

    @rule(task=writers)
    def looked_in_vain(self, task: str) -> None:
        model = self.model
        too_soon = model.token is not None and model.sent_lately
        if self.write(task, lambda claim: claim.not_found(), allowed=model.finance_id is None, too_soon=too_soon):
            self.nothing_intended()

    def nothing_intended(self) -> None:
        model = self.model
        if model.token:
            model.old_tokens.add(model.token)
            model.state = DocumentState.SEEN
        model.token = None

    @rule(task=writers, finance_id=st.sampled_from(["f-1", "f-2"]))
    def booked(self, task: str, finance_id: str) -> None:
        model = self.model
        allowed = model.finance_id in (None, finance_id)
        if self.write(task, lambda claim: claim.booked(booking(finance_id=finance_id)), allowed=allowed):
            model.finance_id, model.state = finance_id, DocumentState.BOOKED

    @rule(task=writers)
    def resolved_as_not_booked(self, task: str) -> None:
        model = self.model
        allowed = model.finance_id is None and model.token is not None
        if self.write(
            task,
            lambda claim: claim.found_not_booked("not there"),
            allowed=allowed,
            too_soon=model.sent_lately,
        ):
            self.nothing_intended()
            model.holder = None

    @rule(task=writers)
    def resolved_as_booked(self, task: str) -> None:
        model = self.model
        allowed = model.finance_id is None and model.token is not None
        if self.write(task, lambda claim: claim.found_booked(booking(), "there"), allowed=allowed):
            model.state, model.finance_id, model.holder = DocumentState.BOOKED, booking().finance_id, None

    @rule(task=writers)
    def step_back(self, task: str) -> None:
        if self.write(task, lambda claim: claim.step_back("looked"), allowed=True):
            self.model.holder = None

    @rule(task=writers, state=st.sampled_from([*ENDS, None]))
    def end(self, task: str, state: DocumentState | None) -> None:
        model = self.model
        allowed = {
            DocumentState.TRANSFERRED: model.finance_id is not None,
            DocumentState.REJECTED: model.finance_id is None and model.token is None,
        }
        write = ENDS[state] if state else lambda claim: claim.release("an outage")
        if self.write(task, write, allowed=allowed.get(state, True) if state else True):
            model.state, model.holder = state or model.state, None

    @rule(task=writers)
    def step_intended(self, task: str) -> None:
        allowed = self.model.step is not StepState.DONE
        if self.write(task, lambda claim: claim.steps.intend("payment"), allowed=allowed):
            self.model.step = StepState.INTENDED

    @rule(task=writers)
    def step_done(self, task: str) -> None:
        if self.write(task, lambda claim: claim.steps.done("payment"), allowed=True):
            self.model.step = StepState.DONE

    @rule(task=writers)
    def step_refused(self, task: str) -> None:
        allowed = self.model.step is StepState.INTENDED
        if self.write(task, lambda claim: claim.steps.refused("payment"), allowed=allowed):
            self.model.step = StepState.REFUSED

    @invariant()
    def ledger_agrees(self) -> None:
        model = self.model
        row = self.ledger.row(model.ref)
        if row is None:
            assert not model.exists
            return
        assert row.state is model.state
        assert row.lease_owner == model.holder
        assert row.intent_token == model.token
        assert (row.booking.finance_id if row.booking else None) == model.finance_id
        steps = self.ledger.steps(row)
        assert [step.state for step in steps] == ([model.step] if model.step else [])
        *_, last = self.ledger.history(row)
        assert last.to_state is model.state


def test_the_ledger_agrees_with_the_model(ledger: Ledger) -> None:
    DocumentLife.ledger = ledger
    run_state_machine_as_test(
        DocumentLife,
        settings=settings(
            max_examples=30,
            stateful_step_count=30,
            derandomize=True,
            phases=[Phase.generate],
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert DocumentLife.lives > 10
    assert claimed(ledger, ref=other_ref("after all")) is not None
