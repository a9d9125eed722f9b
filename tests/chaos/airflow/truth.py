"""What must be so when all is quiet: in finance, in the sources, on the wire, in the ledger, and in Airflow."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.database.tables import payments
from local.errors import LocalError
from tests.chaos.airflow.payments import told
from tests.chaos.airflow.runs import PAYMENTS, TRANSFER, patiently
from tests.chaos.ends import wrong_ends
from tests.chaos.payment_ends import wrong_payments
from tests.chaos.state import state_of
from tests.chaos.wire import wrong_on_the_wire

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from invoice_bridge_core.ledger import DocumentRow, Ledger
    from sandbox.sandbox import Sandbox
    from sandbox.traffic import Entry
    from tests.chaos.airflow.runs import Runs
    from tests.chaos.airflow.stage import Stage
    from tests.chaos.documents import Paper
    from tests.chaos.journeys import Journey
    from tests.chaos.state import State

_COUNT = re.compile(r" (already transferred|transferred|rejected|held|in doubt|failed|waits|busy) +(\d+) ")
_AS_IT_SHOULD = {DocumentState.TRANSFERRED, DocumentState.HELD}
_TAKEN_OVER = ("taken up again: ", "taken over from ")
_OVER = {"success", "failed", "skipped", "upstream_failed", "removed"}


def wrong_state(stage: Stage, journeys: list[Journey]) -> Iterator[str]:
    """What the documents, and what people paid of them, did not call for."""
    names = {row["ContactID"]: row["Name"] for row in stage.sandbox.xero.contacts.rows()}
    yield from (f"two contacts are named {name}" for name, count in Counter(names.values()).items() if count > 1)
    with stage.ledger() as ledger:
        for journey in journeys:
            whole = state_of(stage.sandbox, journey.route.finance.system, journey.route.source.system)
            state = _of_route(whole, journey, journeys, names)
            yield from wrong_ends(journey, state, ledger.rows(*journey.source, _ids(journey)))
            ours = {each.payment_id for each in state.receipts}
            books = _Books(ledger, frozenset(each.payment_id for each in whole.receipts) - ours)
            yield from wrong_payments(books, journey, state)  # type: ignore[arg-type]
            # Where a source cannot be asked what it was told, a kill may cost one more report; few documents meet more
            # than two, and their history tells.
            yield from wrong_on_the_wire(journey, state, struck=(None, None), stopped=_stopped(ledger, journey))


def wrong_runs(stage: Stage, runs: Runs, journeys: list[Journey]) -> Iterator[str]:
    """Where Airflow says something else than what is so; ask right after the runs, before anything else moves."""
    with stage.ledger() as ledger:
        for journey in journeys:
            dag_id = f"{runs.prefix}__{journey.name}"
            yield from (f"{dag_id}: {text}" for text in _wrong_run(stage, runs, dag_id, ledger, journey))


def unfinished_payments(ledger: Ledger, journeys: list[Journey]) -> list[str]:
    """The documents that have not come to an end."""
    found = []
    for journey in journeys:
        rows = ledger.rows(*journey.source, _ids(journey))
        for source_id in _ids(journey):
            row = rows.get(source_id)
            if row is None or row.lease_owner or row.state not in {*_AS_IT_SHOULD, DocumentState.REJECTED}:
                found.append(f"{journey.name} {source_id}: {row.state if row else 'not in the ledger'}")
    return found


def told_so_far(sandbox: Sandbox) -> int:
    """How many documents their sources were told of."""
    states = [row["statusText"] for row in sandbox.qondor.payments.rows()]
    states += [row["Status"] for row in sandbox.ixpole.instalments.rows()]
    return len([state for state in states if state not in ("Unprocessed", "ToDo")])


def _wrong_run(stage: Stage, runs: Runs, dag_id: str, ledger: Ledger, journey: Journey) -> Iterator[str]:
    run_id, state = runs.run_ids[dag_id], runs.states[dag_id]
    tasks = patiently(lambda: stage.airflow.task_instances(dag_id, run_id))
    if left := [f"{one.task_id}[{one.map_index}] is {one.state}" for one in tasks if one.state not in _OVER]:
        yield f"the run is {state}, but {left}"
    lists = _LISTS[runs.prefix]
    chosen = {mapped: _chosen(stage, dag_id, run_id, task_id) for task_id, mapped in lists.items()}
    ids = [source_id for each in chosen.values() for source_id in each]
    rows = ledger.rows(*journey.source, _ids(journey))
    done = _done(runs.prefix, stage.sandbox, rows)
    for one in tasks:
        if one.task_id in chosen and one.map_index >= 0 and one.state == "success":
            source_id = chosen[one.task_id][one.map_index]
            if source_id not in done:
                yield f"the task of {source_id} succeeded, but it is {rows[source_id].state}"
    held = {source_id for source_id, row in rows.items() if row.state is DocumentState.HELD}
    undone = [source_id for source_id in ids if source_id not in done | held]
    own = {one.task_id: one.state for one in tasks if one.map_index < 0}
    if state == "success" and undone:
        yield f"the run is a success, but these are not done: {undone}"
    if state == "failed" and not undone and own["summary"] == own[next(iter(lists))] == "success":
        yield "the run failed without a document that did"
    if runs.prefix == TRANSFER and (own["summary"] == "success" or undone):
        tries = next(one.try_number for one in tasks if one.task_id == "summary")
        log = patiently(lambda: stage.airflow.task_log(dag_id, run_id, "summary", try_number=tries))
        yield from wrong_summary(log, ids, Counter(rows[each].state for each in ids if each in rows))


def _done(prefix: str, sandbox: Sandbox, rows: Mapping[str, DocumentRow]) -> set[str]:
    """Source ids of the documents that these runs are done with."""
    if prefix == PAYMENTS:
        return told(sandbox)
    return {source_id for source_id, row in rows.items() if row.state is DocumentState.TRANSFERRED}


def wrong_summary(log: str, ids: Collection[str], states: Counter[DocumentState]) -> Iterator[str]:
    """What the last table in the summary's log counts otherwise; a killed summary begins again in the same log."""
    _, title, table = log.rpartition(f": {len(ids)} documents")
    if not title:
        yield f"the summary does not count {len(ids)} documents: {log[-600:]}"
    counted: Counter[str] = Counter()
    for outcome, count in _COUNT.findall(table):
        counted[outcome.removeprefix("already ")] += int(count)
    for name, state in (("transferred", DocumentState.TRANSFERRED), ("rejected", DocumentState.REJECTED)):
        if counted[name] != states[state]:
            yield f"the summary counts {counted[name]} {name}, the ledger {states[state]}"


_LISTS = {
    TRANSFER: {"queue": "invoices", "waiting_credit_notes": "credit_notes"},
    PAYMENTS: {"poll": "documents"},
}
"""By DAG: the task that returns the entries, and the mapped task of each of them."""


def _chosen(stage: Stage, dag_id: str, run_id: str, task_id: str) -> list[str]:
    try:
        entries = stage.airflow.xcom(dag_id, run_id, task_id)
    except LocalError:
        return []
    return [entry["source_id"] for entry in entries or []]


def _stopped(ledger: Ledger, journey: Journey) -> dict[str, int]:
    """How many attempts on each document ended without a note: those whose lease another one found and took over."""
    rows = ledger.rows(*journey.source, _ids(journey))
    return {
        source_id: sum(change.note.startswith(_TAKEN_OVER) for change in ledger.history(row))
        for source_id, row in rows.items()
    }


@dataclass(frozen=True)
class _Books:
    """The ledger as one route's journey sees it.

    :param others_receipts: ids of the payments of the other routes' documents.
    """

    ledger: Ledger
    others_receipts: frozenset[str]

    def execute(self, _: str) -> list[tuple[str]]:
        """The ids of the payments that are kept, other routes' left out."""
        with self.ledger.transaction() as connection:
            kept = connection.scalars(sa.select(payments.c.payment_id)).all()
        return [(payment_id,) for payment_id in kept if payment_id not in self.others_receipts]


def _of_route(state: State, journey: Journey, journeys: list[Journey], names: dict[str, str]) -> State:
    """What is this route's of systems that several routes share; what is nobody's is everybody's."""
    others = [other for other in journeys if other is not journey]
    numbers = {paper.expected.number for other in others for paper in other.papers}
    theirs = {each.finance_id for each in state.booked if each.number in numbers}
    customers = {name for paper in journey.papers if (name := _customer(paper)) is not None}
    return replace(
        state,
        booked=[each for each in state.booked if each.finance_id not in theirs],
        payments=[each for each in state.payments if each.finance_id not in theirs],
        receipts=[each for each in state.receipts if each.number not in numbers],
        allocations=[each for each in state.allocations if each.finance_id not in theirs],
        contacts=[each for each in state.contacts if names.get(each) in customers],
        # All that befell a call is that it took its time.
        traffic=[replace(entry, fault=None) for entry in state.traffic if not _concerns(entry, others)],
    )


def _concerns(entry: Entry, others: list[Journey]) -> bool:
    """Whether a call reports or marks a document of one of these."""
    if entry.method != "PUT" or not isinstance(entry.body, dict):
        return False
    if entry.path.endswith("/external/export"):
        return any(str(entry.body["externalId"]).startswith(":".join((*other.source, ""))) for other in others)
    told = str(entry.body.get("invoiceId") or entry.body.get("InstalmentCode"))
    return any(told in _ids(other) for other in others)


def _customer(paper: Paper) -> str | None:
    """The customer's name; `None` of a document that is rejected because it names nobody."""
    customer = paper.row.get("customer")
    if paper.customer:
        return str(paper.customer["Name"])
    return str(customer["name"]) if customer else None


def _ids(journey: Journey) -> list[str]:
    return [paper.expected.source_id for paper in journey.papers]
