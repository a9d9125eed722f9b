"""Answers to a batch are matched by number in whatever order, and its bytes and key are the same each time."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_bridge.hooks.http.answers import Answer
from invoice_bridge.hooks.http.exact_json import read_json, write_json
from invoice_bridge.hooks.xero.answers import named_outcomes
from invoice_bridge.hooks.xero.document_calls import body_of
from invoice_bridge.hooks.xero.wire import XeroInvoice
from invoice_bridge_core.errors import RefusedError
from invoice_bridge_core.transfer.ahead.sending import idempotency_key
from tests.examples import examples

NO_ID = "00000000-0000-0000-0000-000000000000"
numbers = st.lists(st.from_regex(r"[A-Za-z0-9ÆØÅ -]{0,8}[0-9]", fullmatch=True).map(str.strip), min_size=1, max_size=12)


def answered(elements: list[dict[str, Any]]) -> Answer:
    body = json.dumps({"Invoices": elements}).encode()
    return Answer(
        200, {"Content-Type": "application/json"}, body, "Xero", "x", "5 invoices", to_write=True, method="PUT"
    )


def element(number: str, *, is_refused: bool) -> dict[str, Any]:
    if is_refused:
        return {
            "InvoiceNumber": number,
            "InvoiceID": NO_ID,
            "StatusAttributeString": "ERROR",
            "HasErrors": True,
            "ValidationErrors": [{"Message": f"refused {number}"}],
        }
    return {"InvoiceNumber": number, "InvoiceID": f"id of {number.casefold()}", "StatusAttributeString": "OK"}


@given(numbers, st.data())
@settings(max_examples=examples(100))
def test_each_number_gets_its_own_element_whatever_the_order(sent: list[str], data: st.DataObject) -> None:
    refused = {number.casefold() for number in sent if data.draw(st.booleans())}
    left_out = {number.casefold() for number in sent if data.draw(st.sampled_from([False, False, False, True]))}
    elements = [element(number, is_refused=number.casefold() in refused) for number in sent]
    elements = [each for each in elements if each["InvoiceNumber"].casefold() not in left_out]
    answer = answered(data.draw(st.permutations(elements)))
    found = named_outcomes(answer, "Invoices", XeroInvoice, "InvoiceNumber")
    folded = [number.casefold() for number in sent]
    for number in sent:
        is_told = number.casefold() not in left_out and folded.count(number.casefold()) == 1
        assert (number.casefold() in found) == is_told
        if not is_told:
            continue
        outcome = found[number.casefold()](answer)
        if number.casefold() in refused:
            assert isinstance(outcome, RefusedError)
            assert outcome.reasons == (f"refused {number}",)
        else:
            assert isinstance(outcome, XeroInvoice)
            assert outcome.invoice_id == f"id of {number.casefold()}"


@given(
    st.lists(
        st.dictionaries(
            st.text(max_size=6),
            st.text(max_size=6) | st.decimals(allow_nan=False, allow_infinity=False, places=4) | st.integers(),
            max_size=4,
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=examples(100))
def test_the_bytes_that_are_noted_are_the_bytes_that_are_sent(bodies: list[dict[str, Any]]) -> None:
    noted = body_of("Invoices", [write_json(body) for body in bodies])
    assert noted == body_of("Invoices", [write_json(body) for body in bodies])
    # The hook is given the content, and writes it as the batch was written down.
    assert write_json(read_json(noted.decode())).encode() == noted


@given(
    st.binary(max_size=40),
    st.binary(max_size=40),
    st.lists(st.text(max_size=5), max_size=4),
    st.lists(st.text(max_size=5), max_size=4),
)
@settings(max_examples=examples(100))
def test_a_key_goes_with_one_body_and_one_set_of_intents(
    one: bytes, other: bytes, ours: list[str], theirs: list[str]
) -> None:
    assert idempotency_key(one, ours) == idempotency_key(one, ours)
    hexes = [[token.encode().hex() for token in tokens] for tokens in (ours, theirs)]
    same = (one, hexes[0]) == (other, hexes[1])
    separated = b"\n" not in one and b"\n" not in other
    if separated:
        assert (idempotency_key(one, hexes[0]) == idempotency_key(other, hexes[1])) == same
