"""Batches of which one element is wrong: by the documentation none is saved, by users' reports the others may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.sandbox import Sandbox
    from tests.sandbox.clients import XeroClient

    Body = Callable[..., dict[str, Any]]


def send(xero: XeroClient, invoice: Body, **params: str) -> requests.Response:
    batch = [
        invoice(InvoiceNumber="B-1"),
        invoice(InvoiceNumber="B-2", CurrencyCode="XXX"),
        invoice(InvoiceNumber="B-3"),
    ]
    return xero.call("PUT", "Invoices", json={"Invoices": batch}, params=params)


def numbers(sandbox: Sandbox) -> set[str]:
    return {row["InvoiceNumber"] for row in sandbox.xero.invoices.rows()}


def test_a_summarised_batch_is_saved_whole_or_not_at_all(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    answer = send(xero, invoice)
    assert answer.status_code == 400
    assert [each["InvoiceNumber"] for each in answer.json()["Elements"]] == ["B-2"]
    assert numbers(sandbox) == set()


def test_each_element_answers_for_itself(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    answer = send(xero, invoice, summarizeErrors="false")
    assert [each["StatusAttributeString"] for each in answer.json()["Invoices"]] == ["OK", "ERROR", "OK"]
    assert numbers(sandbox) == {"B-1", "B-3"}


@pytest.mark.parametrize("params", [{}, {"summarizeErrors": "false"}])
def test_a_batch_may_be_refused_and_saved_in_part(
    sandbox: Sandbox, xero: XeroClient, invoice: Body, params: dict[str, str]
) -> None:
    requests.post(f"{sandbox.url}/sandbox/xero/saves_parts", timeout=10).raise_for_status()
    answer = send(xero, invoice, **params)
    assert answer.status_code == 400
    assert [each["InvoiceNumber"] for each in answer.json()["Elements"]] == ["B-2"]
    assert numbers(sandbox) == {"B-1", "B-3"}


def test_the_switch_is_off_after_a_reset(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    sandbox.xero.books.saves_parts = True
    sandbox.reset(documents=0, data="plain")
    assert not sandbox.xero.books.saves_parts
