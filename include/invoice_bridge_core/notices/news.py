"""What there is to tell of a route, item by item, and the notice that is made of items."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from invoice_bridge_core.documents.money import format_amount
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.notices.late import late, written
from invoice_bridge_core.notices.notice import TITLES, Group, Notice, Sentence, sums_of
from invoice_bridge_core.notices.reason_keys import kind_of, said_key
from invoice_bridge_core.notices.wording import LONGEST_NAME, LONGEST_REASON, clean, likeness, reason_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Iterable, Sequence

    from invoice_bridge_core.ledger.notices import OpenDocument, RouteView
    from invoice_bridge_core.routes.model import Route
    from invoice_bridge_core.routes.notify import Notify, Topic

    Link = Callable[..., str | None]

MOST_GROUPS = 20
MOST_NAMED = 5
"""Reasons in one notice, and documents named for each; the page has all of them."""
MOST_REASONS = 40
"""So many stand in one address."""

_TOPICS: dict[str, frozenset[Topic]] = {
    "in_doubt": frozenset({"in_doubt"}),
    "held": frozenset({"held"}),
    "kept": frozenset({"held", "rejected"}),
    "rejected": frozenset({"rejected"}),
    "refused_credentials": frozenset({"refused_credentials"}),
    "late": frozenset({"late"}),
}
_STATE_OF = {
    "in_doubt": DocumentState.IN_DOUBT,
    "held": DocumentState.HELD,
    "kept": DocumentState.HELD,
    "rejected": DocumentState.REJECTED,
}


@dataclass(frozen=True)
class Item:
    """One thing to be told, once on each channel: a document for one reason, or a sentence.

    :param key: what the ledger remembers it by.
    """

    key: str
    kind: str
    text: str
    document: OpenDocument | None = None


def items_of(route: Route, notify: Notify, view: RouteView) -> list[Item]:
    """All that there is to tell of the route now, new or not."""
    return [
        *map(_document_item, view.documents),
        *(
            Item(
                f"refused {refused.conn_id} {refused.announced_at.isoformat()}",
                "refused_credentials",
                f"{refused.system} refuses the credentials of connection {refused.conn_id} since "
                f"{written(refused.refused_at, route.schedule.timezone)}: {clean(refused.reason, LONGEST_REASON)}. "
                "Correct them in the connection; the next run tries them",
            )
            for refused in view.refused
        ),
        *(Item(one.item, "late", one.text) for one in late(route, notify, view)),
    ]


def wanted(items: Iterable[Item], topics: Collection[Topic], told: Collection[str] = ()) -> list[Item]:
    """What a channel is to be told of them: what it asked for, without what it was told."""
    return [item for item in items if _TOPICS[item.kind] & frozenset(topics) and item.key not in told]


def notice_of(route: Route, items: Sequence[Item], link: Link, *, is_digest: bool = False) -> Notice:
    """The notice that tells these items.

    :param link: the address of the page that shows what the filter names; `None` where it is not known.
    """
    groups = _groups(route, items, link)
    counts = {kind: sum(item.kind == kind for item in items) for kind in TITLES}
    return Notice(
        route=route.route,
        is_digest=is_digest,
        counts={kind: count for kind, count in counts.items() if count},
        groups=groups,
        sentences=[Sentence(item.kind, item.text) for item in items if item.document is None],
        link=link(route=route.route),
    )


def digest_item(day: dt.date) -> str:
    """What the ledger remembers the digest of a day by."""
    return f"digest {day.isoformat()}"


def local_day(now: dt.datetime, timezone: str) -> dt.date:
    """The day of the route's time zone."""
    return now.astimezone(ZoneInfo(timezone)).date()


def _document_item(document: OpenDocument) -> Item:
    kind = kind_of(document)
    reason = reason_of(document.facts, document.reason)
    # A document that was found not to be booked, and is in doubt again, is news.
    again = f" {document.withdrawn}" if document.state is DocumentState.IN_DOUBT and document.withdrawn else ""
    return Item(f"{kind} {document.id} {likeness(reason)}{again}", kind, reason, document)


def _groups(route: Route, items: Sequence[Item], link: Link) -> list[Group]:
    found: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for item in items:
        if item.document is not None:
            found[item.kind, likeness(item.text)].append(item)
    order = list(TITLES)
    ordered = sorted(found.values(), key=lambda group: (order.index(group[0].kind), -len(group), group[0].text))
    groups = [_group(route, group[0].kind, _spoken(group), group, link) for group in ordered[:MOST_GROUPS]]
    left: dict[str, list[Item]] = defaultdict(list)
    for group in ordered[MOST_GROUPS:]:
        left[group[0].kind] += group
    return groups + [_group(route, kind, "Other reasons", rest, link) for kind, rest in left.items()]


def _spoken(group: Sequence[Item]) -> str:
    alone = group[0].document
    if len(group) == 1 and alone is not None:
        return clean(alone.reason, LONGEST_REASON)
    return group[0].text


def _group(route: Route, kind: str, reason: str, items: Sequence[Item], link: Link) -> Group:
    documents = [item.document for item in items if item.document is not None]
    amounts = [
        (one.facts.currency, one.facts.signed_total)
        for one in documents
        if one.facts.currency is not None and one.facts.signed_total is not None
    ]
    return Group(
        kind=kind,
        reason=reason,
        count=len(items),
        sums=sums_of(amounts),
        documents=[_named(one) for one in documents[:MOST_NAMED]],
        link=link(route=route.route, state=_STATE_OF[kind].value, reason=_reasons(items)),
    )


def _reasons(items: Sequence[Item]) -> tuple[str, ...]:
    """What the page is filtered by; nothing where an address has no room for all of them."""
    keys = dict.fromkeys(said_key(item.kind, item.text) for item in items)
    return tuple(keys) if len(keys) <= MOST_REASONS else ()


def _named(document: OpenDocument) -> tuple[str, str, str]:
    facts = document.facts
    total = facts.signed_total
    amount = "" if total is None else f"{format_amount(total)} {facts.currency or '?'}"
    number = clean(facts.number or facts.ref.source_id, LONGEST_NAME)
    return number, clean(facts.contact_name or "", LONGEST_NAME), amount
