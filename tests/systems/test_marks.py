"""Our mark in a text that people may have written in too."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_bridge.systems.marks import marked, marker_in
from invoice_bridge_core.documents import DocumentRef
from tests.builders import document

LIMIT = 255


@pytest.mark.parametrize(
    "written",
    [None, "", "12:30:00", "PO: 77: urgent", "po:77:urgent", "xero:po:77", "PO-7781", "See: https://x.example/a:b"],
)
def test_what_people_write_is_no_mark(written: str | None) -> None:
    assert marker_in(written) is None


@given(
    st.one_of(st.none(), st.text(max_size=300)),
    st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=20),
)
def test_the_mark_is_found_whatever_stands_before_it(text: str | None, source_id: str) -> None:
    of = document(ref=DocumentRef(system="ixpole", conn_id="ixpole_default", source_id=source_id))
    assert marker_in(marked(text, of, LIMIT)) == f"ixpole:ixpole_default:{source_id}"


def test_an_id_may_hold_what_parts_text_and_mark() -> None:
    of = document(ref=DocumentRef(system="ixpole", conn_id="ixpole_default", source_id="VIP · row B"))
    assert marker_in(marked("Season 2026", of, LIMIT)) == "ixpole:ixpole_default:VIP · row B"
