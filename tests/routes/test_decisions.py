"""The section `decisions` of a route file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.routes.errors import RouteError
from invoice_bridge_core.routes.loader import read_route

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROUTE = "route: small\nsource: {{system: {source}}}\nfinance: {{system: xero}}\ndecisions: {decisions}\n"


def test_nobody_is_asked_unless_the_route_says_so(put: Callable[..., Path]) -> None:
    plain = read_route(put("a.yaml", "route: a\nsource: {system: qondor}\nfinance: {system: xero}\n"))
    assert not plain.decisions.enabled


@pytest.mark.parametrize("source", ["qondor", "ixpole"])
def test_it_changes_nothing_for_documents(put: Callable[..., Path], source: str) -> None:
    plain = read_route(put("plain.yaml", ROUTE.format(source=source, decisions="{}")))
    asked = read_route(
        put("small.yaml", ROUTE.format(source=source, decisions='{enabled: true, schedule: "5 8 * * 1-5"}'))
    )
    assert (asked.decisions.enabled, asked.decisions.schedule) == (True, "5 8 * * 1-5")
    assert asked.fingerprint == plain.fingerprint


@pytest.mark.parametrize(
    ("decisions", "message"),
    [
        ("{enable: true}", "line 4, decisions.enable: unknown key; did you mean 'enabled'?"),
        ("{enabled: maybe}", "line 4, decisions.enabled: got 'maybe', must be true or false"),
        ("{schedule: daily}", "line 4, decisions.schedule: got 'daily', must be a cron expression of five columns"),
    ],
)
def test_a_mistake_is_named_at_its_key(put: Callable[..., Path], decisions: str, message: str) -> None:
    with pytest.raises(RouteError) as caught:
        read_route(put("small.yaml", ROUTE.format(source="qondor", decisions=decisions)))
    assert str(caught.value).partition("small.yaml: ")[2].startswith(message)
