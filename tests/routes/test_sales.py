"""The section `sales` of a route file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.routes.errors import RouteError
from invoice_bridge_core.routes.loader import read_route

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROUTE = "route: small\nsource: {{system: {source}}}\nfinance: {{system: xero}}\nsales: {sales}\n"


def told(put: Callable[..., Path], sales: str, source: str = "qondor") -> str:
    with pytest.raises(RouteError) as caught:
        read_route(put("small.yaml", ROUTE.format(source=source, sales=sales)))
    return str(caught.value).partition("small.yaml: ")[2]


def test_a_route_without_it_shows_no_sales(put: Callable[..., Path]) -> None:
    assert not read_route(
        put("small.yaml", "route: a\nsource: {system: qondor}\nfinance: {system: xero}\n")
    ).sales.enabled


def test_it_changes_nothing_for_documents(put: Callable[..., Path]) -> None:
    plain = read_route(put("plain.yaml", ROUTE.format(source="qondor", sales="{}")))
    shown = read_route(put("small.yaml", ROUTE.format(source="qondor", sales="{enabled: true, since: 2026-01-01}")))
    assert shown.sales.enabled
    assert shown.fingerprint == plain.fingerprint


@pytest.mark.parametrize(
    ("sales", "message"),
    [
        ("{enabled: true, kind: [invoice]}", "line 4, sales.kind: unknown key; did you mean 'kinds'?"),
        ("{kinds: []}", "line 4, sales.kinds: got a list, must name at least one of invoice"),
        ("{kinds: [offer]}", "line 4, sales.kinds[0]: got 'offer', must be 'invoice', 'card_payment' or 'credit_note'"),
        ("{schedule: hourly}", 'line 4, sales.schedule: got \'hourly\', must be a cron expression of five columns'),
        ("{since: 2026-02-30}", "line 4, sales.since: got '2026-02-30', must be a date that exists"),
        ("{others: {project_in: notes, pattern: P}}", "line 4, sales.others.project_in: got 'notes', must be 'ref"),
        ("{others: {project_in: tracking}}", "line 4, sales.others.pattern: is missing"),
        ("{others: {project_in: tracking, pattern: '(a+)+'}}", "line 4, sales.others.pattern: got '(a+)+', must not"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_at_its_key(put: Callable[..., Path], sales: str, message: str) -> None:
    assert told(put, sales).startswith(message)


def test_a_source_without_sales_is_told_so(put: Callable[..., Path]) -> None:
    assert told(put, "{enabled: true}", "ixpole") == (
        "line 4, sales.enabled: got true, must be false: iXpole has no sales that could be kept in step with finance"
    )
    assert not read_route(put("small.yaml", ROUTE.format(source="ixpole", sales="{enabled: false}"))).sales.enabled
