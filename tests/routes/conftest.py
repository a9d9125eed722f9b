from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.routes.model import Route

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def make_route() -> Callable[..., Route]:
    """A small route; keys such as `finance__items` go into their section."""

    def make(**changes: Any) -> Route:
        content: dict[str, Any] = {"route": "small", "source": {"system": "qondor"}, "finance": {"system": "xero"}}
        for key, value in changes.items():
            section, _, inner = key.partition("__")
            if inner:
                content.setdefault(section, {})[inner] = value
            else:
                content[section] = value
        return Route.model_validate(content)

    return make


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, str | dict[str, Any]], Path]:
    """Writes a route file into the test's own folder."""

    def write(name: str, content: str | dict[str, Any]) -> Path:
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return write
