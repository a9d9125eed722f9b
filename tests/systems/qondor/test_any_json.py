from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_bridge_core.documents import Document
from invoice_bridge_core.errors import UnreadableError
from tests.examples import examples
from tests.systems.qondor.payments import credit_note, line, payment, read

D = Decimal


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(["CreditNote", "5", "Paid", "2026-02-30", "EUR", "1e999999999", D("1E+99999999"), -1, D("-0.0")]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


def read_or_complain(values: Any) -> Document | str:
    try:
        return read(values)
    except UnreadableError as error:
        return str(error)


def must_be_document_or_complaint(values: Any) -> None:
    found = read_or_complain(values)
    if isinstance(found, str):
        assert found.startswith("Qondor payment 12345")
        assert len(found) < 300
    else:
        assert Document.model_validate(found.model_dump(mode="json")) == found
        found.model_dump_json().encode()


@given(JSON)
def test_any_json_is_a_document_or_unreadable(value: Any) -> None:
    must_be_document_or_complaint(value)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found += _places(item, (*path, key))
    return found


@settings(max_examples=examples(300))
@given(
    st.lists(st.tuples(st.sampled_from(_places(payment())), JSON), min_size=1, max_size=3),
    st.sampled_from([payment, credit_note]),
)
def test_a_payment_with_anything_anywhere_is_a_document_or_unreadable(changes: list[Any], kind: Any) -> None:
    values = copy.deepcopy(kind())
    for path, value in changes:
        place: Any = values
        for key in path[:-1]:
            known = isinstance(place, dict) and key in place
            known = known or (isinstance(place, list) and isinstance(key, int) and key < len(place))
            place = place[key] if known else {}
        if isinstance(place, dict) or (isinstance(place, list) and isinstance(path[-1], int) and path[-1] < len(place)):
            place[path[-1]] = value
    must_be_document_or_complaint(values)


CENTS = st.integers(-(10**9), 10**9).map(lambda cents: D(cents) / 100)


@st.composite
def valid_payments(draw: st.DrawFn) -> dict[str, Any]:
    lines = []
    for _ in range(draw(st.integers(1, 6))):
        excl, vat = draw(CENTS), draw(CENTS)
        quantity = draw(st.sampled_from([D(1), D(-1)]))
        amounts = {"totalExclVat": excl, "vatAmount": vat, "totalInclVat": excl + vat}
        lines.append(line(quantity=quantity, unitPriceExclVat=excl * quantity, unitPriceInclVat=None, **amounts))
    total = {name: sum(one[name] for one in lines) for name in ("totalExclVat", "vatAmount", "totalInclVat")}
    return draw(st.sampled_from([payment, credit_note]))(lines=lines, **total)


@given(valid_payments())
def test_signs_are_turned_together_or_not_at_all(values: dict[str, Any]) -> None:
    found = read(values)
    assert sum(one.total_incl_vat for one in found.lines) == found.total_incl_vat
    assert abs(found.total_incl_vat) == abs(values["totalInclVat"])
    turned = found.is_credit_note and values["totalInclVat"] < 0
    assert found.total_incl_vat >= 0 or not found.is_credit_note
    for one, written in zip(found.lines, values["lines"], strict=True):
        assert one.total_incl_vat == (-written["totalInclVat"] if turned else written["totalInclVat"])
        assert one.total_excl_vat is not None
        assert one.vat_amount is not None
        assert one.total_excl_vat + one.vat_amount == one.total_incl_vat
        assert one.quantity is not None
        assert not turned or one.quantity > 0
        if one.total_excl_vat * one.total_incl_vat > 0:
            assert one.unit_price_excl_vat is not None
            assert one.quantity * one.unit_price_excl_vat == one.total_excl_vat
