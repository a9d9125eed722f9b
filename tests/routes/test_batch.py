"""`limits.batch`: how many documents are booked in one call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from invoice_bridge_core.routes.model import Route

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeRoute = Callable[..., Route]


def quiddly(**limits: Any) -> Route:
    content = {"route": "x", "source": {"system": "qondor"}, "finance": {"system": "quiddly"}}
    return Route.model_validate(content | ({"limits": limits} if limits else {}))


def test_fifty_documents_go_in_one_call_where_the_system_has_one(make_route: MakeRoute) -> None:
    assert make_route().limits.batch == 50
    assert make_route(limits__batch=0).limits.batch == 0
    assert quiddly().limits.batch == quiddly(parallel=2).limits.batch == quiddly(batch=0).limits.batch == 0


@pytest.mark.parametrize("wrong", [-1, 51, "50", 2.5, None, True])
def test_it_is_a_whole_number_up_to_fifty(make_route: MakeRoute, wrong: object) -> None:
    with pytest.raises(ValidationError, match="batch"):
        make_route(limits__batch=wrong)


def test_a_system_without_such_a_call_says_so() -> None:
    with pytest.raises(ValidationError, match="Quiddly has no call that books several documents at once"):
        quiddly(batch=20)


def test_it_changes_the_outcome_of_no_document(make_route: MakeRoute) -> None:
    assert (
        make_route(limits__batch=0).fingerprint == make_route(limits__batch=50).fingerprint == make_route().fingerprint
    )


def test_what_a_route_is_written_as_is_read_again() -> None:
    assert Route.model_validate_json(quiddly().model_dump_json()) == quiddly()
