"""How a task's log ends, as Airflow's own task runner writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.operators.task_runner import run_tasks

if TYPE_CHECKING:
    from tests.operators.task_runner import Ended

ONCE = """
from invoice_bridge.operators.once import OnceOperator
from invoice_bridge_core.documents.outcomes import Outcome, Result
from tests.builders import route

class Task(OnceOperator):
    entry_name = "document"
    document = {{"source_id": "7", "label": "T-7 · Nordic AS · 100.00 SEK"}}

    def __init__(self, **kwargs):
        super().__init__(route=route(), **kwargs)
        self.desk_url = "http://here/plugin/invoices?document=7"

    def carry(self, session, attempt, *, dry_run):
        raise NotImplementedError

    def _open_and_carry(self, context, *, dry_run):
        return Result(Outcome.{outcome}, self.document["label"], "the total differs by 1.00")
"""
RAISES = """
from airflow.sdk import BaseOperator
from invoice_bridge.operators.failures import failing_for_good
from invoice_bridge_core.errors import ConfigurationError, TransientError

class Task(BaseOperator):
    def execute(self, context):
        with failing_for_good("T-7"):
            raise {error}
"""
SUMMARY = """
from airflow.sdk import BaseOperator
from invoice_bridge.operators.alarms import fail_for

class Task(BaseOperator):
    def execute(self, context):
        fail_for(["2 of 3 documents failed: T-7 · Nordic AS · 100.00 SEK: in doubt; T-8: rejected"])
"""
ENDS = {
    "REJECTED": ("failed", "deletes it in Qondor and makes a new one"),
    "IN_DOUBT": ("failed", "Compare Qondor and Xero, and say on the desk what is so"),
    "FAILED": ("failed", "Clear this task to try again"),
    "HELD": ("skipped", "Mend what the reason says"),
    "WAITS": ("skipped", "a later run takes it up by itself"),
}
KNOWN = {
    "ConfigurationError('the token is refused')": ("failed", "T-7: the token is refused"),
    "TransientError('Xero is down')": ("up_for_retry", "Xero is down"),
}
UNFORESEEN = "ValueError('a mistake of ours')"


@pytest.fixture(scope="module")
def ended() -> dict[str, Ended]:
    sources = {outcome: ONCE.format(outcome=outcome) for outcome in ENDS}
    sources |= {error: RAISES.format(error=error) for error in (*KNOWN, UNFORESEEN)}
    return run_tasks({UNFORESEEN: RAISES.format(error=UNFORESEEN), "summary": SUMMARY, **sources})


@pytest.mark.parametrize("outcome", ENDS)
def test_the_log_ends_with_what_why_and_what_next(ended: dict[str, Ended], outcome: str) -> None:
    end, (state, next_step) = ended[outcome], ENDS[outcome]
    assert (end.state, end.has_stack_trace) == (state, False)
    what, why, then = [text for text in end.texts if text.startswith(("What: ", "Why: ", "Next: "))]
    assert what == f"What: T-7 · Nordic AS · 100.00 SEK is {outcome.lower().replace('_', ' ')}"
    assert why == "Why: the total differs by 1.00"
    assert next_step in then
    assert then.endswith(". On the desk: http://here/plugin/invoices?document=7")
    assert end.texts[-1] == (then if state == "failed" else "Skipping task.")


@pytest.mark.parametrize("error", KNOWN)
def test_known_errors_are_sentences(ended: dict[str, Ended], error: str) -> None:
    state, text = KNOWN[error]
    assert (ended[error].state, ended[error].has_stack_trace) == (state, False)
    assert text in ended[error].texts


def test_what_nobody_foresaw_keeps_its_stack_trace(ended: dict[str, Ended]) -> None:
    assert (ended[UNFORESEEN].state, ended[UNFORESEEN].has_stack_trace) == ("up_for_retry", True)


def test_a_summary_names_the_documents_and_fails_for_good(ended: dict[str, Ended]) -> None:
    summary = ended["summary"]
    assert (summary.state, summary.error, summary.has_stack_trace) == ("failed", "KnownEnd", False)
    assert summary.texts[-1].startswith("2 of 3 documents failed: T-7 · Nordic AS · 100.00 SEK: in doubt; T-8")
