from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from invoice_bridge.systems.quiddly.settings import QuiddlySettings
from invoice_bridge_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.routes.model import Route

    MakeRoute = Callable[..., Route]


def test_the_defaults_are_those_of_the_seeds(make_route: MakeRoute) -> None:
    route = make_route()
    assert route.enabled
    assert (route.source.conn_id, route.finance.conn_id) == ("qondor_default", "xero_default")
    assert route.payments.lookback_days == 90
    assert route.policy.total_tolerance == Decimal("0.01")
    assert route.schedule.timezone == "Europe/Oslo"
    quiddly = make_route(source={"system": "ixpole"}, finance={"system": "quiddly"})
    assert (quiddly.source.conn_id, quiddly.finance.conn_id) == ("ixpole_default", "quiddly_default")
    assert isinstance(quiddly.finance, QuiddlySettings)
    assert quiddly.finance.product_code == "INVOICE_SERVICE"


@pytest.mark.parametrize(
    ("offices", "projects", "office", "project", "taken"),
    [
        ([], [], "7", "5501", True),
        ([], [], None, None, True),
        ([7], [], "7", None, True),
        (["7"], [], "8", "5501", False),
        ([7], [], None, "5501", False),
        ([], [5501], "7", "5501", True),
        ([7], [5501], "7", "5502", False),
    ],
)
def test_filters(
    make_route: MakeRoute,
    offices: list[Any],
    projects: list[Any],
    office: str | None,
    project: str | None,
    taken: bool,
) -> None:
    route = make_route(source__offices=offices, source__projects=projects)
    assert route.selects(office, project) is taken


def test_ixpole_knows_no_offices(make_route: MakeRoute) -> None:
    assert make_route(source={"system": "ixpole"}).selects(None, None)
    with pytest.raises(ValidationError, match="offices"):
        make_route(source={"system": "ixpole", "offices": [7]})


def test_account_code_by_article_and_then_by_ledger_account(make_route: MakeRoute) -> None:
    codes = {"VAT25": 200}
    strict = make_route(finance__account_codes=codes)
    assert strict.account_code("VAT25", "4000") == "200"
    assert strict.account_code("VAT0", "4000") is None
    assert strict.account_code(None, None) is None
    lenient = make_route(finance__account_codes=codes, finance__use_product_ledger_account=True)
    assert lenient.account_code("VAT25", "4000") == "200"
    assert lenient.account_code("VAT0", "4000") == "4000"
    assert lenient.account_code(None, "4000") == "4000"
    assert lenient.account_code("VAT0", "") is None


def test_quiddly_needs_account_codes_only_when_it_is_given_some(make_route: MakeRoute) -> None:
    assert make_route(finance={"system": "quiddly"}).account_code("anything", None) == ""
    mapped = make_route(finance={"system": "quiddly", "account_codes": {"VAT25": "3001"}})
    assert mapped.account_code("VAT25", None) == "3001"
    assert mapped.account_code("anything", None) is None


@pytest.mark.parametrize("overlay", [{"VAT0": 260, "VAT25": "201"}, '{"VAT0": 260, "VAT25": "201"}'])
def test_the_overlay_wins_over_the_file(make_route: MakeRoute, overlay: Any) -> None:
    route = make_route(finance__account_codes={"VAT25": "200", "VAT6": "207"})
    laid_over = route.with_account_codes(overlay)
    assert dict(laid_over.finance.account_codes) == {"VAT25": "201", "VAT6": "207", "VAT0": "260"}
    assert dict(route.finance.account_codes) == {"VAT25": "200", "VAT6": "207"}
    assert laid_over.fingerprint != route.fingerprint


def test_an_overlay_keeps_the_digits_of_its_text(make_route: MakeRoute) -> None:
    codes = make_route().with_account_codes('{"A": 200.10}').finance.account_codes
    assert dict(codes) == {"A": "200.10"}


@pytest.mark.parametrize(
    "overlay",
    [
        "",
        "{",
        "[]",
        '"VAT25"',
        "7",
        '{"VAT25": null}',
        '{"VAT25": ""}',
        '{"VAT25": ["200"]}',
        '{"VAT25": true}',
        '{"VAT25": "200", "VAT25": "201"}',
        [("VAT25", "200")],
        {"VAT25": 200.1},
        {7: "200"},
    ],
)
def test_a_bad_overlay_names_its_variable(make_route: MakeRoute, overlay: Any) -> None:
    with pytest.raises(ConfigurationError, match="Variable invoice_bridge_account_codes__small must be"):
        make_route().with_account_codes(overlay)


@pytest.mark.parametrize(
    "changes",
    [
        {"finance__account_codes": {"VAT25": "200"}},
        {"finance__invoice_status": "DRAFT"},
        {"policy__total_tolerance": "0.02"},
        {"source__offices": [7]},
        {"source__start_date": "2026-01-01"},
        {"limits__parallel": 5},
        {"payments__lookback_days": 30},
    ],
)
def test_whatever_changes_an_outcome_changes_the_fingerprint(make_route: MakeRoute, changes: dict[str, Any]) -> None:
    assert make_route(**changes).fingerprint != make_route().fingerprint


def test_the_fingerprint_is_the_same_for_the_same_content(make_route: MakeRoute) -> None:
    here = make_route(finance__account_codes={"A": "1", "B": "2"})
    there = make_route(finance__account_codes={"B": 2, "A": 1}, schedule__transfer="@hourly")
    assert here.fingerprint == there.fingerprint
    assert make_route().with_account_codes({"A": "1", "B": "2"}).fingerprint == here.fingerprint


def test_a_route_cannot_be_changed(make_route: MakeRoute) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        make_route().finance.number_prefix = "X"  # type: ignore[misc]


def test_ixpole_would_read_a_number_that_begins_with_d_as_a_drafts(make_route: MakeRoute) -> None:
    finance = {"system": "xero", "number_prefix": "D-"}
    assert make_route(finance=finance).finance.number_prefix == "D-"
    with pytest.raises(ValidationError, match="must not begin with D"):
        make_route(source={"system": "ixpole"}, finance=finance)


@pytest.mark.parametrize(
    "cron", ["*/5 * * * *", "0 3 * * 1-5", "@hourly", "0 0 L * *", "0 8 * * MON-FRI", "0 0 1 JAN *"]
)
def test_crons_that_airflow_takes(make_route: MakeRoute, cron: str) -> None:
    from airflow.sdk import CronDataIntervalTimetable
    from airflow.sdk.definitions.timetables._cron import CronMixin

    route = make_route(schedule__transfer=cron)
    timetable = CronDataIntervalTimetable(route.schedule.transfer, timezone=route.schedule.timezone)
    assert isinstance(timetable, CronMixin)
    timetable.validate()


@pytest.mark.parametrize(
    "cron",
    ["", "* * * *", "* * * * * *", "61 * * * *", "0 0 30 2 *", "R * * * *", "H * * * *", "@reboot", "0 25 * * *"],
)
def test_crons_that_are_refused(make_route: MakeRoute, cron: str) -> None:
    with pytest.raises(ValidationError, match="must be a cron expression"):
        make_route(schedule__transfer=cron)


@pytest.mark.parametrize("zone", ["Europe", "Europe/Olso", "/etc/localtime", "../UTC", "", "x" * 5000, "CEST"])
def test_time_zones_that_are_refused(make_route: MakeRoute, zone: str) -> None:
    with pytest.raises(ValidationError, match="must be a time zone"):
        make_route(schedule__timezone=zone)
