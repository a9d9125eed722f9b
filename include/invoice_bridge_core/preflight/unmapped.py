"""The articles that a route does not map, and the accounts that fit them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import DocumentRef
from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.preflight.causes import Cause
from invoice_bridge_core.preflight.proposals import articles_of, proposals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge_core.preflight.findings import Finding, KeptDocument
    from invoice_bridge_core.preflight.live import LiveLook
    from invoice_bridge_core.preflight.proposals import Article
    from invoice_bridge_core.routes.model import Route

MOST_ARTICLES = 10
"""So many articles are looked at in a document of theirs, one call each."""


class Unmapped:
    """What the mapping of a route leaves open."""

    def __init__(self, route: Route) -> None:
        self._route = route

    def is_mapped(self, article: str) -> bool:
        """Whether a line of the article has an account by now."""
        try:
            return self._route.account_code(article, None) is not None
        except ConfigurationError:
            return False

    def with_proposals(self, finding: Finding, kept: Sequence[KeptDocument], live: LiveLook) -> Finding:
        """The finding with accounts for its articles, those that keep most documents first."""
        articles = self.articles([part.name for part in finding.parts], kept, live)
        mapping = self._route.finance.account_codes
        found = (one for article in articles.values() for one in proposals(article, live.chart, mapping))
        return replace(finding, proposals=tuple(found))

    def articles(self, names: Sequence[str], kept: Sequence[KeptDocument], live: LiveLook) -> dict[str, Article]:
        """What their documents say of these articles; one document is read for each of the first."""
        wanted = list(names[:MOST_ARTICLES])
        refs: dict[str, DocumentRef] = {}
        for one in kept:
            for keeps in one.keeps:
                if keeps.cause is Cause.ARTICLE and keeps.subject in wanted:
                    refs.setdefault(keeps.subject, DocumentRef.parse(one.ref))
        return articles_of(live.read(dict.fromkeys(refs.values())), wanted)
