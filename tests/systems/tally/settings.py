"""The settings of routes from and into Tally."""

from __future__ import annotations

from typing import Literal

from invoice_bridge_core.routes.fields import ConnId, Text
from invoice_bridge_core.routes.settings import FinanceSettings, SourceSettings


class TallySourceSettings(SourceSettings):
    """Tally as the source.

    :param folder: holds `documents.json`.
    """

    system_name = "Tally"

    system: Literal["tally"] = "tally"
    conn_id: ConnId = "tally_default"
    folder: Text


class TallyFinanceSettings(FinanceSettings):
    """Tally as the finance system.

    :param folder: holds `bookings.json`.
    """

    system_name = "Tally"
    books_without_account_codes = True

    system: Literal["tally"] = "tally"
    conn_id: ConnId = "tally_books"
    folder: Text


SOURCE = TallySourceSettings
FINANCE = TallyFinanceSettings
