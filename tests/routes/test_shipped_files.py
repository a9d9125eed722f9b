from __future__ import annotations

import pytest

from invoice_bridge.systems.xero.settings import XeroSettings
from invoice_bridge_core.routes.loader import load_route, load_routes, read_route, routes_folder
from invoice_bridge_core.routes.model import Route
from invoice_bridge_core.routes.settings import Section


@pytest.fixture(autouse=True)
def _packages_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INVOICE_BRIDGE_ROUTES_DIR", raising=False)


def test_the_shipped_files_are_right_and_named_after_their_routes() -> None:
    loaded = load_routes()
    assert not loaded.errors
    assert {route.route for route in loaded.routes} == {path.stem for path in routes_folder().glob("*.yaml")}


def test_the_template_is_enabled_and_maps_the_sandboxs_articles() -> None:
    route = load_route("qondor_xero")
    assert route is not None
    codes = [
        route.account_code(article, None)
        for article in ("VAT25", "VAT15", "VAT12", "VAT6", "VAT0", "PASS", "DEPOSIT", "OLD")
    ]
    assert codes == ["200", "205", "206", "207", "260", "261", "262", "299"]
    assert isinstance(route.finance, XeroSettings)
    assert route.finance.card_payment_account == "090"
    assert (route.selects("7", "1"), route.selects("8", None), route.selects("9", "1")) == (True, True, False)


def test_the_template_shows_every_key_it_could_have() -> None:
    text = (routes_folder() / "qondor_xero.yaml").read_text(encoding="utf-8")
    route = read_route(routes_folder() / "qondor_xero.yaml")
    sections: list[Section] = [part for _, part in route if isinstance(part, Section)]
    keys = {key for section in (route, *sections) for key in type(section).model_fields}
    assert {key for key in keys if f"{key}:" not in text} == {"use_product_ledger_account"}


def test_the_templates_values_are_the_defaults_where_it_decides_nothing() -> None:
    route = read_route(routes_folder() / "qondor_xero.yaml")
    plain = Route.model_validate({"route": "x", "source": {"system": "qondor"}, "finance": {"system": "xero"}})
    for section in ("policy", "payments", "schedule", "limits"):
        assert getattr(route, section) == getattr(plain, section)
