"""Which acts a document has, by what the ledger knows of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.desk.acts.offered import offered_acts
from invoice_bridge_core.desk.acts.registry import ACTS, act_named
from invoice_bridge_core.desk.acts.seen import seen_mark
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import UnknownNameError
from invoice_bridge_core.ledger.documents.rejections import KeptDocument, KeptFor
from tests.world import payment

if TYPE_CHECKING:
    from typing import Any

    from invoice_bridge_core.ledger import DocumentRow
    from tests.world import World

NOW = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)


@pytest.fixture
def transferred(world: World) -> DocumentRow:
    world.sandbox.qondor.add(payment(1))
    world.run()
    return world.row(50001)


def names(row: DocumentRow, **known: Any) -> set[str]:
    return {act.name for act in offered_acts(row, known.pop("steps", ()), **known)}


def test_each_state_has_its_acts(transferred: DocumentRow) -> None:
    assert names(transferred) == {"take_up_again", "requeue"}
    held_booked = replace(transferred, state=DocumentState.HELD)
    assert names(held_booked) == {"retry", "booked_as", "not_booked", "told", "put_aside"}
    sent = replace(transferred, booking=None, intent_token="t", intent_number="T-1", state=DocumentState.IN_DOUBT)
    assert names(sent) == {"retry", "booked_as", "not_booked", "put_aside"}
    held = replace(sent, intent_token=None, intent_number=None, state=DocumentState.HELD)
    assert names(held) == {"retry", "put_aside"}
    kept = KeptDocument(held, KeptFor.MANY_REJECTIONS, NOW, confirmed_by=None)
    assert names(held, kept=kept) == {"retry", "confirm_rejection", "drop_rejection", "put_aside"}
    assert names(held, kept=kept, is_dropped=True) == {"retry", "confirm_rejection", "put_aside"}
    assert names(held, kept=replace(kept, confirmed_by="Bo")) == {"retry", "put_aside"}
    assert names(replace(held, state=DocumentState.REJECTED)) == {"take_up_again", "requeue", "put_aside"}
    assert names(replace(held, aside_at=NOW, aside_by="Bo")) == {"retry", "take_back"}
    assert names(replace(held, route=None)) == set()


def test_an_act_for_the_page_names_what_it_asks(transferred: DocumentRow) -> None:
    sent = replace(transferred, booking=None, intent_token="t", intent_number="T-1", state=DocumentState.IN_DOUBT)
    booked_as = next(act for act in offered_acts(sent) if act.name == "booked_as").as_json()
    assert booked_as["label"] == "It is booked"
    assert "T-1" in booked_as["question"]
    assert [(one["name"], one["kind"], one["required"]) for one in booked_as["inputs"]] == [
        ("booking", "text", True),
        ("despite_missing_mark", "flag", False),
        ("i_looked", "flag", False),
    ]


def test_acts_have_names_of_their_own() -> None:
    assert len({act.name for act in ACTS}) == len(ACTS)
    with pytest.raises(UnknownNameError):
        act_named("dance")


def test_the_mark_of_what_was_seen_changes_with_state_and_reason(transferred: DocumentRow) -> None:
    seen = {
        seen_mark(transferred),
        seen_mark(replace(transferred, reason="other")),
        seen_mark(replace(transferred, state=DocumentState.HELD)),
    }
    assert len(seen) == 3
    assert seen_mark(replace(transferred, lease_owner="x")) in seen
