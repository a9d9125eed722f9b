"""iXpole as a source, over real HTTP."""

from __future__ import annotations

import base64
import datetime as dt
import json
import logging
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge.hooks.auth.tokens import MemoryTokenStore
from invoice_bridge.hooks.ixpole.hook import IxpoleHook
from invoice_bridge.systems.ixpole import open_source
from invoice_bridge.systems.ixpole import source as module
from invoice_bridge_core.documents import DocumentKind
from invoice_bridge_core.documents.facts import DocumentFacts
from invoice_bridge_core.errors import (
    ConfigurationError,
    HeldError,
    NotFoundError,
    RefusedError,
    TransientError,
    UnreadableError,
)
from invoice_bridge_core.ports import Booking
from sandbox.ixpole.tenants import ARENA, CLUB
from tests.builders import route
from tests.systems.ixpole.instalments import credit, customer, instalment, product

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge.systems.ixpole.source import IxpoleSource
    from invoice_bridge_core.ports import RunMemory, SourceSystem
    from sandbox.ixpole.tenants import Tenant
    from sandbox.sandbox import Sandbox

CODE = "INST-2026-0042"


class Memory:
    """The memory of one run, without a ledger: what is kept has to be JSON."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    def once(self, key: str, read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        if key not in self._kept:
            self._kept[key] = json.dumps(read())
        kept: dict[str, Any] = json.loads(self._kept[key])
        return kept


class Printed:
    """Attachments that count how often they were wanted."""

    def __init__(self) -> None:
        self.wanted = 0

    def pdf(self) -> bytes:
        self.wanted += 1
        return b"%PDF-1.4 \x00\xff invoice"


def booking(**changes: Any) -> Booking:
    values: dict[str, Any] = {
        "finance_id": "b1f1",
        "number": f"IX-{CODE}",
        "status": "AUTHORISED",
        "contact_id": "c1",
        "customer_code": "c1",
        "currency": "EUR",
        "total": Decimal("636.00"),
        "due_date": dt.date(2099, 12, 15),
    }
    return Booking(**values | changes)


@pytest.fixture
def sandbox(running: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    running.reset(documents=0, data="plain")
    for conn_id, connection in running.connections.items():
        monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(connection))
    for tenant in (CLUB, ARENA):
        running.ixpole.add_customer(customer(), tenant)
        running.ixpole.add_product(product(), tenant)
        running.ixpole.add(instalment(), tenant)
    running.traffic.reset()
    return running


def source(memory: RunMemory | None = None, tenant: Tenant = CLUB, **settings: Any) -> IxpoleSource:
    """A fresh adapter, as every task process has one."""
    made = route(source={"system": "ixpole", "conn_id": tenant.conn_id, **settings})
    return open_source(made, MemoryTokenStore(), memory or Memory())


def calls(sandbox: Sandbox) -> list[str]:
    """The API calls so far: `PUT instalments`."""
    log = [each for each in sandbox.traffic.log(system="ixpole") if "oauth" not in each.path]
    return [f"{each.method} {each.path.partition('/api/')[2]}" for each in log]


def test_it_is_a_source_system() -> None:
    checked: SourceSystem = source()
    assert (checked.system, checked.conn_id, checked.name) == ("ixpole", "ixpole_default", "iXpole")
    with pytest.raises(ConfigurationError, match="takes its documents from Qondor, not from iXpole"):
        open_source(route(), MemoryTokenStore(), Memory())


@pytest.mark.parametrize("tenant", [CLUB, ARENA], ids=lambda tenant: tenant.name)
def test_an_instalment_is_listed_and_read(sandbox: Sandbox, tenant: Tenant) -> None:
    reader = source(tenant=tenant)
    assert [item.source_id for item in reader.waiting()] == [CODE]
    document = reader.read(CODE)
    assert (document.number, document.kind, document.total_incl_vat) == (CODE, DocumentKind.INSTALMENT, 636)
    assert document.party is not None
    assert (document.party.name, document.lines[0].ledger_account) == ("Brouwerij De Kroon 311 NV", "207")


def test_a_list_without_any_code_is_no_empty_list(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    entries: list[Any] = [instalment(7, Status={"word": "ToDo"}), "INST-2026-0001", 5, {"InstalmentCode": " "}]
    monkeypatch.setattr(IxpoleHook, "instalments", lambda hook: entries)
    reader = source()
    assert [item.source_id for item in reader.waiting()] == ["INST-2026-0007"]
    assert reader.unreadable_entries == 3
    entries.pop(0)
    with pytest.raises(UnreadableError, match="lists 3 instalments, but none with an InstalmentCode"):
        reader.waiting()


def test_all_tasks_of_a_run_read_list_customers_and_products_once(sandbox: Sandbox) -> None:
    for number in range(1, 6):
        sandbox.ixpole.add(instalment(number))
    memory = Memory()
    queue = source(memory)
    waiting = queue.waiting()
    queue.read(waiting[0].source_id)
    for item in waiting:
        source(memory).read(item.source_id)
    assert len(waiting) == 6
    assert calls(sandbox) == ["GET instalments", "GET customer/311", "GET products/5"]


def test_another_run_reads_anew_and_so_does_a_long_one(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Memory()
    known = source(memory).read(CODE)
    sandbox.ixpole.add(instalment(DueDate="2027-01-15"))
    assert source(memory).read(CODE) == known
    assert source().read(CODE).due_date == dt.date(2027, 1, 15)
    later = time.time() + module.LIST_SECONDS
    monkeypatch.setattr(time, "time", lambda: later)
    assert source(memory).read(CODE).due_date == dt.date(2027, 1, 15)


def test_an_instalment_that_came_later_is_found_in_a_fresh_list(sandbox: Sandbox) -> None:
    memory = Memory()
    source(memory).read(CODE)
    sandbox.traffic.reset()
    sandbox.ixpole.add(instalment(99))
    assert source(memory).read("INST-2026-0099").number == "INST-2026-0099"
    with pytest.raises(NotFoundError, match="lists no instalment INST-2026-0100: it was removed or invoiced"):
        source(memory).read("INST-2026-0100")
    assert calls(sandbox).count("GET instalments") == 2


def test_the_fingerprint_changes_with_the_entry_and_not_with_the_run(sandbox: Sandbox) -> None:
    [before] = source().waiting()
    assert source().waiting() == [before]
    sandbox.ixpole.add(instalment(AmountInclVat=Decimal("636.01")))
    assert source().waiting() != [before]


def test_entries_that_nobody_could_name_are_left_out_with_a_warning(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.ixpole.rules.table.put(
        {"key": "club/x", "tenant": "club", "Status": "ToDo", "instalment": {"InstalmentCode": None}}
    )
    sandbox.ixpole.rules.table.put(
        {"key": "club/y", "tenant": "club", "Status": "ToDo", "instalment": instalment(AmountInclVat=1)}
    )
    with caplog.at_level(logging.WARNING):
        assert [item.source_id for item in source().waiting()] == [CODE]
    assert "has no usable InstalmentCode and is left out" in caplog.text
    assert f"has the code {CODE} of an earlier one and is left out" in caplog.text


@pytest.mark.parametrize(
    ("changes", "text"),
    [({"CustomerId": 404}, "reading customer 404"), ({"CustomerId": "../1"}, "no customer '../1'")],
    ids=["unknown", "no id"],
)
def test_a_customer_that_ixpole_does_not_know_makes_the_instalment_unreadable(
    sandbox: Sandbox, changes: dict[str, Any], text: str
) -> None:
    sandbox.ixpole.add(instalment(**changes))
    with pytest.raises(UnreadableError, match=text):
        source().read(CODE)


def test_a_real_invoice_is_written_back_with_due_date_and_pdf_however_often(sandbox: Sandbox) -> None:
    writer, attachments = source(), Printed()
    document = writer.read(CODE)
    sandbox.traffic.reset()
    for _ in range(2):
        writer.report_transferred(document, booking(), attachments)
    told = sandbox.ixpole.told(CODE)
    assert (told["Status"], told["InvoiceNumber"], told["InvoiceDueDate"]) == ("Open", f"IX-{CODE}", "2099-12-15")
    assert base64.b64decode(told["Pdf"]) == b"%PDF-1.4 \x00\xff invoice"
    assert calls(sandbox) == ["PATCH customers/311", "PUT instalments", "PUT instalments"]
    assert source().waiting() == []


def test_a_draft_goes_back_as_its_number_behind_a_d_and_nothing_else(sandbox: Sandbox) -> None:
    writer, attachments = source(), Printed()
    writer.report_transferred(writer.read(CODE), booking(is_draft=True), attachments)
    [put] = [each for each in sandbox.traffic.log(system="ixpole") if each.method == "PUT"]
    assert put.body == {"InstalmentCode": CODE, "InvoiceNumber": f"DIX-{CODE}"}
    assert (sandbox.ixpole.told(CODE)["Status"], attachments.wanted) == ("Pending", 0)


def test_a_draft_that_became_real_is_written_back_without_reading_the_instalment(sandbox: Sandbox) -> None:
    writer = source()
    writer.report_transferred(writer.read(CODE), booking(is_draft=True), Printed())
    facts = DocumentFacts.from_document(writer.read(CODE))
    sandbox.traffic.reset()
    source().repeated_reports.report_again(facts, booking(number="IX-77"), Printed())
    told = sandbox.ixpole.told(CODE)
    assert (told["Status"], told["InvoiceNumber"], bool(told["Pdf"])) == ("Open", "IX-77", True)
    assert calls(sandbox) == ["PUT instalments"]


def test_without_send_pdf_nobody_prints(sandbox: Sandbox) -> None:
    writer, attachments = source(send_pdf=False), Printed()
    writer.report_transferred(writer.read(CODE), booking(), attachments)
    assert (sandbox.ixpole.told(CODE)["Pdf"], attachments.wanted) == (None, 0)


def test_a_credit_notes_date_stands_where_finance_knows_no_due_date(sandbox: Sandbox) -> None:
    sandbox.ixpole.add(credit())
    writer = source()
    writer.report_transferred(writer.read("INST-2026-0043"), booking(due_date=None), Printed())
    assert sandbox.ixpole.told("INST-2026-0043")["InvoiceDueDate"] == "2026-11-15"


@pytest.mark.parametrize("number", ["D-17", "d17", "D"])
def test_a_real_number_that_begins_with_d_is_refused_before_anything_is_sent(sandbox: Sandbox, number: str) -> None:
    writer = source(customer_codes="source")
    document = writer.read(CODE)
    [problem] = writer.number_rules.number_problems(number)
    assert problem.message == (
        f"Invoice number '{number}' begins with D, and iXpole takes such a number for a draft: "
        "set number_prefix in the route's finance section"
    )
    sandbox.traffic.reset()
    reports: list[Callable[[], object]] = [
        lambda: writer.report_transferred(document, booking(number=number), Printed()),
        lambda: writer.repeated_reports.report_again(
            DocumentFacts.from_document(document), booking(number=number), Printed()
        ),
    ]
    for report in reports:
        with pytest.raises(HeldError, match="begins with D"):
            report()
    assert calls(sandbox) == []
    assert writer.number_rules.number_problems("IX-17") == []


@pytest.mark.parametrize("tenant", [CLUB, ARENA], ids=lambda tenant: tenant.name)
def test_finances_customer_code_is_stored_once_per_run_and_only_where_it_differs(
    sandbox: Sandbox, tenant: Tenant
) -> None:
    memory = Memory()
    for number in (1, 2):
        sandbox.ixpole.add(instalment(number), tenant)
        writer = source(memory, tenant)
        writer.report_transferred(writer.read(f"INST-2026-{number:04d}"), booking(), Printed())
    assert sandbox.ixpole.customers[f"{tenant.name}/311"]["CustomerCode"] == "c1"
    assert [call[:5] for call in calls(sandbox)].count("PATCH") == (2 if tenant is ARENA else 1)
    sandbox.traffic.reset()
    writer = source(None, tenant)
    writer.report_transferred(writer.read(CODE), booking(), Printed())
    assert not [call for call in calls(sandbox) if call.startswith("PATCH")]


@pytest.mark.parametrize(("settings", "code"), [({"customer_codes": "source"}, "c1"), ({}, None)], ids=str)
def test_no_code_is_stored_where_ixpole_gives_them_out_or_finance_has_none(
    sandbox: Sandbox, settings: dict[str, Any], code: str | None
) -> None:
    writer = source(**settings)
    writer.report_transferred(writer.read(CODE), booking(customer_code=code), Printed())
    assert sandbox.ixpole.customers["club/311"]["CustomerCode"] is None


@pytest.mark.parametrize("gone", [True, False], ids=["404", "422"])
def test_a_code_that_ixpole_refuses_keeps_nothing_back(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture, gone: bool
) -> None:
    writer = source()
    document = writer.read(CODE)
    if gone:
        sandbox.ixpole.customers.remove("club/311")
    for _ in range(2):
        writer.report_transferred(document, booking(customer_code="c1" if gone else " "), Printed())
    told = sandbox.ixpole.told(CODE)
    assert (told["Status"], told["InvoiceNumber"], bool(told["Pdf"])) == ("Open", f"IX-{CODE}", True)
    assert calls(sandbox).count("PATCH customers/311") == 1
    assert f"Customer 311: the code {'c1' if gone else ' '} could not be stored in iXpole" in caplog.text


@pytest.mark.parametrize("kind", ["close", "error"])
def test_a_code_whose_answer_was_lost_is_stored_before_anything_is_written_back(sandbox: Sandbox, kind: str) -> None:
    writer = source()
    document = writer.read(CODE)
    sandbox.fault(kind, system="ixpole", method="PATCH", path="*", count=1)
    with pytest.raises(TransientError):
        writer.report_transferred(document, booking(), Printed())
    assert "PUT instalments" not in calls(sandbox)
    writer.report_transferred(document, booking(), Printed())
    assert sandbox.ixpole.customers["club/311"]["CustomerCode"] == "c1"
    assert sandbox.ixpole.told(CODE)["Status"] == "Open"


def test_a_refusal_is_a_refusal_and_a_rejection_cannot_be_told(sandbox: Sandbox) -> None:
    writer = source()
    document = writer.read(CODE)
    sandbox.ixpole.add(instalment(Status="Received"))
    with pytest.raises(RefusedError, match=f"Instalment {CODE} is paid"):
        writer.report_transferred(document, booking(), Printed())
    assert writer.rejections is None
