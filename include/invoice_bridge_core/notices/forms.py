"""A notice in the form of each channel, with every text in it made harmless there."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.notices.notice import TITLES

if TYPE_CHECKING:
    import jinja2

    from invoice_bridge_core.notices.notice import Group, Notice

_LONGEST_BLOCK = 2900
_MOST_BLOCKS = 48
"""Slack takes blocks of 3000 characters, 50 of them."""
_SLACK_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_SLACK_MARKUP = "*_~`"
_INVISIBLE = "\u200b"


def mail_html(notice: Notice) -> str:
    """The notice as HTML; every text in it that came over the network is escaped."""
    return _mail_template().render(notice=notice, titles=TITLES)


def webhook_json(notice: Notice) -> dict[str, Any]:
    """The notice as JSON. `id` is the same when it is sent again, and `again` says so; `text` is one line of all."""
    body = notice.body()
    for group in body["groups"]:
        group["sums"] = [{"currency": currency, "total": total} for currency, total in group["sums"]]
        group["documents"] = [
            dict(zip(("number", "customer", "amount"), one, strict=True)) for one in group["documents"]
        ]
    kind = "digest" if notice.is_digest else "news"
    return {**body, "id": notice.id, "again": notice.is_repeat, "kind": kind, "text": notice.subject}


def slack_blocks(notice: Notice) -> list[dict[str, Any]]:
    """The notice as Slack's blocks: texts of others neither link, nor mention anybody, nor look like markup."""
    parts = [f"*{slack_text(notice.subject)}*"]
    if notice.remark:
        parts.append(slack_text(notice.remark))
    for kind, title in TITLES.items():
        if notice.counts.get(kind):
            parts.append(f"*{title}*")
            parts += [slack_text(f"{one.text}.") for one in notice.sentences if one.kind == kind]
            parts += [_slack_group(group) for group in notice.groups if group.kind == kind]
    parts = parts[:_MOST_BLOCKS]
    parts.append(
        f"<{notice.link}|All of it on the page Invoices>" if notice.link else "See the page Invoices in Airflow."
    )
    return [
        {"type": "section", "text": {"type": "mrkdwn", "verbatim": True, "text": part[:_LONGEST_BLOCK]}}
        for part in parts
    ]


def slack_text(text: str) -> str:
    """A text that Slack shows as it is."""
    escaped = "".join(_SLACK_ENTITIES.get(one, one) for one in text)
    return "".join(f"{_INVISIBLE}{one}{_INVISIBLE}" if one in _SLACK_MARKUP else one for one in escaped)


def _slack_group(group: Group) -> str:
    lines = [slack_text(group.reason), slack_text(group.summary)]
    if group.link:
        lines[1] += f" · <{group.link}|Open>"
    lines += [f"• {slack_text(' · '.join(filter(None, document)))}" for document in group.documents]
    if group.left_out:
        lines.append(f"and {group.left_out} more")
    return "\n".join(lines)


@cache
def _mail_template() -> jinja2.Template:
    from importlib.resources import files

    import jinja2

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    text = files("invoice_bridge_core.notices").joinpath("notice.html.jinja").read_text(encoding="utf-8")
    return environment.from_string(text)
