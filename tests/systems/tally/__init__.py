"""Tally, a system of tests alone: a folder of JSON files that is a source and a finance system.

The tests copy this folder to where a system may live, under the package's name there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invoice_bridge.hooks.auth.tokens import TokenStore
    from invoice_bridge_core.ports import RunMemory
    from invoice_bridge_core.routes.model import Route
    from tests.systems.tally.finance import TallyFinance
    from tests.systems.tally.source import TallySource


def open_source(route: Route, tokens: TokenStore, memory: RunMemory) -> TallySource:
    """The source of a route that takes its documents from Tally."""
    from tests.systems.tally.settings import TallySourceSettings
    from tests.systems.tally.source import TallySource

    return TallySource(route.source_as(TallySourceSettings))


def open_finance(route: Route, tokens: TokenStore) -> TallyFinance:
    """The finance system of a route that books in Tally."""
    from tests.systems.tally.finance import TallyFinance
    from tests.systems.tally.settings import TallyFinanceSettings

    return TallyFinance(route.finance_as(TallyFinanceSettings), route)
