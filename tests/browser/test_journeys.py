"""What people do on the desk, from Airflow's home to the end, in both systems and by a real scheduler."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.documents.states import DocumentState
from tests.browser.desk import clicks, count_clicks, held, picture
from tests.builders import route
from tests.end_to_end.scheduled import scheduled_run
from tests.world import World, customer, line, payment

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.desk import Desk

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]

TRANSFER = "invoice_transfer__qondor_xero"


def made_by_hand(desk: Desk, number: str) -> str:
    """An invoice over 10 000.00 NOK that a bookkeeper wrote in Xero; its id."""
    contact = desk.sandbox.xero.add_contact(Name=f"By hand {number}")
    made = desk.sandbox.xero.add_invoice(
        Type="ACCREC",
        InvoiceNumber=number,
        Contact={"ContactID": contact["ContactID"]},
        Status="AUTHORISED",
        Date="2026-11-02",
        DueDate="2026-12-02",
        CurrencyCode="NOK",
        LineItems=[{"Description": "Room", "Quantity": 1, "UnitAmount": 8000, "AccountCode": "200"}],
    )
    return str(made["InvoiceID"])


def in_doubt(desk: Desk, number: str, at: int) -> int:
    """A document that is in doubt, since something else has its number; its id in the source."""
    made_by_hand(desk, number)
    added = desk.sandbox.qondor.add(payment(at, invoiceNumber=number))
    desk.world.run()
    assert desk.world.row(added["id"]).state is DocumentState.IN_DOUBT
    return int(added["id"])


def confirm(page: Page) -> None:
    """Say yes in the dialog, and wait until it has led to something."""
    dialog = page.get_by_test_id("desk-dialog")
    dialog.locator("button[type=submit]").click()
    dialog.wait_for(state="detached")


def test_a_doubt_is_found_understood_and_resolved_in_four_clicks(page: Page, desk: Desk) -> None:
    source_id = in_doubt(desk, "D-601", 601)
    count_clicks(page)
    page.goto("")
    page.get_by_test_id("desk-strip").wait_for()
    picture(page, "desk-home")
    page.get_by_test_id("desk-strip").get_by_role("link", name=re.compile("In doubt")).click()
    page.get_by_role("link", name="D-601").click()
    page.get_by_role("heading", name="D-601").wait_for()
    assert "D-601 is already in Xero" in page.get_by_test_id("desk-document").inner_text()
    picture(page, "desk-document")
    page.locator("[data-act=booked_as]").click()
    dialog = page.get_by_test_id("desk-dialog")
    page.wait_for_function("document.activeElement.matches('[data-input=booking] input')")
    page.keyboard.type("D-601")
    picture(page, "desk-dialog")
    dialog.get_by_role("button", name="It carries no mark of ours, and it is this document").click()
    dialog.wait_for(state="detached")
    page.get_by_test_id("desk-result").wait_for()
    assert clicks(page) == 4
    page.get_by_test_id("desk-history").get_by_text(re.compile("bookkeeper")).first.wait_for()
    assert desk.world.row(source_id).booking is not None


def test_the_keyboard_alone_resolves_a_doubt(page: Page, desk: Desk) -> None:
    source_id = in_doubt(desk, "D-602", 602)
    desk.sandbox.xero.bookkeeper.void("D-602")
    desk.world.let_arrive()
    page.goto("plugin/invoices?state=in+doubt")
    page.get_by_role("link", name="D-602").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'desk-document'")
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.act") == "not_booked":
            break
    page.keyboard.press("Enter")
    page.get_by_test_id("desk-dialog").locator("button[type=submit]").press("Enter")
    page.get_by_test_id("desk-result").wait_for()
    assert desk.world.row(source_id).state is not DocumentState.IN_DOUBT


def test_rejections_that_the_guard_keeps_are_confirmed_together(page: Page, desk: Desk) -> None:
    rejecting = World(
        desk.sandbox,
        desk.airflow.ledger_url,
        route(policy={"unmapped_article": "reject", "most_rejections": 1}),
    )
    numbers = [f"G-{at}" for at in range(611, 616)]
    for at, number in enumerate(numbers, start=611):
        desk.sandbox.qondor.add(payment(at, invoiceNumber=number, lines=[line("GUARDED")]))
    rejecting.run()
    kept = [at for at in range(50611, 50616) if rejecting.row(at).state is DocumentState.HELD]
    assert len(kept) > 1
    page.goto("plugin/invoices?text=G-61&state=held")
    page.locator("[data-document]").first.wait_for()
    page.locator("thead label").first.click()
    page.locator("[data-act=confirm_rejection]").click()
    confirm(page)
    page.get_by_text(f"Done for {len(kept)} of {len(kept)} documents").wait_for()
    picture(page, "desk-many")
    rejecting.run()
    assert {rejecting.row(at).state for at in kept} == {DocumentState.REJECTED}
    rejecting.close()


def test_a_document_is_tried_again_and_moves(page: Page, desk: Desk) -> None:
    # Airflow makes one run when a DAG is unpaused; it shall not be the one that moves the document.
    scheduled_run(desk.airflow, TRANSFER)
    held(desk, {"R-621": "LATER"}, first=621)
    desk.sandbox.qondor.payments.change("50621", lines=[line()])
    page.goto("plugin/invoices?text=R-621")
    page.get_by_role("link", name="R-621").click()
    page.locator("[data-act=retry]").click()
    confirm(page)
    page.get_by_test_id("desk-result").get_by_text(re.compile("A run of invoice_transfer__qondor_xero")).wait_for()
    ends(desk, "50621")
    run = desk.airflow.api.newest_run(TRANSFER)
    for tab in (f"runs/{run}/plugin/invoices-of-run", f"runs/{run}/tasks/invoices/mapped/0/plugin/invoices-of-task"):
        page.goto(f"dags/{TRANSFER}/{tab}")
        page.locator("[data-opens]", has_text="R-621").wait_for()
        assert page.locator("[data-document]").count() == 1


def test_an_article_is_mapped_and_its_document_moves(page_of_admin: Page, desk: Desk) -> None:
    page = page_of_admin
    held(desk, {"M-641": "MAPPED"}, first=641)
    page.goto("plugin/invoices?show=preflight")
    page.get_by_role("button", name="Map the articles").click()
    form = page.get_by_test_id("desk-mapping")
    form.get_by_label("Account code of article MAPPED").fill("200")
    form.get_by_role("button", name="Show what it frees").click()
    page.get_by_test_id("desk-freed").get_by_text("1 document, 10 000.00 NOK would move").wait_for()
    picture(page, "desk-mapping")
    form.get_by_role("button", name="Save the mapping").click()
    form.wait_for(state="detached")
    desk.airflow.unpause(TRANSFER)
    desk.airflow.trigger(TRANSFER, {"documents": ["M-641"]})
    ends(desk, "50641")


def test_one_of_two_contacts_is_chosen_and_booked_on(page: Page, desk: Desk) -> None:
    careful = World(desk.sandbox, desk.airflow.ledger_url, route(finance={"ambiguous_contact": "hold"}))
    twins = {}
    for name in ("Fjord Oslo", "Fjord Bergen"):
        known_by = {"EmailAddress": "faktura902@nordlys.example", "TaxNumber": "NO987650902MVA"}
        twins[name] = desk.sandbox.xero.add_contact(Name=name, **known_by)["ContactID"]
    source_id = desk.sandbox.qondor.add(payment(651, invoiceNumber="C-651", customer=customer(902)))["id"]
    careful.run()
    page.goto("plugin/invoices?text=C-651")
    page.get_by_role("link", name="C-651").click()
    page.locator("[data-act=choose_contact]").click()
    page.get_by_test_id("desk-dialog").get_by_text(re.compile("Fjord Bergen")).click()
    confirm(page)
    page.get_by_test_id("desk-result").get_by_text(re.compile("Fjord Bergen")).wait_for()
    careful.run()
    assert careful.booking(source_id).contact_id == twins["Fjord Bergen"]
    careful.close()


def test_what_was_voided_goes_back_into_its_queue(page: Page, desk: Desk) -> None:
    source_id = desk.sandbox.qondor.add(payment(661, invoiceNumber="Q-661"))["id"]
    desk.world.run()
    page.goto("plugin/invoices?view=all&text=Q-661")
    page.get_by_role("link", name="Q-661").click()
    page.locator("[data-act=requeue]").click()
    dialog = page.get_by_test_id("desk-dialog")
    dialog.get_by_label(re.compile("Why")).fill("wrong month")
    dialog.locator("button[type=submit]").click()
    dialog.get_by_test_id("desk-refusal").get_by_text(re.compile("Void or delete it")).wait_for()
    desk.sandbox.xero.bookkeeper.void("Q-661")
    confirm(page)
    page.get_by_test_id("desk-result").get_by_text(re.compile("waits in Qondor again")).wait_for()
    page.get_by_test_id("desk-history").get_by_text(re.compile("put it back in Qondor: wrong month")).first.wait_for()
    desk.world.run()
    # Xero keeps the number of what was voided.
    assert "Qondor offers Q-661 again" in str(desk.world.row(source_id).reason)


def ends(desk: Desk, source_id: str) -> None:
    """Wait until a run has moved the document."""
    deadline = time.monotonic() + 240
    while desk.world.row(source_id).state is not DocumentState.TRANSFERRED:
        assert time.monotonic() < deadline, desk.world.row(source_id)
        time.sleep(1)
