"""The finance system as the core sees it, on the played Quiddly."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge.hooks.auth.tokens import MemoryTokenStore
from invoice_bridge.hooks.quiddly.hook import QuiddlyHook
from invoice_bridge.systems.quiddly.finance import QuiddlyFinance
from invoice_bridge.systems.registry import open_finance
from invoice_bridge_core.documents import DocumentKind, DocumentRef
from invoice_bridge_core.errors import (
    ConfigurationError,
    GarbledAnswerError,
    InDoubtError,
    NumberTakenError,
    TransientError,
)
from invoice_bridge_core.ports import ReferenceData
from invoice_bridge_core.ports.booking_status import BookingStatus
from tests.builders import party
from tests.hooks.scripted_server import connection_json, reply, scripted_server
from tests.systems.found import booked_as
from tests.systems.quiddly.bodies import booker, quiddly_route, swedish

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ports import Booking
    from sandbox.sandbox import Sandbox

NOTHING = ReferenceData(body={}, fingerprint="")
OWN = DocumentRef(system="qondor", conn_id="qondor_default", source_id="7")


@pytest.fixture
def sandbox(running: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    running.reset(documents=0)
    monkeypatch.setenv("AIRFLOW_CONN_QUIDDLY_DEFAULT", json.dumps(running.connections["quiddly_default"]))
    return running


def finance(**settings: Any) -> QuiddlyFinance:
    return QuiddlyFinance(QuiddlyHook(sleep=lambda _: None), quiddly_route(**settings))


def create(one: Document, credited: Booking | None = None, **settings: Any) -> Booking:
    return finance(**settings).bookings.create(one, "any", NOTHING, credited, idempotency_key="key")


def statuses(quiddly: QuiddlyFinance, *finance_ids: str) -> dict[str, BookingStatus]:
    """What Quiddly says of them when it is asked for each."""
    assert quiddly.statuses is not None
    return quiddly.statuses.by_id(finance_ids)


def test_the_registry_finds_it_by_its_name(sandbox: Sandbox) -> None:
    opened = open_finance(quiddly_route(), MemoryTokenStore())
    assert (type(opened), opened.system, opened.conn_id) == (QuiddlyFinance, "quiddly", "quiddly_default")


def test_a_customer_is_a_contact_without_any_call(sandbox: Sandbox) -> None:
    quiddly = finance()
    who = party()
    assert quiddly.contacts.find(who).contact_id == "C-901"
    assert quiddly.contacts.find(party(customer_number=None)).contact_id == "901"
    assert (quiddly.contact_editor, quiddly.reference, quiddly.items) == (None, None, None)
    assert sandbox.calls()["quiddly"] == {"calls": {}, "reads": 0, "writes": 0, "tokens": 0}


def test_what_makes_a_customer_another_one() -> None:
    identity = finance().contacts.identity
    same, renamed, other = identity(party()), identity(party(name="Acme 2")), identity(party(key="902"))
    assert same.key == renamed.key != other.key
    assert same.fingerprint != renamed.fingerprint
    assert same.lock_keys == other.lock_keys  # two customers of one number are one debtor in Quiddly
    assert identity(booker()).key == identity(booker(key="other", email="KARI@people.example")).key


def test_a_booking_found_is_the_booking_made(sandbox: Sandbox) -> None:
    one = swedish(project_number="P-5501")
    made, found = create(one, printed_mark="full"), booked_as(finance(), one)
    assert found == made
    assert (made.number, made.status, made.currency, made.total) == ("QQ-10023", "CREATED", "SEK", 10000)
    assert (made.contact_id, made.customer_code, made.is_draft) == ("C-901", "C-901", False)
    assert made.marker == finance(printed_mark="full").bookings.marker(one) == "qondor:qondor_default:12345"
    assert str(made.due_date) == "2026-12-02"
    assert booked_as(finance(), swedish(number="Q-2")) is None
    with pytest.raises(NumberTakenError):
        create(one)


def test_a_credits_total_is_positive_and_a_tax_reduction_belongs_to_it(sandbox: Sandbox) -> None:
    reduced: dict[str, Any] = {"custom_fields": {"tax_reduction": "ROT"}}
    one = swedish(custom_fields=(("ROT", "1500"),))
    credit = one.model_copy(update={"kind": DocumentKind.CREDIT_NOTE, "number": "Q-2", "credited_number": one.number})
    invoice = create(one, **reduced)
    assert invoice.to_pay == 8500
    assert invoice.total == create(credit, invoice, **reduced).total == 10000
    for each in (one, credit):
        found = booked_as(finance(**reduced), each)
        assert found is not None
        assert (found.total, found.to_pay) == (10000, 8500)
    [_, sent] = sandbox.quiddly.invoices.rows()
    assert (sent["totals"]["totalToPay"], sent["debitInvoiceNumber"]) == (-8500, "QQ-10023")


def test_a_draft_becomes_real_when_somebody_activates_it(sandbox: Sandbox) -> None:
    quiddly = finance(activate=False)
    draft = create(swedish(), activate=False)
    assert draft.is_draft
    [(_, told)] = statuses(quiddly, draft.finance_id).items()
    party = swedish().party
    assert party is not None
    assert told == BookingStatus(booking=draft, dated=told.dated, contact_name=party.name, lines=told.lines)
    assert [line.total for line in told.lines or ()] == [8000]
    sandbox.quiddly.rules.activate(draft.finance_id, {})
    [(finance_id, real)] = statuses(quiddly, draft.finance_id, "I.999").items()
    assert (finance_id, real.booking.is_draft, real.booking.status) == (draft.finance_id, False, "ACTIVATED")
    assert finance(activate=False, invoice_path=None).statuses is None


def test_the_pdf_comes_from_the_routes_path(sandbox: Sandbox) -> None:
    made = create(swedish())
    assert finance().files.pdf(made).startswith(b"%PDF-")
    with pytest.raises(ConfigurationError, match="has no invoice_pdf_path"):
        finance(invoice_pdf_path=None).files.pdf(made)


def test_the_credited_invoice_is_found_with_the_prefix_or_without(sandbox: Sandbox) -> None:
    create(swedish(number="Q-9"))
    create(swedish(number="77"), number_prefix="H-")
    for credited, debit in (("Q-9", "QQ-9"), ("H-77", "H-77")):
        credit = swedish(kind=DocumentKind.CREDIT_NOTE, credited_number=credited)
        quiddly = finance()
        found = quiddly.credited_invoices.find_credited(credit)
        assert found is not None
        assert found.number == debit
        assert quiddly.bookings.payload(credit, "", NOTHING, found)["debitInvoiceNumber"] == debit
    assert finance().credited_invoices.find_credited(swedish(credited_number="Q-1")) is None
    assert finance(invoice_search_path=None).credited_invoices.find_credited(swedish(credited_number="Q-9")) is None


@pytest.mark.parametrize(
    ("stranger", "why"),
    [
        ({"party": party(customer_number="C-1"), "ref": OWN}, "its debtor is C-1, not C-901"),
        ({"currency": "EUR", "ref": OWN}, "it is in EUR, not SEK"),
        ({"ref": DocumentRef(system="qondor", conn_id="qondor_default", source_id="8")}, "it carries the mark of ano"),
        ({"ref": DocumentRef(system="ixpole", conn_id="ixpole_default", source_id="7")}, "it carries the mark of ano"),
    ],
)
def test_a_strangers_invoice_of_the_number_is_not_the_credited_one(
    sandbox: Sandbox, stranger: dict[str, Any], why: str, caplog: pytest.LogCaptureFixture
) -> None:
    credit = swedish(kind=DocumentKind.CREDIT_NOTE, credited_number="77", credited_source_id="7")
    settings: dict[str, Any] = {"exchange_rates": {"EUR": "11.5"}, "printed_mark": "full"}
    create(swedish(number="77", **stranger), **settings)
    assert finance().credited_invoices.find_credited(credit) is None
    assert f"Invoice Q77 in Quiddly is not what Q-10023 credits: {why}" in caplog.text
    # The one that it names stands under the bare number, made by hand, without a mark.
    by_hand = create(swedish(number="77"), number_prefix="")
    sandbox.quiddly.invoices.change(by_hand.finance_id, ourOrderNumber=None)
    found = finance().credited_invoices.find_credited(credit)
    assert found is not None
    assert found.finance_id == by_hand.finance_id


def test_the_credited_invoice_may_carry_its_own_mark(sandbox: Sandbox) -> None:
    made = create(swedish(number="77", ref=OWN))
    for source_id in ("7", None):
        credit = swedish(kind=DocumentKind.CREDIT_NOTE, credited_number="77", credited_source_id=source_id)
        found = finance().credited_invoices.find_credited(credit)
        assert found is not None
        assert found.finance_id == made.finance_id


@pytest.mark.parametrize("status", ["NEW", "OPEN"])
def test_a_word_that_proves_nothing_leaves_it_a_draft(
    sandbox: Sandbox, status: str, caplog: pytest.LogCaptureFixture
) -> None:
    draft = create(swedish(), activate=False)
    sandbox.quiddly.invoices.change(draft.finance_id, status=status)
    [booking_status] = statuses(finance(activate=False), draft.finance_id).values()
    assert (booking_status.booking.is_draft, booking_status.booking.status) == (True, status)
    assert ("says OPEN of QQ-10023" in caplog.text) == (status == "OPEN")


def test_a_path_that_knows_none_of_several_is_not_taken_for_all_deleted(sandbox: Sandbox) -> None:
    ids = [create(swedish(number=number), activate=False).finance_id for number in ("Q-1", "Q-2")]
    astray = finance(activate=False, invoice_path="/nowhere/{id}")
    with pytest.raises(ConfigurationError, match=r"none of the 2 invoices .*check the route's invoice_path"):
        statuses(astray, *ids)
    blind = finance(activate=False, invoice_path="/nowhere/{id}", invoice_list_path=None)
    with pytest.raises(ConfigurationError, match="check the route's invoice_path"):
        statuses(blind, *ids)
    assert list(statuses(finance(activate=False), *ids, "I.999")) == ids
    assert statuses(finance(activate=False), "I.999") == {}


def test_what_was_all_deleted_is_gone_as_the_list_shows(sandbox: Sandbox) -> None:
    ids = [create(swedish(number=number), activate=False).finance_id for number in ("Q-1", "Q-2", "Q-3")]
    for finance_id in ids[:2]:
        sandbox.quiddly.bookkeeper.changes.delete(finance_id)
    assert statuses(finance(activate=False), *ids[:2]) == {}
    with pytest.raises(ConfigurationError, match="invoice_path"):
        statuses(finance(activate=False, invoice_path="/nowhere/{id}"), *ids[:2])
    sandbox.quiddly.bookkeeper.changes.delete(ids[2])
    assert statuses(finance(activate=False), *ids) == {}


@pytest.mark.parametrize("path", [None, "/elsewhere?page={page}"])
def test_without_a_list_nobody_says_that_all_were_deleted(sandbox: Sandbox, path: str | None) -> None:
    ids = [create(swedish(number=number), activate=False).finance_id for number in ("Q-1", "Q-2")]
    for finance_id in ids:
        sandbox.quiddly.bookkeeper.changes.delete(finance_id)
    with pytest.raises(ConfigurationError, match="invoice_list_path"):
        statuses(finance(activate=False, invoice_list_path=path), *ids)


def test_a_list_that_fails_proves_nothing(sandbox: Sandbox) -> None:
    ids = [create(swedish(number=number), activate=False).finance_id for number in ("Q-1", "Q-2")]
    for finance_id in ids:
        sandbox.quiddly.bookkeeper.changes.delete(finance_id)
    sandbox.fault("error", system="quiddly", path="/invoices")
    with pytest.raises(TransientError):
        statuses(finance(activate=False), *ids)


def test_without_a_path_nobody_says_that_a_number_is_free(sandbox: Sandbox) -> None:
    with pytest.raises(InDoubtError, match="QQ-10023 may be in Quiddly already"):
        booked_as(finance(invoice_search_path=None), swedish())


@pytest.mark.parametrize(
    "answer",
    [
        [{"id": "I.1"}],
        [{"id": "I.1", "invoiceNumber": "QQ-10023"}],
        [{"id": "I.1", "invoiceNumber": "QQ-10023", "currency": {"invoiceCurrency": "SEK"}, "totals": {"total": 1}}],
    ],
)
def test_an_answer_that_tells_too_little_is_neither_found_nor_not_found(
    answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted_server() as server:
        connection = connection_json(conn_type="quiddly", host=server.url, password="token")
        monkeypatch.setenv("AIRFLOW_CONN_QUIDDLY_DEFAULT", connection)
        server.answers(reply(answer))
        with pytest.raises(GarbledAnswerError, match=r"without its|no number"):
            booked_as(finance(), swedish())


def test_the_client_of_a_shared_erp_goes_into_the_body_and_nowhere_else(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "client_id" not in finance().bookings.payload(swedish(), "", NOTHING)
    connection = {**sandbox.connections["quiddly_default"], "extra": {"client_id": "C.7"}}
    monkeypatch.setenv("AIRFLOW_CONN_QUIDDLY_DEFAULT", json.dumps(connection))
    create(swedish())
    [made] = sandbox.quiddly.invoices.rows()
    assert made["client_id"] == "C.7"
