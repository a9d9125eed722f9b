"""A dry run and the run that follows it, compared document by document."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import BridgeError
from invoice_bridge_core.ledger.database.tables import contacts, documents, history, rejections, steps
from tests.transfer.dry_run.scenes import random_scene
from tests.world import Ended, ended

if TYPE_CHECKING:
    from invoice_bridge_core.transfer.queue import Selection
    from tests.world import World

FORESEEN_AS = {
    Outcome.TRANSFERRED: Outcome.WOULD_TRANSFER,
    Outcome.REJECTED: Outcome.WOULD_REJECT,
    Outcome.HELD: Outcome.WOULD_HOLD,
    Outcome.IN_DOUBT: Outcome.WOULD_BE_IN_DOUBT,
}
CASES = {
    "nothing booked yet": "has booked nothing yet",
    "many rejections": "it rejects no further ones",
    "number taken": "it is not what was sent",
    "debtor shared": "two would become one customer",
    "waits for its invoice": "Waits for its invoice",
    "told again": "was told again",
    "merged or archived": "restore",
}
UNKNOWN = "cannot be looked up"
"""What a dry run says that cannot find out whether a number is free, or an invoice still there: it promises nothing."""
TABLES = (documents, history, steps, contacts, rejections)


@dataclass
class Comparison:
    """What was found out about the world of one seed.

    :param differences: one sentence for each document of which the two did not say the same.
    :param outcomes: how many documents the run left with which outcome.
    :param cases: how many of them were of a case that depends on other documents of the run.
    :param texts: how many were held or in doubt for the reason that was foreseen, and how many for another one.
    """

    seed: int
    differences: list[str] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    cases: Counter[str] = field(default_factory=Counter)
    texts: Counter[bool] = field(default_factory=Counter)


def compare(world: World, seed: int) -> Comparison:
    """Play the world of a seed."""
    scene = random_scene(world, seed)
    found = Comparison(seed)
    how: dict[str, Any] = {"limit": scene.random.choice((1000, 1000, 4))}
    if scene.random.random() < 0.15:
        how["only"] = scene.random.sample(scene.ids, min(3, len(scene.ids)))
    held = held_by(world)
    rejected = {row.ref.source_id: row for row in world.ledger.outcomes(states=[DocumentState.REJECTED])}
    world.sandbox.traffic.reset()
    chosen = selected(world, dry_run=True, **how)
    foreseen = {key: ended(partial(world.rehearse, key)) for key in documents_of(chosen)}
    if held_by(world) != held:
        found.differences.append("the dry run changed the ledger")
    found.differences += [f"the dry run sent {entry.method} {entry.path}" for entry in written(world)]
    chosen_then = selected(world, **how)
    if documents_of(chosen) != documents_of(chosen_then):
        found.differences.append(f"the dry run chose {documents_of(chosen)}, the run {documents_of(chosen_then)}")
    for key in documents_of(chosen_then):
        then = ended(partial(world.transfer, key))
        found.outcomes[_word(then)] += 1
        found.cases.update(name for name, text in CASES.items() if text in _said(then))
        if key not in foreseen:
            continue
        was_rejected = key in rejected and world.row(key).reported_at == rejected[key].reported_at
        expected = _expected(then, was_rejected=was_rejected)
        if UNKNOWN in _said(foreseen[key]):
            found.cases["said to be unknown"] += 1
        elif _word(foreseen[key]) != expected:
            found.differences.append(f"{key}: foreseen {_said(foreseen[key])}, and it was {_said(then)}")
        elif expected in (Outcome.WOULD_HOLD, Outcome.WOULD_BE_IN_DOUBT, Outcome.WOULD_REJECT):
            found.texts[foreseen[key].message == then.message] += 1
    if found.differences:
        found.differences.append(" / ".join(scene.said))
    return found


def selected(world: World, **how: Any) -> Selection | None:
    """What the queue step chose; `None` where it failed."""
    try:
        return world.select(**how)
    except BridgeError:
        return None


def documents_of(selection: Selection | None) -> list[str]:
    """The documents of a run, in the order in which the DAG moves them."""
    if selection is None:
        return []
    return [facts.ref.source_id for facts in (*selection.invoices, *selection.credit_notes)]


def held_by(world: World) -> list[Any]:
    """What the ledger holds of documents, contacts and rejections."""
    with world.ledger.transaction() as connection:
        return [connection.execute(sa.select(table).order_by(*table.primary_key)).all() for table in TABLES]


def written(world: World) -> list[Any]:
    """The calls that write."""
    calls = [entry for entry in world.sandbox.traffic.log() if entry.method not in ("GET", "HEAD")]
    return [entry for entry in calls if "token" not in entry.path and "authenticate" not in entry.path]


def _expected(then: Ended, *, was_rejected: bool) -> str:
    if then.error is not None or (then.outcome is Outcome.REJECTED and was_rejected):
        return _word(then)
    return str(FORESEEN_AS.get(then.outcome, then.outcome))


def _word(one: Ended) -> str:
    return "failed" if one.error is not None else str(one.outcome)


def _said(one: Ended) -> str:
    return repr(one.error) if one.error is not None else one.result.end
