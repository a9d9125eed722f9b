"""A route's filters, or a document's office, that change between the booking and the report."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.errors import TransientError

if TYPE_CHECKING:
    from tests.set_back.people import People


def test_what_was_booked_is_told_by_the_next_transfer(people: People) -> None:
    people.world.sandbox.fault("unavailable", system=people.world.route.source.system, method="PUT")
    people.back.add(1, 2)
    with pytest.raises(TransientError):
        people.world.transfer(people.back.source_id(1))
    people.world.sandbox.faults.clear()
    people.back.change_route("source", start_date=dt.date(2027, 1, 1))
    assert people.outcome()[0] == "transferred"
    assert people.living() == [people.back.name_of(1)]
