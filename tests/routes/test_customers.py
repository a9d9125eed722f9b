"""The section `customers`: which routes may have it, and what it says when it says little."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.routes.model import Route


def test_a_route_without_the_section_keeps_nothing_in_step(make_route: Callable[..., Route]) -> None:
    assert make_route().customers is None


def test_only_the_master_has_to_be_named(make_route: Callable[..., Route]) -> None:
    customers = make_route(customers={"master": "source"}).customers
    assert customers is not None
    assert (customers.create, customers.wipe) == (True, False)
    assert customers.match == ("external_reference", "tax_number", "email", "name")
    assert "contact_persons" in customers.fields


@pytest.mark.parametrize(
    ("source", "finance", "master", "says"),
    [
        ("qondor", "quiddly", "source", "Quiddly shows no customers"),
        ("qondor", "quiddly", "finance", "Quiddly shows no customers"),
        ("ixpole", "xero", "source", "iXpole lists no customers"),
        ("ixpole", "quiddly", "finance", "Quiddly shows no customers"),
    ],
)
def test_a_route_is_refused_whose_systems_show_no_customers(
    make_route: Callable[..., Route], source: str, finance: str, master: str, says: str
) -> None:
    with pytest.raises(ValidationError, match=says):
        make_route(source__system=source, finance__system=finance, customers={"master": master})


def test_ixpole_takes_the_customer_code_alone_and_the_route_says_so(make_route: Callable[..., Route]) -> None:
    route = make_route(source__system="ixpole", customers={"master": "finance"})
    assert "nothing of them but the customer code" in route.customers_note
    assert make_route(customers={"master": "finance"}).customers_note == ""


@pytest.mark.parametrize(
    "section",
    [
        {},
        {"master": "qondor"},
        {"master": "source", "fields": []},
        {"master": "source", "fields": ["email", "email"]},
        {"master": "source", "fields": ["emial"]},
        {"master": "source", "match": ["phone"]},
        {"master": "source", "create": "yes"},
        {"master": "source", "schedule": "every day"},
        {"master": "source", "delete": True},
    ],
)
def test_what_is_wrong_in_the_section_is_an_error(make_route: Callable[..., Route], section: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        make_route(customers=section)


def test_the_section_wakes_no_held_document(make_route: Callable[..., Route]) -> None:
    assert make_route(customers={"master": "source"}).fingerprint == make_route().fingerprint
