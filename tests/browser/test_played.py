"""The page in Airflow's own page, with played answers: use by keyboard, by phone and by everybody, dialogs, mapping."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.desk import SECTION, complaints, sideways
from tests.browser.played_airflow import HOST, PlayedAirflow
from tests.browser.played_documents import ACTS, NASTY, desk_of, document, entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

PAGE = "plugin/invoices"
FOCUS_IN_DIALOG = "document.activeElement.closest('[data-testid=desk-dialog]') !== null"
HEADING_HAS_FOCUS = "document.activeElement.id === 'desk-document'"


@pytest.fixture
def played() -> PlayedAirflow:
    """One doubt and two held documents, one of which is nasty."""
    return desk_of(entry(1, "in doubt"), entry(2), entry(3, customer=NASTY, reason=NASTY, number=NASTY))


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """A browser whose cache lasts for the module."""
    context = browser.new_context(base_url=HOST, locale="nb-NO", viewport={"width": 1440, "height": 900})
    context.set_default_timeout(40_000)
    yield context
    context.close()


@pytest.fixture
def page(window: BrowserContext, played: PlayedAirflow) -> Iterator[Page]:
    errors: list[str] = []
    played.serve(window)
    page = window.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.close()
    window.unroute_all(behavior="ignoreErrors")
    assert errors == []


def opened(page: Page, name: str = "P-1") -> None:
    """The page with one document open."""
    page.goto(PAGE)
    page.get_by_role("link", name=name).click()
    page.locator("#desk-document", has_text=name).wait_for()


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_axe_has_nothing_against_any_view(page: Page, mode: str) -> None:
    page.emulate_media(color_scheme="dark" if mode == "dark" else "light")
    opened(page)
    assert complaints(page, SECTION) == []
    page.locator("[data-act=booked_as]").click()
    page.get_by_test_id("desk-dialog").wait_for()
    page.wait_for_timeout(500)
    assert complaints(page, "[data-testid=desk-dialog]") == []
    for address, there in (("", "[data-document]"), ("?show=preflight", "[data-cause]"), ("?show=changed", "h2")):
        page.goto(PAGE + address)
        page.locator(f"{SECTION} {there}").first.wait_for()
        assert complaints(page, SECTION) == []


def test_the_keyboard_alone_opens_acts_and_comes_back(page: Page, played: PlayedAirflow) -> None:
    played.desk["acts/retry"] = {"results": [{"id": 1, "done": True, "text": "A run tries P-1 again."}]}
    page.goto(PAGE)
    page.get_by_role("link", name="P-1").focus()
    page.keyboard.press("Enter")
    page.wait_for_function(HEADING_HAS_FOCUS)
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.act") == "retry":
            break
    page.keyboard.press("Enter")
    dialog = page.get_by_test_id("desk-dialog")
    page.wait_for_function(FOCUS_IN_DIALOG)
    for _ in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS_IN_DIALOG)
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    page.wait_for_function("document.activeElement.dataset.act === 'retry'")
    assert played.posted == []
    page.keyboard.press("Enter")
    dialog.locator("button[type=submit]").press("Enter")
    page.get_by_test_id("desk-result").get_by_text("A run tries P-1 again.").wait_for()
    assert played.posted == [("acts/retry", {"documents": [1], "inputs": {}, "seen": {"1": "in doubt|1"}})]
    assert "A run tries P-1 again." in page.get_by_test_id("desk-live").inner_text()
    page.locator("#desk-document").focus()
    page.keyboard.press("Escape")
    page.wait_for_function("document.activeElement.textContent === 'P-1'")
    assert "document=" not in page.url


def test_a_dialog_says_what_is_missing_and_why_it_was_refused(page: Page, played: PlayedAirflow) -> None:
    played.desk["acts/booked_as"] = {"results": [{"id": 1, "done": False, "text": "Its total is 1.00, not 2.00."}]}
    opened(page)
    page.locator("[data-act=booked_as]").click()
    dialog = page.get_by_test_id("desk-dialog")
    yes = dialog.locator("button[type=submit]")
    yes.click()
    dialog.get_by_text("Fill in: Number or id in finance.").wait_for()
    assert played.posted == []
    dialog.get_by_label(re.compile("Number or id in finance")).fill("P-1")
    page.keyboard.press("Enter")
    dialog.get_by_test_id("desk-refusal").get_by_text("Its total is 1.00").wait_for()
    dialog.get_by_role("button", name="It has no mark").click()
    page.wait_for_function("document.querySelector('[data-says]').disabled === false")
    said = [sent["inputs"] for _, sent in played.posted]
    assert said == [{"booking": "P-1", "despite_missing_mark": False}, {"booking": "P-1", "despite_missing_mark": True}]
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")


def test_one_of_several_is_chosen(page: Page, played: PlayedAirflow) -> None:
    played.desk["acts/step_done"] = {"results": [{"id": 1, "done": True, "text": "Noted."}]}
    opened(page)
    page.locator("[data-act=step_done]").click()
    dialog = page.get_by_test_id("desk-dialog")
    dialog.locator("button[type=submit]").click()
    dialog.get_by_text("Choose one.").wait_for()
    dialog.get_by_text("mail", exact=True).click()
    dialog.locator("button[type=submit]").click()
    dialog.wait_for(state="detached")
    [(_, sent)] = played.posted
    assert sent["inputs"] == {"step": "mail", "reason": ""}


@pytest.mark.parametrize(
    ("name", "said", "sent"),
    [
        ("put_aside", "by phone", {"reason": "by phone"}),
        ("take_back", None, {}),
        ("agreed", "a discount", {"reason": "a discount"}),
        ("mended", None, {}),
        ("requeue", "wrong month", {"reason": "wrong month"}),
        ("choose_contact", "Fjord Bergen", {"contact": "c-2"}),
    ],
)
def test_each_act_asks_back_and_sends_what_was_said(
    page: Page, played: PlayedAirflow, name: str, said: str | None, sent: dict[str, str]
) -> None:
    played.desk["documents/1"] = document(entry(1), ACTS[name])
    played.desk["documents/1/contacts"] = {
        "contacts": [{"value": f"c-{at}", "label": f"Fjord {town}"} for at, town in enumerate(("Oslo", "Bergen"), 1)]
    }
    played.desk[f"acts/{name}"] = {"results": [{"id": 1, "done": True, "text": f"{name}: done."}]}
    opened(page)
    page.locator(f"[data-act={name}]").click()
    dialog = page.get_by_test_id("desk-dialog")
    dialog.get_by_text(str(ACTS[name]["question"])).wait_for()
    yes = dialog.locator("button[type=submit]")
    if said is not None:
        yes.click()
        dialog.get_by_text(re.compile("Fill in|Choose one")).wait_for()
        assert played.posted == []
        if name == "choose_contact":
            dialog.get_by_text(said).click()
        else:
            dialog.get_by_label(re.compile("Why")).fill(said)
    yes.click()
    page.get_by_test_id("desk-result").get_by_text(f"{name}: done.").wait_for()
    assert played.posted == [(f"acts/{name}", {"documents": [1], "inputs": sent, "seen": {"1": "held|1"}})]


def test_many_documents_are_acted_on_together(page: Page, played: PlayedAirflow) -> None:
    results = [{"id": 1, "done": True, "text": "One."}, {"id": 2, "done": False, "text": "P-2 has moved."}]
    played.desk["acts/retry"] = {"results": results}
    page.goto(PAGE)
    for number in (1, 2):
        page.locator(f"[data-document='{number}'] label").first.click()
    page.get_by_role("group", name="Chosen documents").get_by_role("button", name="Try again now").click()
    page.get_by_test_id("desk-dialog").locator("button[type=submit]").click()
    told = page.get_by_test_id("desk-result")
    told.get_by_text("Done for 1 of 2 documents").wait_for()
    assert "P-2 has moved." in told.inner_text()
    [(_, sent)] = played.posted
    assert (sent["documents"], sent["seen"]) == ([1, 2], {"1": "in doubt|1", "2": "held|2"})


def test_an_article_is_mapped_once_it_is_known_what_that_frees(page: Page, played: PlayedAirflow) -> None:
    documents = {"documents": 3, "sums": [], "labels": ["P-7 · Nordlys · 1.00 NOK"]}
    none = {"documents": 0, "sums": [], "labels": []}
    article = {
        "article": "SPA",
        "documents": 3,
        "sums": [],
        "descriptions": ["Spa, two hours"],
        "vat_percentages": ["25"],
        "proposals": [{"article": "SPA", "account_code": "200", "label": "200 Sales", "why": "its VAT fits"}],
    }
    played.desk["mapping/qondor_xero"] = {
        "unmapped": [article],
        "accounts": [{"account_code": "200", "label": "200 Sales", "why_not": None}],
        "accounts_error": None,
        "may_save": True,
        "why_not": None,
        "last_change": None,
    }
    played.desk["mapping/qondor_xero/preview"] = {
        "changes": [{"article": "SPA", "from": None, "to": "200"}],
        "text": "3 documents would move in the next run",
        "seen": "mark",
        "problems": [],
        "frees": documents,
        "still_held": [],
        "not_known": none,
    }
    page.goto(f"{PAGE}?show=preflight")
    page.get_by_role("button", name="Map the articles").click()
    form = page.get_by_test_id("desk-mapping")
    save = form.get_by_role("button", name="Save the mapping")
    form.get_by_role("button", name="200 Sales").click()
    assert save.is_disabled()
    form.get_by_role("button", name="Show what it frees").click()
    page.get_by_test_id("desk-freed").get_by_text("3 documents would move").wait_for()
    save.click()
    form.wait_for(state="detached")
    assert played.posted == [
        ("mapping/qondor_xero/preview", {"mapping": {"SPA": "200"}}),
        ("mapping/qondor_xero", {"mapping": {"SPA": "200"}, "seen": "mark"}),
    ]


def test_a_filter_stands_in_the_address_and_back_takes_it_away(page: Page) -> None:
    page.goto(PAGE)
    page.get_by_role("group", name="Documents by state").get_by_role("button", name=re.compile("Held")).click()
    page.locator("[data-document='1']").wait_for(state="detached")
    assert page.url.endswith("?state=held")
    page.get_by_label("Number or customer").fill("P-2")
    page.wait_for_url("**text=P-2**")
    page.go_back()
    page.wait_for_url(re.compile("state=held$"))
    page.go_back()
    page.locator("[data-document='1']").wait_for()


def test_what_documents_say_is_never_markup_nor_a_link_that_runs(page: Page) -> None:
    opened(page, NASTY)
    assert page.locator(f"{SECTION} img").count() == 0
    assert page.title() != "taken"
    links = page.locator(f"{SECTION} a[target=_blank]")
    for at in range(links.count()):
        assert links.nth(at).get_attribute("rel") == "noopener noreferrer"
        assert re.match(f"https://|{HOST}dags/", links.nth(at).get_attribute("href") or "")


@pytest.mark.parametrize("address", ["", "?document=1", "?show=preflight", "?show=changed"])
def test_a_phone_needs_no_scrolling_sideways(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(PAGE + address)
    page.locator(f"{SECTION} :is([data-document], [data-cause], h2)").first.wait_for()
    assert sideways(page, SECTION) == (0, 0)


def test_the_next_page_is_asked_of_the_server(page: Page, played: PlayedAirflow) -> None:
    played.desk |= desk_of(*(entry(number) for number in range(1, 121))).desk
    page.goto(PAGE)
    page.get_by_role("button", name="Next").click()
    page.get_by_role("link", name="P-51", exact=True).wait_for()
    assert "51\u2013100 of 120" in page.get_by_role("navigation", name="Pages").inner_text()


def test_an_error_is_a_sentence_with_a_way_on(page: Page, played: PlayedAirflow) -> None:
    good, played.desk["documents"] = played.desk["documents"], {"error": "The ledger cannot be reached."}
    page.goto(PAGE)
    page.get_by_text("The ledger cannot be reached.").wait_for()
    played.desk["documents"] = good
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("link", name="P-2").wait_for()


def test_everything_is_asked_for_below_the_path_that_airflow_is_served_below(page: Page, played: PlayedAirflow) -> None:
    opened(page)
    assert played.asked
    assert all(address.startswith(f"{HOST}invoice-bridge/desk/api/") for address in played.asked)
