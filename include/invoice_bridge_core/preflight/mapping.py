"""The mapping of articles to account codes, as people see and change it.

A route's file holds a mapping, and its Airflow Variable is laid over that. People change the Variable alone: a change
names only the articles that it is about, and everything else stays as it is.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.routes.model import read_account_codes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from invoice_bridge_core.ports.finance.chart import ChartAccount
    from invoice_bridge_core.routes.model import Route

MOST_CHANGES = 500
LONGEST_ARTICLE = 200
LONGEST_CODE = 100
CHANGED_SINCE = "Somebody else has changed the mapping since you opened it. Look at it again, then make your change."


class MappingError(ValueError):
    """Why a mapping cannot be changed like this, in one sentence; nothing was changed."""


class MappingConflictError(MappingError):
    """Somebody else has changed it since it was shown."""


@dataclass(frozen=True)
class Changed:
    """What becomes of one article.

    :param before: the account that its lines had, whoever said so; `None` where it was not mapped.
    :param entry_before: what the Variable said of it; `None` where it said nothing, so that the file's counts.
    """

    article: str
    before: str | None
    after: str | None
    entry_before: str | None
    entry_after: str | None

    @property
    def text(self) -> str:
        """`article 'CONF' from 200 to 205`."""
        if self.before is None:
            return f"article '{self.article}' to {self.after}, not mapped before"
        return f"article '{self.article}' from {self.before} to {self.after or 'nothing'}"

    def as_json(self) -> dict[str, str | None]:
        """JSON values."""
        return {
            "article": self.article,
            "from": self.before,
            "to": self.after,
            "entry_before": self.entry_before,
            "entry_after": self.entry_after,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Changed:
        """What `as_json` gave."""
        return cls(values["article"], values["from"], values["to"], values["entry_before"], values["entry_after"])


@dataclass(frozen=True)
class MappingChange:
    """A change that could be saved.

    :param text: what the Variable would hold.
    :param route: the route with it.
    """

    changed: tuple[Changed, ...]
    text: str
    route: Route

    @property
    def newly_mapped(self) -> frozenset[str]:
        """The articles that had no account and would have one."""
        return frozenset(one.article for one in self.changed if one.before is None and one.after is not None)


def seen_as(text: str | None) -> str:
    """Names what the Variable held when it was shown, so that another change since is noticed."""
    return hashlib.sha256((text or "").encode()).hexdigest()[:32]


def overlay_of(route: Route, text: str | None) -> dict[str, str]:
    """What the Variable says: article → account code.

    :raises MappingError: it holds something else.
    """
    if not text:
        return {}
    try:
        return read_account_codes(text, route.account_codes_variable)
    except ConfigurationError as error:
        raise MappingError(f"{error}. Mend it in Airflow under Admin, Variables.") from error


def mapping_change(route: Route, text: str | None, wanted: Mapping[str, str | None]) -> MappingChange:
    """What becomes of the Variable when these articles are changed.

    :param route: as its file says, without the Variable.
    :param text: what the Variable holds.
    :param wanted: article → account code; `None` takes the Variable's entry away, so that the file's counts again.
    :raises MappingError: it cannot be saved.
    """
    overlay = overlay_of(route, text)
    before = route.with_account_codes(overlay)
    for article, code in wanted.items():
        _check(article, code)
    changes = {article: code.strip() if code is not None else None for article, code in wanted.items()}
    entries = {article: code for article, code in {**overlay, **changes}.items() if code is not None}
    try:
        after = route.with_account_codes(read_account_codes(entries, route.account_codes_variable))
    except ConfigurationError as error:
        raise MappingError(f"{error}.") from error
    changed = tuple(
        Changed(article, _code(before, article), _code(after, article), overlay.get(article), entries.get(article))
        for article in sorted(changes)
        if overlay.get(article) != entries.get(article)
    )
    if not changed:
        raise MappingError("Nothing would change: the mapping says this already.")
    return MappingChange(changed, json.dumps(entries, ensure_ascii=False, indent=2, sort_keys=True), after)


def undone(changed: Sequence[Changed], route: Route, text: str | None) -> dict[str, str | None]:
    """What restores the mapping before these changes.

    :raises MappingConflictError: one of their articles was changed since.
    """
    overlay = overlay_of(route, text)
    for one in changed:
        if overlay.get(one.article) != one.entry_after:
            raise MappingConflictError(
                f"Article '{one.article}' was changed since, to {overlay.get(one.article) or 'nothing'}: look again."
            )
    return {one.article: one.entry_before for one in changed}


def account_faults(changed: Sequence[Changed], chart: Sequence[ChartAccount] | None, finance: str) -> list[str]:
    """Why lines could not be booked on accounts of a change, one sentence each.

    :param chart: the accounts that finance has; `None` where it tells none: then every code is taken.
    """
    if chart is None:
        return []
    known = {account.code: account for account in chart}
    faults = []
    for one in changed:
        if one.entry_after is None:
            continue
        account = known.get(one.entry_after)
        if account is None:
            faults.append(f"Account code '{one.entry_after}' for article '{one.article}' is not there in {finance}.")
        elif account.why_not is not None:
            faults.append(f"Account {account.label} for article '{one.article}' {account.why_not}.")
    return faults


def _check(article: str, code: str | None) -> None:
    if not article.strip() or len(article) > LONGEST_ARTICLE or not article.isprintable():
        raise MappingError(f"Article {article[:40]!r} is empty, too long, or holds signs that nobody sees.")
    if code is not None and (not code.strip() or len(code) > LONGEST_CODE or not code.isprintable()):
        raise MappingError(f"The account code of article '{article}' is empty, too long, or holds signs nobody sees.")


def _code(route: Route, article: str) -> str | None:
    """The account of lines with the article; `None` where it is not mapped."""
    alike = route.articles_alike(article)
    codes = {route.finance.account_codes[name] for name in alike}
    return codes.pop() if len(codes) == 1 else None
