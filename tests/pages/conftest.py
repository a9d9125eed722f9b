"""The desk for tests of pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pages.desk_world import Desk


@pytest.fixture
def desk(ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The desk over the test's own ledger."""
    from tests.pages.desk_world import open_desk

    return open_desk(ledger_url, tmp_path, monkeypatch)
