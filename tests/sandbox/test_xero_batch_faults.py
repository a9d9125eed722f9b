"""What becomes of a batch when the call breaks: by an error before, within or after it, or in the answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
import requests
from pydantic import ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.sandbox import Sandbox
    from tests.sandbox.clients import XeroClient

    Body = Callable[..., dict[str, Any]]

NUMBERS = ("B-1", "B-2", "B-3", "B-4")
SOME = {"B-1", "B-3"}
KEY = {"Idempotency-Key": "batch"}


def send(xero: XeroClient, invoice: Body, *numbers: str, resource: str = "Invoices", **how: Any) -> requests.Response:
    batch = [invoice(InvoiceNumber=number) for number in numbers or NUMBERS]
    return xero.call("PUT", resource, json={resource: batch}, params={"summarizeErrors": "false"}, **how)


def numbers(sandbox: Sandbox) -> set[str]:
    return {row["InvoiceNumber"] for row in sandbox.xero.invoices.rows()}


@pytest.mark.parametrize(("when", "saved"), [("before", set()), ("within", SOME), ("after", set(NUMBERS))])
@pytest.mark.parametrize(("kind", "status"), [("bad_request", 400), ("error", 500), ("unavailable", 503)])
def test_a_refused_batch_is_saved_not_at_all_in_part_or_whole(
    sandbox: Sandbox, xero: XeroClient, invoice: Body, kind: str, status: int, when: str, saved: set[str]
) -> None:
    sandbox.fault(kind, "xero", "PUT", "*/Invoices", when=when, count=1)
    answer = send(xero, invoice)
    assert answer.status_code == status
    assert numbers(sandbox) == saved


def test_a_bad_request_names_one_element_and_says_nothing_of_the_others(
    sandbox: Sandbox, xero: XeroClient, invoice: Body
) -> None:
    sandbox.fault("bad_request", "xero", "PUT", count=1)
    body = send(xero, invoice).json()
    assert (body["ErrorNumber"], body["Type"]) == (10, "ValidationException")
    assert [each["InvoiceNumber"] for each in body["Elements"]] == ["B-4"]
    assert body["Elements"][0]["ValidationErrors"]


def test_a_connection_that_breaks_within_a_batch_leaves_a_part(
    sandbox: Sandbox, xero: XeroClient, invoice: Body
) -> None:
    sandbox.fault("close", "xero", "PUT", "*/Invoices", when="within", count=1)
    with pytest.raises(requests.ConnectionError):
        send(xero, invoice)
    assert numbers(sandbox) == SOME
    assert sandbox.traffic.log(1)[0].fault == "close within"


@pytest.mark.parametrize("kind", ["bad_request", "error"])
def test_an_error_within_a_batch_is_what_its_key_repeats(
    sandbox: Sandbox, xero: XeroClient, invoice: Body, kind: str
) -> None:
    sandbox.fault(kind, "xero", "PUT", "*/Invoices", when="within", count=1)
    first, second = (send(xero, invoice, headers=KEY) for _ in range(2))
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert numbers(sandbox) == SOME
    assert send(xero, invoice, headers={"Idempotency-Key": "another"}).status_code == 200
    assert numbers(sandbox) == set(NUMBERS)


def test_one_key_stands_for_the_whole_batch(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    first, again = (send(xero, invoice, headers=KEY) for _ in range(2))
    assert first.content == again.content
    assert len(sandbox.xero.invoices) == len(NUMBERS)
    other = send(xero, invoice, "B-1", "B-2", headers=KEY)
    assert other.status_code == 400
    assert "different request" in other.json()["Message"]


def test_one_element_can_spoil_every_batch_that_it_is_in(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    sandbox.fault("bad_request", "xero", "PUT", body='"B-3"')
    assert send(xero, invoice).status_code == 400
    assert send(xero, invoice, "B-1", "B-2").status_code == 200
    assert send(xero, invoice, "B-3").status_code == 400
    assert numbers(sandbox) == {"B-1", "B-2"}


def test_answers_may_come_in_another_order(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    sandbox.fault("shuffled", "xero", "PUT", "*/Invoices", count=1)
    answered = send(xero, invoice, "B-1", "B-2", "B-3").json()["Invoices"]
    assert [each["InvoiceNumber"] for each in answered] == ["B-2", "B-3", "B-1"]
    ids = {row["InvoiceNumber"]: row["InvoiceID"] for row in sandbox.xero.invoices.rows()}
    assert {each["InvoiceNumber"]: each["InvoiceID"] for each in answered} == ids


def test_a_slow_batch_is_answered_in_the_end(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    sandbox.fault("delay", "xero", "PUT", "*/Invoices", when="after", seconds=0.3, count=1)
    started = time.monotonic()
    assert send(xero, invoice).status_code == 200
    assert time.monotonic() - started >= 0.3


def test_a_throttled_batch_is_not_saved(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    sandbox.fault("too_many_requests", "xero", "PUT", retry_after=7, count=1)
    assert send(xero, invoice).status_code == 429
    assert numbers(sandbox) == set()


@pytest.mark.parametrize("kind", ["too_many_requests", "delay", "half_json"])
def test_what_cannot_break_a_batch_off_says_so(sandbox: Sandbox, kind: str) -> None:
    if kind == "half_json":
        assert sandbox.fault(kind, when="within").when == "after"
        return
    with pytest.raises(ValidationError, match="cannot come within a call"):
        sandbox.fault(kind, when="within")


def test_the_log_says_which_elements_were_refused(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    send(xero, invoice, "B-1", "B-1", "B-2")
    entry = sandbox.traffic.log(1)[0]
    assert (entry.refused, entry.refused_elements) == (True, ("B-1",))
    assert send(xero, invoice, "B-5").status_code == 200
    assert not sandbox.traffic.log(1)[0].refused
