"""One JSON file of rows by their id."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def rows_of(path: Path) -> dict[str, dict[str, Any]]:
    """The rows; none before any was written."""
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def put(path: Path, row_id: str, row: dict[str, Any]) -> None:
    """Write one row."""
    path.write_text(json.dumps({**rows_of(path), row_id: row}), encoding="utf-8")
