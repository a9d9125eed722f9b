"""Accounts that fit an article: of those that finance has, by tax, by name, and by what is mapped to them already.

A proposal is never taken by itself: a person chooses. An account with another VAT rate than the lines have is never
proposed, since their documents would be held for it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.money import format_number
from invoice_bridge_core.ports.finance.chart import ChartAccount
from invoice_bridge_core.preflight.findings import Proposal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from invoice_bridge_core.documents import Document, Line

PROPOSED = 3
_SHORTEST_WORD = 4
_LONGEST_DESCRIPTION = 120
_BY_CODE, _BY_NAME, _BY_TAX, _BY_USE = 8, 3, 2, 2


@dataclass
class Article:
    """What the documents say of an article that is not mapped.

    :param number: as the document writes it; empty where a line has none.
    :param ledger_account: the product's own account, where the source tells it.
    """

    number: str
    descriptions: set[str] = field(default_factory=set)
    vat: set[Decimal] = field(default_factory=set)
    ledger_account: str | None = None

    def note(self, line: Line) -> None:
        """Note what one line says."""
        if line.description:
            self.descriptions.add(line.description[:_LONGEST_DESCRIPTION])
        if line.vat_percentage is not None:
            self.vat.add(line.vat_percentage)
        self.ledger_account = self.ledger_account or line.ledger_account


def articles_of(documents: Iterable[Document], wanted: Iterable[str]) -> dict[str, Article]:
    """What the lines of these documents say of the articles, by their numbers."""
    articles = {number: Article(number) for number in wanted}
    for document in documents:
        for line in document.priced_lines:
            if line.article_number in articles:
                articles[line.article_number].note(line)
    return articles


def proposals(
    article: Article, chart: Sequence[ChartAccount] | None, mapping: Mapping[str, str]
) -> tuple[Proposal, ...]:
    """The accounts that fit best, with the reason.

    :param chart: what finance has; `None` where it cannot be asked: then those that the route uses already.
    :param mapping: article number → account code, as the route has it.
    """
    uses = Counter(mapping.values())
    accounts = [ChartAccount(code, "") for code in sorted(uses)] if chart is None else chart
    ranked = []
    for account in accounts:
        if account.why_not is not None or _has_other_tax(article, account):
            continue
        reasons = _reasons(article, account, uses)
        if score := sum(points for points, _ in reasons):
            ranked.append((-score, account.code, account, "; ".join(text for _, text in reasons)))
    best = sorted(ranked, key=lambda one: one[:2])[:PROPOSED]
    return tuple(Proposal(article.number, account.code, account.label, why) for *_, account, why in best)


def _has_other_tax(article: Article, account: ChartAccount) -> bool:
    return account.vat_percentage is not None and any(rate != account.vat_percentage for rate in article.vat)


def _reasons(article: Article, account: ChartAccount, uses: Counter[str]) -> list[tuple[int, str]]:
    reasons = []
    if account.code == article.ledger_account:
        reasons.append((_BY_CODE, "it is the product's own account in the source"))
    elif account.code == article.number:
        reasons.append((_BY_CODE, "it has the article's code"))
    if shared := _shared_words(article, account.name):
        reasons.append((_BY_NAME * len(shared), f"its name has {' and '.join(repr(word) for word in shared)}"))
    if article.vat and account.vat_percentage is not None:
        reasons.append((_BY_TAX, f"its VAT is {format_number(account.vat_percentage)}%, as on the lines"))
    if number := uses[account.code]:
        reasons.append((_BY_USE, f"{number} {'article is' if number == 1 else 'articles are'} mapped to it"))
    return reasons


def _shared_words(article: Article, name: str) -> list[str]:
    said = {word for text in (article.number, *article.descriptions) for word in _words(text)}
    return sorted(word for word in _words(name) if any(_are_alike(word, other) for other in said))


def _are_alike(one: str, other: str) -> bool:
    """Whether one of them begins with the other, as `food` and `foods` or a word and what it is put together of."""
    return one.startswith(other) or other.startswith(one)


def _words(text: str) -> set[str]:
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return {word for word in words if len(word) >= _SHORTEST_WORD}
