"""What a task says when it could not work on its document, and what the run's summary makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.connections.guard import Pause
from invoice_bridge_core.documents.outcomes import Outcome, Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context

PAUSED_KEY = "paused"
"""The key under which a task says what kept it from working: the source id, outcome and message."""


def push_pause(context: Context, source_id: str, result: Result) -> None:
    """Say what stopped the task of one document; its row in the ledger stays as it was."""
    context["ti"].xcom_push(PAUSED_KEY, [source_id, str(result.outcome), result.message])


def paused_documents(context: Context, task_ids: Sequence[str]) -> dict[str, Pause]:
    """Source id → what stopped its task."""
    values = context["ti"].xcom_pull(task_ids=list(task_ids), key=PAUSED_KEY) or []
    return {source_id: Pause("", Outcome(outcome), reason) for source_id, outcome, reason in filter(None, values)}


def refusal_alarms(refused: Sequence[Pause], run: str) -> list[str]:
    """Refused credentials that this run was the first to meet.

    Later runs mention them and end well, so that nobody is alarmed twice.
    """
    return [f"{refusal.reason}: {refusal.detail}" for refusal in refused if refusal.run == run]
