"""The last step: one table of what became of the run's documents."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from invoice_bridge.ledger_access import open_ledger
from invoice_bridge.operators.alarms import Summary, counted, fail_for, first_of
from invoice_bridge.operators.ends import KnownEnd
from invoice_bridge.operators.links import RouteOperator
from invoice_bridge.operators.pauses import paused_documents, refusal_alarms
from invoice_bridge.operators.session import run_key
from invoice_bridge.operators.transfer.queue import LEFT_KEY, UNKNOWN_KEY, chosen_documents
from invoice_bridge_core.connections.guard import refusals
from invoice_bridge_core.documents.outcomes import FAILS_THE_RUN, Outcome
from invoice_bridge_core.ledger.documents.rejections import KeptFor
from invoice_bridge_core.reports.summary import DocumentOutcome, is_open, outcome_of, summary_text
from invoice_bridge_core.transfer.rejections import many_rejections

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping, Sequence

    from airflow.sdk import Context

    from invoice_bridge_core.connections.guard import Pause
    from invoice_bridge_core.ledger import DocumentRow
    from invoice_bridge_core.ledger.documents.rejections import KeptDocument
    from invoice_bridge_core.routes.model import Route


class TransferSummaryOperator(RouteOperator):
    """Print the outcome table, and fail the run when a document failed.

    The outcomes are the ledger's, so that a task that was killed before it could say anything is counted too.

    :param route: the route to work for.
    :param queue_task_id: the task that chose the documents.
    :param document_task_ids: the mapped tasks, whose returned values tell what a dry run would have done.
    """

    def __init__(self, *, route: Route, queue_task_id: str, document_task_ids: Sequence[str], **kwargs: Any) -> None:
        super().__init__(route=route, **kwargs)
        self.queue_task_id = queue_task_id
        self.document_task_ids = list(document_task_ids)

    def execute(self, context: Context) -> None:
        """Read what became of the documents, print it, fail when somebody has to act on a failure."""
        entries = chosen_documents(context, self.queue_task_id)
        summary = transfer_summary(context, self.route, self.queue_task_id, self.document_task_ids, entries)
        alarms = summary.write_to(self.log)
        self.point_to_desk(context)
        fail_for(alarms)


def transfer_summary(
    context: Context,
    route: Route,
    queue_task_id: str,
    document_task_ids: Sequence[str],
    entries: Sequence[Mapping[str, str]],
) -> Summary:
    """What became of the documents of a run.

    :param queue_task_id: the task that chose the documents.
    :param document_task_ids: the mapped tasks that moved them.
    :param entries: the documents that were chosen.
    :raises KnownEnd: the queue could not be read.
    """
    left = context["ti"].xcom_pull(task_ids=queue_task_id, key=LEFT_KEY)
    if left is None:
        raise KnownEnd(f"The queue could not be read; the log of task {queue_task_id} says why")
    paused = paused_documents(context, document_task_ids)
    ledger = open_ledger()
    try:
        rows = ledger.rows(route.source.system, route.source.conn_id, [entry["source_id"] for entry in entries])
        refused = refusals(ledger, (route.source.conn_id, route.finance.conn_id))
        kept = ledger.rejections.kept(route.route)
    finally:
        ledger.close()
    dry_run = bool(context["params"].get("dry_run"))
    if dry_run:
        outcomes = _rehearsed(context, document_task_ids, entries, rows, paused)
    else:
        outcomes = _outcomes(context, entries, rows, paused)
    # Another run may have ended meanwhile what it was at.
    waiting = Counter(pause.of_many for source_id, pause in paused.items() if is_open(rows.get(source_id)))
    text = summary_text(route.route, outcomes, Counter(left) + waiting, refused)
    unknown = context["ti"].xcom_pull(task_ids=queue_task_id, key=UNKNOWN_KEY) or []
    # What earlier runs came to is told by a dry run, and is no failure of it.
    failing = {Outcome.FAILED} if dry_run else FAILS_THE_RUN
    alarms = [*refusal_alarms(refused, run_key(context)), *_failures(outcomes, failing), *_not_found(unknown)]
    alarms += _kept_back(route, kept, context["dag_run"].start_date)
    return Summary([*text.splitlines(), *unknown], alarms)


def _outcomes(
    context: Context,
    entries: Sequence[Mapping[str, str]],
    rows: Mapping[str, DocumentRow],
    paused: Mapping[str, Pause],
) -> list[DocumentOutcome]:
    started = context["dag_run"].start_date
    return [
        outcome_of(entry["label"], rows.get(entry["source_id"]), started, paused=paused.get(entry["source_id"]))
        for entry in entries
    ]


def _rehearsed(
    context: Context,
    document_task_ids: Sequence[str],
    entries: Sequence[Mapping[str, str]],
    rows: Mapping[str, DocumentRow],
    paused: Mapping[str, Pause],
) -> list[DocumentOutcome]:
    # Asked for one task, Airflow answers a single value bare; asked for a list of tasks, always with a list.
    values = filter(None, context["ti"].xcom_pull(task_ids=document_task_ids) or [])
    said = {value["source_id"]: value for value in values}
    outcomes = []
    for entry in entries:
        source_id = entry["source_id"]
        if (value := said.get(source_id)) is not None:
            total = None if value["total"] is None else Decimal(value["total"])
            outcome = Outcome(value["outcome"])
            outcomes.append(DocumentOutcome(value["label"], outcome, value["message"], value["currency"], total))
        else:
            outcomes.append(_without_answer(entry["label"], rows.get(source_id), paused.get(source_id)))
    return outcomes


def _without_answer(label: str, row: DocumentRow | None, pause: Pause | None) -> DocumentOutcome:
    """What became of a document whose task in a dry run returned nothing."""
    if pause is None and is_open(row):
        # What the ledger says is from an earlier run: this one came to no answer.
        return DocumentOutcome(label, Outcome.FAILED, "its task ended without an answer; its log says why")
    return outcome_of(label, row, None, paused=pause)


def _not_found(unknown: Sequence[str]) -> list[str]:
    return [first_of(unknown)] if unknown else []


def _kept_back(route: Route, kept: Sequence[KeptDocument], started: dt.datetime | None) -> list[str]:
    """Said by the run that kept the first one back, and not again while any of them waits for a person."""
    many = [one for one in kept if one.kept_for is KeptFor.MANY_REJECTIONS]
    if not many or (started is not None and any(one.kept_at < started for one in many)):
        return []
    return [
        f"{many_rejections(route)}. {counted(len(many), 'document')} held instead. Look at them, then let them go: "
        f"airflow invoice-bridge confirm-rejections {route.route}"
    ]


def _failures(outcomes: Sequence[DocumentOutcome], failing: Collection[Outcome]) -> list[str]:
    failed = [f"{one.label}: {one.outcome}" for one in outcomes if one.outcome in failing]
    if not failed:
        return []
    return [f"{len(failed)} of {counted(len(outcomes), 'document')} failed: {first_of(failed)}"]
