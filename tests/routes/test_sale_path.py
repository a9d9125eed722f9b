from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from invoice_bridge.systems.qondor.settings import QondorSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.routes.model import Route


def test_where_the_sale_api_is_can_be_said(make_route: Callable[..., Route]) -> None:
    route = make_route(source={"system": "qondor", "sale_path": "/Sales/v2/Sale"})
    assert route.source_as(QondorSettings).sale_path == "/Sales/v2/Sale"
    assert make_route(source={"system": "qondor"}).source_as(QondorSettings).sale_path == "/Sale/v1/Sale"
    assert route.fingerprint != make_route(source={"system": "qondor"}).fingerprint


@pytest.mark.parametrize(
    "path",
    ["", "/", "Sale/v1/Sale", "//Sale", "/Sale/../Invoicing", "/Sale?x=1", "/Sale/{id}", "/Sa le", "https://x/y"],
)
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValidationError, match="must be a path, such as /Sale/v1/Sale"):
        QondorSettings(sale_path=path)
