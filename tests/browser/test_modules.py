"""Parts of the page that need no Airflow: amounts, dates, addresses, and which links lead anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import invoice_bridge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page, Route

STATIC = Path(invoice_bridge.__file__).parent / "pages" / "desk" / "static"
HOST = "http://airflow.example/below/"
BLANK = f'<!doctype html><html lang="en"><base href="{HOST}"><title>.</title>'


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    """A page of a Norwegian browser that holds nothing but Airflow's base element, and may import the modules."""
    page = browser.new_page(locale="nb-NO", timezone_id="Europe/Oslo")
    page.route(f"{HOST}**", _serve)
    page.goto(HOST)
    yield page
    page.close()


def _serve(asked: Route) -> None:
    path = STATIC / asked.request.url.removeprefix(HOST).partition("?")[0]
    if path.suffix == ".js":
        asked.fulfill(path=path, content_type="text/javascript")
    else:
        asked.fulfill(body=BLANK, content_type="text/html")


@pytest.fixture
def call(blank: Page) -> Callable[..., Any]:
    """Calls a function of one of the modules."""

    def called(module: str, name: str, *arguments: object) -> Any:
        script = "async ([address, name, given]) => (await import(address))[name](...given)"
        answer = blank.evaluate(script, [f"{HOST}{module}.js", name, list(arguments)])
        return answer.replace("\u00a0", " ") if isinstance(answer, str) else answer

    return called


@pytest.mark.parametrize(
    ("total", "currency", "shown"),
    [
        ("84300.00", "SEK", "84 300,00 SEK"),
        ("10000", "NOK", "10 000,00 NOK"),
        ("-0.5", "EUR", "\u22120,50 EUR"),
        ("12.345", "EUR", "12,345 EUR"),
        ("5000", "JPY", "5 000 JPY"),
        ("12345678901234567890.12", "NOK", "12 345 678 901 234 567 890,12 NOK"),
        ("7", None, "7"),
        ("7", "no currency", "7 no currency"),
        (None, "NOK", ""),
        ("about 7", "NOK", "about 7 NOK"),
    ],
)
def test_amounts_are_grouped_and_never_rounded(
    call: Callable[..., Any], total: str | None, currency: str | None, shown: str
) -> None:
    assert call("format", "money", total, currency) == shown


@pytest.mark.parametrize(
    ("name", "given", "shown"),
    [
        ("date", "2026-03-01", "1. mars 2026"),
        ("date", None, ""),
        ("date", "soon", "soon"),
        ("instant", "2026-06-30T22:30:00+00:00", "1. juli 2026, 00:30"),
        ("instant", "never", "never"),
    ],
)
def test_days_stay_the_same_day_and_instants_are_local(
    call: Callable[..., Any], name: str, given: str | None, shown: str
) -> None:
    assert call("format", name, given) == shown


@pytest.mark.parametrize(
    ("minutes", "shown"),
    [(-5, "0 minutes"), (1, "1 minute"), (59, "59 minutes"), (60, "1 hour"), (2879, "47 hours"), (2880, "2 days")],
)
def test_ages_are_in_the_largest_fitting_unit(call: Callable[..., Any], minutes: int, shown: str) -> None:
    assert call("format", "age", "1970-01-01T00:00:00Z", minutes * 60_000) == shown


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        " JavaScript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:http://airflow.example/1",
        "http://",
        "",
        None,
        7,
    ],
)
def test_what_is_no_web_address_is_no_link(call: Callable[..., Any], address: object) -> None:
    assert call("addresses", "safeAddress", address) is None


def test_a_path_of_this_airflow_keeps_what_it_is_served_below(call: Callable[..., Any]) -> None:
    assert call("addresses", "safeAddress", "dags/x/runs/y") == f"{HOST}dags/x/runs/y"
    assert call("addresses", "safeAddress", "https://go.xero.com/a") == "https://go.xero.com/a"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({}, ""),
        ({"state": ["held", "in doubt"], "text": "", "route": None}, "?state=held&state=in+doubt"),
        ({"text": "a&b=c#d", "page": 2}, "?text=a%26b%3Dc%23d&page=2"),
    ],
)
def test_what_is_asked_for_stands_in_the_address(
    call: Callable[..., Any], given: dict[str, object], shown: str
) -> None:
    assert call("api", "query", given) == shown


@pytest.mark.parametrize(
    ("props", "params"),
    [
        ({}, {}),
        ({"dagId": "invoice_transfer__oslo_xero"}, {"route": "oslo_xero"}),
        ({"dagId": "daily_close__oslo"}, {"route": "oslo"}),
        (
            {"dagId": "invoice_transfer__oslo", "runId": "manual__1"},
            {"route": "oslo", "run": "invoice_transfer__oslo/manual__1", "view": "all"},
        ),
    ],
)
def test_a_tab_narrows_the_list_to_its_place(
    call: Callable[..., Any], props: dict[str, object], params: dict[str, object]
) -> None:
    place = call("place", "placeOf", props)
    assert (place["params"], place["isForeign"]) == (params, False)


def test_the_dag_of_somebody_else_has_no_documents(call: Callable[..., Any]) -> None:
    assert call("place", "placeOf", {"dagId": "invoice_report"})["isForeign"] is True


def test_no_module_makes_markup_of_text() -> None:
    for path in STATIC.glob("*.js"):
        text = path.read_text("utf-8")
        assert not [
            word for word in ("dangerouslySetInnerHTML", "innerHTML", "eval(", "document.write") if word in text
        ]
