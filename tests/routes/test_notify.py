"""The section `notify` of a route file."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.routes import notify
from invoice_bridge_core.routes.errors import RouteError
from invoice_bridge_core.routes.loader import read_route

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROUTE = "route: small\nsource: {{system: qondor}}\nfinance: {{system: xero}}\nnotify: {notify}\n"
MAIL = "mail: {to: [invoices@acme.example]}"


def test_nobody_is_told_unless_the_route_says_so(put: Callable[..., Path]) -> None:
    plain = read_route(put("a.yaml", "route: a\nsource: {system: qondor}\nfinance: {system: xero}\n"))
    assert plain.notify is None


def test_it_changes_nothing_for_documents(put: Callable[..., Path]) -> None:
    plain = read_route(put("a.yaml", ROUTE.partition("notify")[0].format()))
    told = read_route(put("b.yaml", ROUTE.format(notify=f"{{channels: [{{{MAIL}}}], digest: '08:00'}}")))
    assert told.notify is not None
    assert told.fingerprint == plain.fingerprint


def test_each_channel_has_a_name_and_its_topics(put: Callable[..., Path]) -> None:
    channels = f"[{{{MAIL}}}, {{name: it, about: [late], {MAIL}}}, {{webhook: {{conn_id: hooks, endpoint: '/a?b=1'}}}}]"
    section = read_route(put("a.yaml", ROUTE.format(notify=f"{{channels: {channels}, about: [held, held]}}"))).notify
    assert section is not None
    assert [(one.key, one.kind) for one in section.channels] == [("mail", "mail"), ("it", "mail"), ("webhook",) * 2]
    assert [section.topics_of(one) for one in section.channels] == [{"held"}, {"late"}, {"held"}]
    assert section.topics == {"held", "late"}
    assert section.queue_within == dt.timedelta(minutes=30)
    assert (section.close_time, section.digest_time) == (dt.time(6), dt.time(7, 30))


def test_what_nobody_is_told_about_is_not_watched(put: Callable[..., Path]) -> None:
    section = read_route(put("a.yaml", ROUTE.format(notify=f"{{channels: [{{{MAIL}}}], about: [held]}}"))).notify
    assert section is not None
    assert (section.queue_within, section.close_time) == (None, None)


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("{}", "line 4, notify.channels: is missing"),
        ("{channels: []}", "line 4, notify.channels: got a list, must name one channel at least"),
        (
            f"{{channels: [{{{MAIL}, webhook: {{}}}}]}}",
            "line 4, notify.channels[0]: got a mapping, must have exactly one of mail, webhook and slack",
        ),
        ("{channels: [{name: a}]}", "line 4, notify.channels[0]: got a mapping, must have exactly one of"),
        (
            f"{{channels: [{{{MAIL}}}, {{{MAIL}}}]}}",
            "line 4, notify.channels: got a list, must not have two channels called mail",
        ),
        ("{channels: [{mail: {to: [acme]}}]}", "line 4, notify.channels[0].mail.to[0]: got 'acme', must be one mail"),
        (
            "{channels: [{mail: {to: ['a@b.example, c@d.example']}}]}",
            "line 4, notify.channels[0].mail.to[0]: got a value that is not shown here, must be one mail address",
        ),
        (
            f"{{channels: [{{{MAIL}}}], digest: 7:30}}",
            "line 4, notify.digest: got '7:30', must be a time of day in quotes",
        ),
        (
            f"{{channels: [{{{MAIL}}}], close_by: '24:00'}}",
            "line 4, notify.close_by: got '24:00', must be a time of day",
        ),
        (
            f"{{channels: [{{{MAIL}}}], about: [doubts]}}",
            "line 4, notify.about[0]: got 'doubts', must be 'in_doubt', 'held', 'rejected'",
        ),
        (f"{{channels: [{{{MAIL}}}], on: [held]}}", "line 4, notify.on: unknown key"),
        (f"{{channels: [{{{MAIL}}}], queue_within_minutes: 1}}", "line 4, notify.queue_within_minutes: got 1, must be"),
        (
            "{channels: [{webhook: {endpoint: hooks}}]}",
            "line 4, notify.channels[0].webhook.endpoint: got 'hooks'",
        ),
    ],
)
def test_a_mistake_is_named_at_its_key(put: Callable[..., Path], section: str, message: str) -> None:
    with pytest.raises(RouteError) as caught:
        read_route(put("small.yaml", ROUTE.format(notify=section)))
    assert str(caught.value).partition("small.yaml: ")[2].startswith(message)


@pytest.mark.parametrize("is_installed", [False, True])
def test_slack_needs_its_provider(
    put: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, is_installed: bool
) -> None:
    monkeypatch.setattr(notify, "is_slack_installed", lambda: is_installed)
    path = put("small.yaml", ROUTE.format(notify="{channels: [{slack: {}}]}"))
    if is_installed:
        section = read_route(path).notify
        assert section is not None
        assert section.channels[0].kind == "slack"
        return
    with pytest.raises(RouteError, match="needs the package apache-airflow-providers-slack, which is not installed"):
        read_route(path)
