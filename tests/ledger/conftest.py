from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    ledger = Ledger.connect(ledger_url)
    yield ledger
    ledger.close()
