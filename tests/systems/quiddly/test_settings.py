"""The route's keys for Quiddly: all of them shown by the shipped file, and refused where they cannot be meant."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from pydantic import ValidationError

from invoice_bridge.systems.qondor.settings import QondorSettings
from invoice_bridge.systems.quiddly.settings import CustomField, QuiddlySettings
from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.routes.loader import read_route, routes_folder
from tests.builders import route
from tests.systems.quiddly.bodies import quiddly_route

FILE = routes_folder() / "qondor_quiddly.yaml"
WHOLE = {"address": "Poste restante", "zip": "211 20", "city": "Malmö", "country_code": "SE"}


def test_the_shipped_file_shows_every_key_and_every_custom_field() -> None:
    text = FILE.read_text(encoding="utf-8")
    keys = {*QuiddlySettings.model_fields, *get_args(CustomField)}
    assert {key for key in keys if f"{key}:" not in text} == {"use_product_ledger_account"}
    source = read_route(FILE).source
    assert isinstance(source, QondorSettings)
    assert source.offices == ("9",)


def test_a_route_that_says_nothing_sends_by_e_mail_and_activates() -> None:
    settings = quiddly_route().finance_as(QuiddlySettings)
    assert (settings.product_code, settings.distribution_code, settings.activate) == ("INVOICE_SERVICE", "EMAIL", True)
    assert (settings.card_distribution_code, settings.fees, settings.booker_address) == (None, None, None)


@pytest.mark.parametrize(
    ("finance", "said"),
    [
        ({"distribution_code": "PIGEON"}, "distribution_code"),
        ({"distribution_channel_override": True}, "the two go together"),
        ({"booker_address": {"address": "Torget 1"}}, "it lacks zip, city, country_code"),
        ({"booker_address": {**WHOLE, "country_code": "SWE"}}, "ISO 3166-1"),
        ({"booker_address": {**WHOLE, "planet": "Earth"}}, "planet"),
        ({"custom_fields": {"gnl": "GLN"}}, "gnl"),
        ({"administration_fee": "-1"}, "administration_fee"),
        ({"administration_fee": "1.001"}, "administration_fee"),
        ({"freight_fee_vat": 15}, "freight_fee_vat"),
        ({"exchange_rates": {"EUR": 0}}, "exchange_rates"),
        ({"invoice_path": "/invoices/{number}"}, "must be a path that holds {id}"),
    ],
)
def test_what_cannot_be_meant_is_refused(finance: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        quiddly_route(**finance)


def test_a_mistake_in_the_file_is_named_in_its_own_words(tmp_path: Any) -> None:
    from invoice_bridge_core.routes.errors import RouteError

    path = tmp_path / "wrong.yaml"
    path.write_text(FILE.read_text(encoding="utf-8").replace("    gln: GLN ", "    gnl: GLN "), encoding="utf-8")
    with pytest.raises(RouteError, match=r"custom_fields.*gnl"):
        read_route(path)


def test_a_route_that_books_elsewhere() -> None:
    with pytest.raises(ConfigurationError, match="books in Xero, not in Quiddly"):
        route().finance_as(QuiddlySettings)
