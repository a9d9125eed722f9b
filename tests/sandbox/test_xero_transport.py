"""Formats, limits and idempotency keys (xero.md, "Access", "Limits", "Writing")."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.sandbox import Sandbox
from tests.sandbox.clients import XeroClient

if TYPE_CHECKING:
    from collections.abc import Callable


def test_xml_unless_json_is_asked_for(xero: XeroClient) -> None:
    response = xero.call("GET", "Currencies", headers={"Accept": "*/*"})

    assert response.headers["Content-Type"].startswith("text/xml")
    assert "<Code>NOK</Code>" in response.text


def test_a_long_query_is_a_404_page(xero: XeroClient) -> None:
    response = xero.call("GET", "Invoices", params={"InvoiceNumbers": "x" * 2050})

    assert response.status_code == 404
    assert response.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"Contacts": [7]}'])
def test_a_body_that_is_no_list_of_elements_is_refused(xero: XeroClient, body: bytes) -> None:
    assert xero.call("PUT", "Contacts", data=body).status_code == 400


def test_every_answer_says_what_is_left_and_the_minute_runs_out() -> None:
    with Sandbox(documents=0, limits="contract") as strict:
        xero = XeroClient(strict)
        with xero.session:
            first = xero.call("GET", "Currencies")
            assert (first.headers["X-MinLimit-Remaining"], first.headers["X-DayLimit-Remaining"]) == ("59", "4999")
            for _ in range(59):
                xero.call("GET", "Currencies")
            refused = xero.call("GET", "Currencies")
            assert refused.status_code == 429
            assert refused.headers["X-Rate-Limit-Problem"].lower() == "minute"
            strict.clock.advance(int(refused.headers["Retry-After"]))
            assert xero.call("GET", "Currencies").status_code == 200


def test_five_calls_in_flight_and_no_more(sandbox: Sandbox, xero: XeroClient) -> None:
    sandbox.fault("delay", "xero", "GET", "*/Currencies", seconds=0.4)
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(xero.call("GET", "Currencies"))) for _ in range(7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    refused = [answer for answer in answers if answer.status_code == 429]
    assert [answer.status_code for answer in answers].count(200) >= 5
    assert refused
    assert all(answer.headers["X-Rate-Limit-Problem"] == "concurrent" for answer in refused)
    assert all("Retry-After" not in answer.headers for answer in refused)


def _create(xero: XeroClient, key: str, **body: Any) -> Any:
    return xero.call("PUT", "Contacts", json={"Contacts": [body]}, headers={"Idempotency-Key": key})


def test_the_same_key_replays_the_same_answer(sandbox: Sandbox, xero: XeroClient) -> None:
    first, second = _create(xero, "k", Name="Acme"), _create(xero, "k", Name="Acme")

    assert second.json() == first.json()
    assert len(sandbox.xero.contacts) == 1


def test_errors_are_replayed_too(sandbox: Sandbox, xero: XeroClient) -> None:
    sandbox.xero.add_contact(Name="Acme")
    assert _create(xero, "k", Name="Acme").status_code == 400
    sandbox.xero.contacts.remove(sandbox.xero.contacts.rows()[0]["ContactID"])

    assert _create(xero, "k", Name="Acme").status_code == 400
    assert _create(xero, "other", Name="Acme").status_code == 200


def test_a_breakdown_is_replayed_too(sandbox: Sandbox, xero: XeroClient) -> None:
    sandbox.fault("error", "xero", "PUT", nth=1)
    assert [_create(xero, "k", Name="Acme").status_code for _ in range(2)] == [500, 500]
    assert len(sandbox.xero.contacts) == 0

    assert _create(xero, "k", Name="Beta").status_code == 400
    assert _create(xero, "other", Name="Acme").status_code == 200
    sandbox.clock.advance(361)
    assert _create(xero, "k", Name="Beta").status_code == 200


def test_the_same_key_with_other_bytes_is_refused(sandbox: Sandbox, xero: XeroClient) -> None:
    _create(xero, "k", Name="Acme")

    assert _create(xero, "k", Name="Beta").status_code == 400
    assert _create(xero, "k" * 129, Name="Beta").status_code == 400
    assert len(sandbox.xero.contacts) == 1


def test_a_key_is_forgotten_after_six_minutes(sandbox: Sandbox, xero: XeroClient, invoice: Callable[..., Any]) -> None:
    def book() -> int:
        body = {"Payments": [{"Invoice": {"InvoiceNumber": "Q-1"}, "Account": {"Code": "090"}, "Amount": 1}]}
        return xero.call("PUT", "Payments", json=body, headers={"Idempotency-Key": "k"}).status_code

    xero.put("Invoices", invoice())
    assert (book(), book()) == (200, 200)
    assert len(sandbox.xero.payments) == 1
    sandbox.clock.advance(361)
    assert book() == 200
    assert len(sandbox.xero.payments) == 2


def test_the_answer_to_a_dropped_write_is_kept(sandbox: Sandbox, xero: XeroClient) -> None:
    sandbox.fault("error", "xero", "PUT", when="after", nth=1)
    assert _create(xero, "k", Name="Acme").status_code == 500

    assert _create(xero, "k", Name="Acme").status_code == 200
    assert len(sandbox.xero.contacts) == 1
