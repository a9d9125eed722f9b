"""Links from the tasks, the commands and the pages to a document in both of its systems."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from invoice_bridge.operators.links import DeskLink, FinanceDocumentLink, SourceDocumentLink
from invoice_bridge.systems.xero.booking_answers import booking_of
from invoice_bridge_core.documents import DocumentRef
from tests.builders import route
from tests.commands.command_line import airflow_command
from tests.operators.airflow_run import Run
from tests.reports.rows import report, row
from tests.world import credit_note, customer, line, payment

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world import World

LINK = "https://qondor.example/invoice/{id}?no={number}"


def test_tasks_and_commands_lead_to_both_systems(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.route = route(source={"document_link": LINK})
    invoice = world.sandbox.qondor.add(payment(1, invoiceNumber="T/1 Å"))
    world.sandbox.qondor.add(credit_note(2, invoice))
    run = Run(world.route)
    links = {}
    for entry in run.queue():
        assert run.move(entry) == "success"
        task = run.tasks[entry["source_id"]]
        links[entry["source_id"]] = [
            kind().get_link(task, ti_key=None)  # type: ignore[arg-type]
            for kind in (FinanceDocumentLink, SourceDocumentLink)
        ]
    in_xero, in_qondor = links["50001"]
    [booked] = world.sandbox.xero.invoices.rows()
    assert in_xero == f"https://go.xero.com/app/!F9nD4/invoicing/view/{booked['InvoiceID']}"
    assert in_qondor == "https://qondor.example/invoice/50001?no=T%2F1%20%C3%85"
    assert booked["Url"].partition("#")[0] == in_qondor
    [note] = world.sandbox.xero.credit_notes.rows()
    assert links["50002"] == [
        "https://go.xero.com/organisationlogin/default.aspx?shortcode=!F9nD4"
        f"&redirecturl=/AccountsReceivable/ViewCreditNote.aspx?creditNoteID={note['CreditNoteID']}",
        "https://qondor.example/invoice/50002?no=T-2",
    ]

    path = tmp_path / "qondor_xero.json"
    path.write_text(json.dumps(world.route.model_dump(mode="json", exclude_unset=True)), "utf-8")
    monkeypatch.setenv("INVOICE_BRIDGE_ROUTES_DIR", str(tmp_path))
    said = {}
    for words in (["show", "50001"], ["list"], ["list", "--json"]):
        assert airflow_command(monkeypatch, world.ledger_url, *words) == 0
        said[" ".join(words)] = capsys.readouterr().out
    assert f"In its source:  {in_qondor}" in said["show 50001"]
    assert f"(qondor:qondor_default:50001, {in_qondor})" in said["list"]
    assert [each["source_link"] for each in json.loads(said["list --json"])] == [in_qondor, links["50002"][1]]


@pytest.mark.parametrize("code", ["VAT25", "not mapped"])
def test_the_desk_is_reached_however_a_task_ends(world: World, code: str) -> None:
    added = world.sandbox.qondor.add(payment(1, lines=[line(code)]))
    run = Run(world.route)
    [entry] = run.queue()
    assert run.move(entry) == ("success" if code == "VAT25" else "skipped")
    task = run.tasks["50001"]
    row = world.ledger.row(DocumentRef.parse(f"qondor:qondor_default:{added['id']}"))
    assert row is not None
    address = DeskLink().get_link(task, ti_key=None)  # type: ignore[arg-type]
    assert address.endswith(f"/plugin/invoices?view=all&text=qondor%3Aqondor_default%3A50001&document={row.id}")


def test_a_document_keeps_its_way_to_finance_when_a_later_task_holds_it(world: World) -> None:
    world.sandbox.qondor.add(payment(1))
    run = Run(world.route)
    [entry] = run.queue()
    assert run.move(entry) == "success"
    again = Run(world.route, number=2)
    again.move(entry)
    in_finance = [
        FinanceDocumentLink().get_link(one.tasks["50001"], ti_key=None)  # type: ignore[arg-type]
        for one in (run, again)
    ]
    assert in_finance[0].startswith("https://go.xero.com/")
    assert in_finance[0] == in_finance[1]


def test_names_of_tasks_stay_short(world: World) -> None:
    world.sandbox.qondor.add(payment(1, customer=customer(1, name="A very long name of a customer " * 5)))
    run = Run(world.route)
    [entry] = run.queue()
    run.move(entry)
    assert len(run.tasks["50001"].label) <= 160
    number, name, amount = run.tasks["50001"].label.split(" · ")[:3]
    assert (number, len(name) <= 40, amount.endswith(" NOK")) == ("T-1", True, True)


def test_without_a_template_there_is_no_link(world: World) -> None:
    world.sandbox.qondor.add(payment(1))
    run = Run(world.route)
    [entry] = run.queue()
    run.move(entry)
    assert SourceDocumentLink().get_link(run.tasks["50001"], ti_key=None) == ""  # type: ignore[arg-type]


def test_the_page_of_a_reconciliation_leads_to_the_source() -> None:
    from invoice_bridge_core.reports.reconciliation_page import page_of

    page = page_of(report(row(1, source_link="https://q.example/1?a=1&b=2"), row(2)), csv_name=None)
    assert '<a href="https://q.example/1?a=1&amp;b=2" rel="noopener noreferrer" target="_blank">Q-1</a>' in page
    assert ">Q-2</a></span>" in page
    assert page.count("q.example") == 1


def test_what_an_answer_holds_stays_one_part_of_the_link() -> None:
    from invoice_bridge.hooks.xero.wire import XeroCreditNote

    note = XeroCreditNote.model_validate(
        {
            "CreditNoteID": "1&x=/../2#", "CreditNoteNumber": "T-1", "Contact": {"ContactID": "c"},
            "CurrencyCode": "NOK", "Total": 1, "Status": "AUTHORISED", "Type": "ACCRECCREDIT",
        }
    )  # fmt: skip
    assert str(booking_of(note, "!a&b=c").link).endswith(
        "shortcode=!a%26b%3Dc&redirecturl=/AccountsReceivable/ViewCreditNote.aspx?creditNoteID=1%26x%3D%2F..%2F2%23"
    )
