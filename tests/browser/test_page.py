"""The page "Invoices" in a browser: what it shows, how it is searched, and that everybody can use it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import pytest

from invoice_bridge_core.reports.reconciliation_files import write_reconciliation
from invoice_bridge_core.reports.reports_folder import DEFAULT_NAME, RouteReports
from tests.browser.desk import SECTION, complaints, held, rows, sideways
from tests.reports.rows import report, row
from tests.world import payment

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.desk import Desk

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]

PAGE = "plugin/invoices"
HELD = ("N-501", "N-502", "N-503")


@pytest.fixture(scope="module", autouse=True)
def documents(desk: Desk) -> None:
    """Three held documents, and one that was moved and was changed in finance since."""
    desk.sandbox.qondor.add(payment(510, invoiceNumber="N-510"))
    held(desk, {number: f"NEW-{at}" for at, number in enumerate(HELD)}, first=501)
    desk.world.run_payments()
    desk.sandbox.xero.bookkeeper.changes.total("N-510", Decimal(9000))
    desk.world.poll()


def numbers(page: Page) -> list[str]:
    """The numbers of the documents that are listed."""
    rows(page)
    return page.locator("[data-opens]").all_inner_texts()


def test_the_menu_leads_to_the_list_of_what_is_open(page: Page) -> None:
    page.goto("")
    page.get_by_test_id("nav-sidebar").get_by_role("link", name="Invoices").click()
    assert set(HELD) <= set(numbers(page))
    assert "N-510" not in numbers(page)
    row = page.locator("[data-document]").filter(has_text="N-501")
    assert "Article code 'NEW-0' not found" in row.inner_text()
    assert "10 000,00 NOK" in row.inner_text().replace("\u00a0", " ")


def test_columns_sort_at_the_server(page: Page) -> None:
    page.goto(f"{PAGE}?text=N-50")
    rows(page)
    for order in (sorted(HELD), sorted(HELD, reverse=True)):
        with page.expect_response(re.compile("sort=number")):
            page.get_by_role("button", name="Document", exact=True).click()
        page.locator("[data-opens]").first.filter(has_text=order[0]).wait_for()
        assert numbers(page) == order


def test_a_tab_of_the_dag_shows_the_documents_of_its_route(page: Page) -> None:
    page.goto("dags/invoice_transfer__qondor_xero")
    page.locator("a[href$='/plugin/invoices-of-dag']").click()
    page.wait_for_url("**/dags/invoice_transfer__qondor_xero/plugin/**")
    assert set(HELD) <= set(numbers(page))
    assert page.get_by_label("Route").count() == 0


SHOWN = {
    "": "[data-testid=desk-strip] a >> nth=1",
    PAGE: "[data-document] >> nth=0",
    f"{PAGE}?text=N-501": "[data-document] >> nth=0",
    f"{PAGE}?show=preflight": "[data-cause] >> nth=0",
    f"{PAGE}?show=changed": f"{SECTION} [data-testid=desk-sides] >> nth=0",
    "dags/invoice_transfer__qondor_xero/plugin/invoices-of-dag": "[data-document] >> nth=0",
}
"""By address: what is there once the page is."""


def shown(page: Page, address: str) -> str:
    """Open a page of Airflow; the part of it that is ours."""
    page.goto(address)
    page.locator(SHOWN[address]).wait_for()
    return SECTION if address else "[data-testid=desk-strip]"


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_axe_has_nothing_against_what_airflow_shows(page: Page, mode: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=mode)
    for address in SHOWN:
        within = shown(page, address)
        assert (address, complaints(page, within)) == (address, [])
    page.goto(f"{PAGE}?text=N-501")
    page.get_by_role("link", name="N-501").click()
    page.locator("#desk-document", has_text="N-501").wait_for()
    assert complaints(page, SECTION) == []


def test_a_phone_needs_no_scrolling_sideways_before_a_real_airflow(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    for address in SHOWN:
        within = shown(page, address)
        assert (address, *sideways(page, within)) == (address, 0, 0)


def test_everything_is_asked_for_below_the_path_that_airflow_is_served_below(page: Page, desk: Desk) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("")
    page.get_by_test_id("desk-strip").get_by_role("link", name=re.compile("Held")).click()
    page.wait_for_url(f"{desk.airflow.base_url}/{PAGE}?state=held")
    page.get_by_role("link", name="N-501").click()
    page.locator("#desk-document", has_text="N-501").wait_for()
    page.locator("[data-act=put_aside]").click()
    dialog = page.get_by_test_id("desk-dialog")
    dialog.get_by_label(re.compile("Why")).fill("by phone")
    dialog.locator("button[type=submit]").click()
    page.get_by_test_id("desk-result").get_by_text("is put aside: by phone").wait_for()
    page.locator("[data-act=take_back]").click()
    dialog.locator("button[type=submit]").click()
    page.get_by_test_id("desk-result").get_by_text("is on the open list again").wait_for()
    ours = [address for address in asked if "/invoice-bridge/" in address]
    assert {"api/acts/take_back", "static/invoices.js", "static/strip.js"} <= {
        address.partition("/invoice-bridge/desk/")[2] for address in ours
    }
    assert [one for one in ours if not one.startswith(f"{desk.airflow.base_url}/invoice-bridge/")] == []
    for link in page.locator(f"{SECTION} a[href]").all():
        address = page.evaluate("link => link.href", link.element_handle())
        assert address.startswith((f"{desk.airflow.base_url}/", "https://")), address


def test_what_was_changed_in_finance_is_agreed(page: Page) -> None:
    page.goto(f"{PAGE}?show=changed")
    page.get_by_role("link", name="N-510").click()
    page.locator("[data-act=agreed]").click()
    dialog = page.get_by_test_id("desk-dialog")
    dialog.get_by_label(re.compile("Why")).fill("a discount")
    dialog.locator("button[type=submit]").click()
    page.get_by_test_id("desk-result").get_by_text("is right as finance holds it").wait_for()
    page.get_by_role("button", name="Close the document").click()
    page.get_by_text("Nothing was changed in finance after its transfer").wait_for()


def test_reports_follow_airflows_theme_and_lead_back_to_the_list(page: Page, desk: Desk) -> None:
    folder = desk.airflow.home / DEFAULT_NAME
    write_reconciliation(report(row(1), row(2)), RouteReports("qondor_xero", folder))
    for mode, colour in (("dark", "rgb(20, 25, 30)"), ("light", "rgb(245, 247, 248)")):
        page.emulate_media(color_scheme="light" if mode == "dark" else "dark")
        page.goto("")
        page.evaluate("mode => localStorage.setItem('theme', mode)", mode)
        page.goto("plugin/invoice-reports")
        frame = page.frame_locator("iframe")
        frame.get_by_role("heading", name="Reports").wait_for()
        body = frame.locator("body")
        assert (body.evaluate("body => getComputedStyle(body).backgroundColor"), mode) == (colour, mode)
    frame.get_by_role("link", name=re.compile("Daily close")).click()
    frame.get_by_role("link", name="2026-11-10").click()
    frame.get_by_role("heading", name="What does not agree").wait_for()
    assert frame.locator("html").get_attribute("data-theme") == "light"
    frame.get_by_role("link", name="All days of this route").click()
    frame.get_by_role("link", name="Documents that wait for somebody").click()
    page.wait_for_url(f"{desk.airflow.base_url}/{PAGE}?route=qondor_xero")
    assert set(HELD) <= set(numbers(page))
