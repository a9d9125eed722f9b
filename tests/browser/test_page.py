"""The page "Invoices" in a browser: what it shows, how it is searched, and that everybody can use it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.desk import held, picture, rows
from tests.world import payment

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.desk import Desk

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]

PAGE = "plugin/invoices"
HELD = ("N-501", "N-502", "N-503")


@pytest.fixture(scope="module", autouse=True)
def documents(desk: Desk) -> None:
    """Three held documents, and one that was moved."""
    desk.sandbox.qondor.add(payment(510, invoiceNumber="N-510"))
    held(desk, {number: f"NEW-{at}" for at, number in enumerate(HELD)}, first=501)


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
    picture(page, "desk-list")


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
    page.get_by_role("link", name="Invoices", exact=True).last.click()
    page.wait_for_url("**/dags/invoice_transfer__qondor_xero/plugin/**")
    assert set(HELD) <= set(numbers(page))
    assert page.get_by_label("Route").count() == 0


def test_it_is_served_below_a_path_too(desk: Desk) -> None:
    files = desk.airflow.api.call("GET", "plugins")["plugins"]
    [plugin] = [one for one in files if one["name"] == "invoice_bridge"]
    addresses = [app[name] for app in plugin["react_apps"] for name in ("bundle_url", "icon") if app[name]]
    assert addresses
    assert not any(address.startswith("/") for address in addresses)
