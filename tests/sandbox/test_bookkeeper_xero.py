"""A bookkeeper in Xero: every verb and every refusal, seen through the API (xero.md, "Payment status")."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.bookkeeping import BadRequestError, BookkeepingError, NotPossibleError, UnknownDocumentError
from tests.sandbox.clients import XeroClient, amounts, line, read

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.sandbox import Sandbox

    Body = Callable[..., dict[str, Any]]

DAY = date(2026, 11, 12)
DAY_AS_TOLD = "/Date(1794441600000+0000)/"
NOTHING = Decimal("0.00")


class Changes:
    """What `If-Modified-Since` tells: every poll asks for what changed since the newest change seen before."""

    def __init__(self, sandbox: Sandbox, xero: XeroClient, resource: str = "Invoices") -> None:
        self._sandbox, self._xero, self._resource = sandbox, xero, resource

    def __enter__(self) -> Changes:
        self._sandbox.clock.advance(2)
        self._since = self._sandbox.clock.now().strftime("%Y-%m-%dT%H:%M:%S")
        assert self.seen() == []
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def seen(self) -> list[str]:
        params = {"where": 'Type=="ACCREC"', "summaryOnly": "true", "order": "InvoiceID", "page": "1"}
        if self._resource == "CreditNotes":
            params = {"where": 'Type=="ACCRECCREDIT"', "order": "CreditNoteID", "page": "1"}
        headers = {"If-Modified-Since": self._since}
        answer = self._xero.call("GET", self._resource, params=params, headers=headers)
        assert answer.status_code == 200, answer.text
        return [
            f"{each.get('InvoiceNumber') or each.get('CreditNoteNumber')} {each['Status']}"
            for each in answer.json()[self._resource]
        ]


def test_paid_in_full_and_taken_back(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    xero.put("Invoices", invoice())
    with Changes(sandbox, xero) as changes:
        payment_id = sandbox.xero.bookkeeper.pay("q-1", on=DAY)
        assert changes.seen() == ["Q-1 PAID"]
    paid = read(xero, "Q-1")
    assert amounts(paid) == ("PAID", "0.00", "125.00", "0.00")
    assert paid["FullyPaidOnDate"] == DAY_AS_TOLD
    assert [each["PaymentID"] for each in paid["Payments"]] == [payment_id]

    with Changes(sandbox, xero) as changes:
        assert sandbox.xero.bookkeeper.unpay(paid["InvoiceID"]) == [payment_id]
        assert changes.seen() == ["Q-1 AUTHORISED"]
    open_again = read(xero, "Q-1")
    assert amounts(open_again) == ("AUTHORISED", "125.00", "0.00", "0.00")
    assert "FullyPaidOnDate" not in open_again
    assert read(xero, payment_id, "Payments")["Status"] == "DELETED"


def test_paid_in_parts(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    xero.put("Invoices", invoice())
    with Changes(sandbox, xero) as changes:
        sandbox.xero.bookkeeper.pay("Q-1", Decimal("25.00"))
        assert changes.seen() == ["Q-1 AUTHORISED"]
    part = read(xero, "Q-1")
    assert (amounts(part), "FullyPaidOnDate" in part) == (("AUTHORISED", "100.00", "25.00", "0.00"), False)
    sandbox.xero.bookkeeper.pay("Q-1", on=DAY)
    assert amounts(read(xero, "Q-1")) == ("PAID", "0.00", "125.00", "0.00")


def test_a_payment_is_of_today_but_never_before_the_invoice(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    today = sandbox.clock.today()
    xero.put("Invoices", invoice())
    xero.put("Invoices", invoice(InvoiceNumber="Q-2", Date="2099-11-02", DueDate="2099-12-02"))
    days = [
        sandbox.xero.payments[sandbox.xero.bookkeeper.pay(number)]["Date"] for number in ("Q-1", "Q-2")
    ]  # fmt: skip
    assert days == [max(today, date(2026, 11, 2)).isoformat(), "2099-11-02"]


def test_overpaid_is_paid_exactly_and_the_rest_is_the_contacts(
    sandbox: Sandbox, xero: XeroClient, invoice: Body, contact: str
) -> None:
    xero.put("Invoices", invoice())
    sandbox.xero.bookkeeper.pay("Q-1", Decimal("25"))
    with Changes(sandbox, xero) as changes:
        sandbox.xero.bookkeeper.overpay("Q-1", Decimal("130.50"), DAY)
        assert changes.seen() == ["Q-1 PAID"]
    assert amounts(read(xero, "Q-1")) == ("PAID", "0.00", "125.00", "0.00")
    [rest] = sandbox.xero.overpayments.rows()
    assert (rest["ContactID"], rest["RemainingCredit"], rest["Date"]) == (contact, Decimal("30.50"), "2026-11-12")


def test_what_was_paid_too_much_is_set_off_against_another_invoice(
    sandbox: Sandbox, xero: XeroClient, invoice: Body
) -> None:
    xero.put("Invoices", invoice(), invoice(InvoiceNumber="Q-2"), invoice(InvoiceNumber="Q-3"))
    desk = sandbox.xero.bookkeeper
    desk.overpay("Q-1", Decimal(275), DAY)
    with Changes(sandbox, xero) as changes:
        used = desk.set_off("Q-2", on=DAY)
        assert changes.seen() == ["Q-2 PAID"]
    cleared = read(xero, "Q-2")
    assert amounts(cleared) == ("PAID", "0.00", "0.00", "125.00")
    assert (cleared["Payments"], cleared["CreditNotes"], cleared["FullyPaidOnDate"]) == ([], [], DAY_AS_TOLD)
    [advance] = cleared["Overpayments"]
    assert (advance["OverpaymentID"], advance["AppliedAmount"], advance["Total"]) == (used, 125, 150)
    with pytest.raises(NotPossibleError, match=r"more than the 25\.00 NOK left to be set off"):
        desk.set_off("Q-3", Decimal(26))
    assert desk.set_off("Q-3", on=DAY) == used
    assert amounts(read(xero, "Q-3")) == ("AUTHORISED", "100.00", "0.00", "25.00")
    assert sandbox.xero.overpayments[used]["Status"] == "PAID"
    with pytest.raises(NotPossibleError, match="cannot be set off"):
        desk.set_off("Q-3")


@pytest.mark.parametrize("kind", ["Exclusive", "Inclusive", "NoTax"])
def test_credited_in_full_is_paid_without_money(sandbox: Sandbox, xero: XeroClient, invoice: Body, kind: str) -> None:
    lines = [line("33.3333", "3"), line("19.99", account="205")]
    made = xero.put("Invoices", invoice(*lines, LineAmountTypes=kind, CurrencyCode="EUR"))
    with Changes(sandbox, xero) as changes:
        note_id = sandbox.xero.bookkeeper.credit("Q-1", on=DAY)
        assert changes.seen() == ["Q-1 PAID"]
    credited, note = read(xero, "Q-1"), read(xero, note_id, "CreditNotes")
    assert amounts(credited) == ("PAID", "0.00", "0.00", str(made["Total"]))
    assert (credited["Payments"], credited["FullyPaidOnDate"]) == ([], DAY_AS_TOLD)
    assert (note["Status"], note["RemainingCredit"], note["CurrencyCode"]) == ("PAID", NOTHING, "EUR")
    assert (note["Total"], note["TotalTax"]) == (made["Total"], made["TotalTax"])


@pytest.mark.parametrize("kind", ["Exclusive", "Inclusive", "NoTax"])
def test_credited_in_part(sandbox: Sandbox, xero: XeroClient, invoice: Body, kind: str) -> None:
    made = xero.put("Invoices", invoice(LineAmountTypes=kind))
    note = read(xero, sandbox.xero.bookkeeper.credit("Q-1", Decimal("33.33")), "CreditNotes")
    assert (note["Total"], note["Status"]) == (Decimal("33.33"), "PAID")
    rest = made["Total"] - Decimal("33.33")
    assert amounts(read(xero, "Q-1")) == ("AUTHORISED", str(rest), "0.00", "33.33")
    sandbox.xero.bookkeeper.pay("Q-1")
    assert amounts(read(xero, "Q-1")) == ("PAID", "0.00", str(rest), "33.33")


def test_voided_keeps_its_number(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    xero.put("Invoices", invoice())
    with Changes(sandbox, xero) as changes:
        sandbox.xero.bookkeeper.void("Q-1")
        assert changes.seen() == ["Q-1 VOIDED"]
    assert amounts(read(xero, "Q-1")) == ("VOIDED", "0.00", "0.00", "0.00")


def test_a_draft_is_deleted_and_its_number_is_free(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    first = xero.put("Invoices", invoice(Status="DRAFT"))["InvoiceID"]
    with Changes(sandbox, xero) as changes:
        sandbox.xero.bookkeeper.delete("Q-1")
        assert changes.seen() == ["Q-1 DELETED"]
    with pytest.raises(NotPossibleError, match=r"Invoice Q-1 is DELETED and cannot be authorised"):
        sandbox.xero.bookkeeper.authorise("Q-1")
    second = xero.put("Invoices", invoice())["InvoiceID"]
    assert sandbox.xero.bookkeeper.document("Q-1").id == second
    assert sandbox.xero.bookkeeper.document(first).status == "DELETED"


def test_a_draft_is_authorised_with_another_due_date(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    made = xero.put("Invoices", invoice(line("33.333", "3"), Status="DRAFT", DueDate=None))
    with pytest.raises(NotPossibleError, match=r"Q-1 cannot be authorised: The DueDate field must be specified"):
        sandbox.xero.bookkeeper.authorise("Q-1")
    with Changes(sandbox, xero) as changes:
        sandbox.xero.bookkeeper.authorise("Q-1", due=date(2026, 12, 24))
        assert changes.seen() == ["Q-1 AUTHORISED"]
    now = read(xero, "Q-1")
    assert (now["DueDateString"], now["AmountDue"]) == ("2026-12-24T00:00:00", made["Total"])
    xero.put("Invoices", invoice(InvoiceNumber="Q-2", Status="SUBMITTED"))
    sandbox.xero.bookkeeper.authorise("Q-2")
    assert read(xero, "Q-2")["DueDateString"] == "2026-12-02T00:00:00"


@pytest.mark.parametrize("paid", [False, True])
def test_renumbered_at_any_time_but_not_to_a_number_that_is_taken(
    sandbox: Sandbox, xero: XeroClient, invoice: Body, paid: bool
) -> None:
    made = xero.put("Invoices", invoice())["InvoiceID"]
    xero.put("Invoices", invoice(InvoiceNumber="Q-2"))
    if paid:
        sandbox.xero.bookkeeper.pay("Q-1")
    before = read(xero, made)
    with pytest.raises(NotPossibleError, match=r"Invoice Q-1 cannot be renumbered: Invoice # must be unique"):
        sandbox.xero.bookkeeper.renumber("Q-1", "q-2")
    with Changes(sandbox, xero) as changes:
        sandbox.xero.bookkeeper.renumber("Q-1", "H-1")
        assert changes.seen() == [f"H-1 {before['Status']}"]
    after = read(xero, made)
    assert {name for name in after if after[name] != before[name]} == {
        "InvoiceNumber", "UpdatedDateUTC", "UpdatedDateUTCString",
    }  # fmt: skip
    assert xero.get("Invoices", InvoiceNumbers="Q-1")["Invoices"] == []


def test_a_credit_note_is_refunded_and_that_taken_back(sandbox: Sandbox, xero: XeroClient, credit_note: Body) -> None:
    xero.put("CreditNotes", credit_note())
    sandbox.xero.bookkeeper.refund("Q-2", Decimal("25"), date(2026, 11, 10))
    assert read(xero, "Q-2", "CreditNotes")["RemainingCredit"] == Decimal("100.00")
    with Changes(sandbox, xero, "CreditNotes") as changes:
        sandbox.xero.bookkeeper.refund("Q-2", on=DAY)
        assert changes.seen() == ["Q-2 PAID"]
    refunded = read(xero, "Q-2", "CreditNotes")
    assert (refunded["RemainingCredit"], refunded["FullyPaidOnDate"]) == (NOTHING, DAY_AS_TOLD)
    assert len(sandbox.xero.bookkeeper.unpay("Q-2")) == 2
    again = read(xero, "Q-2", "CreditNotes")
    assert (again["Status"], again["RemainingCredit"], "FullyPaidOnDate" in again) == (
        "AUTHORISED", Decimal("125.00"), False,
    )  # fmt: skip


def test_a_credit_note_is_voided_deleted_authorised_and_renumbered(
    sandbox: Sandbox, xero: XeroClient, credit_note: Body
) -> None:
    for number, status in (("C-1", "AUTHORISED"), ("C-2", "DRAFT"), ("C-3", "DRAFT"), ("C-4", "DRAFT")):
        xero.put("CreditNotes", credit_note(CreditNoteNumber=number, Status=status))
    desk = sandbox.xero.bookkeeper
    with Changes(sandbox, xero, "CreditNotes") as changes:
        ids = [desk.void("C-1"), desk.delete("C-2"), desk.authorise("C-3"), desk.renumber("C-4", "C-5")]
        assert sorted(changes.seen()) == ["C-1 VOIDED", "C-2 DELETED", "C-3 AUTHORISED", "C-5 DRAFT"]
    notes = [read(xero, note_id, "CreditNotes") for note_id in ids]
    assert [note["RemainingCredit"] for note in notes] == [NOTHING, NOTHING, Decimal("125.00"), Decimal("125.00")]


@pytest.mark.parametrize(
    ("made", "verb", "values", "reason"),
    [
        ("draft", "pay", {}, "Invoice Q-1 is DRAFT and cannot be paid."),
        ("draft", "void", {}, "Invoice Q-1 is DRAFT and cannot be voided."),
        ("draft", "credit", {}, "Invoice Q-1 is DRAFT and cannot be credited."),
        ("open", "delete", {}, "Invoice Q-1 is AUTHORISED and cannot be deleted."),
        ("open", "authorise", {}, "Invoice Q-1 is AUTHORISED and cannot be authorised."),
        ("open", "refund", {}, "Invoice Q-1 is AUTHORISED and cannot be refunded."),
        ("open", "unpay", {}, "Invoice Q-1 has no payment that could be taken back."),
        ("open", "pay", {"amount": Decimal("125.01")}, "125.01 NOK are more than the 125.00 NOK due of Invoice Q-1."),
        ("open", "credit", {"amount": Decimal("126")}, "126.00 NOK are more than the 125.00 NOK due of Invoice Q-1."),
        ("open", "overpay", {"amount": Decimal("125")}, "125.00 NOK are no overpayment of Invoice Q-1: 125.00 NOK are"),
        ("open", "pay", {"on": date(2026, 8, 31)}, "Invoice Q-1 cannot be paid: The payment date cannot be before the"),
        ("open", "credit", {"on": date(2026, 8, 31)}, "Invoice Q-1 cannot be credited: The document date cannot be"),
        ("open", "renumber", {"number": "x" * 255 + "y"}, "must be a text of 1 to 255 characters"),
        ("open", "pay", {"amount": Decimal("1.001")}, "amount must be more than 0 and have two decimals at most"),
        ("open", "pay", {"amount": Decimal("0")}, "amount must be more than 0"),
        ("open", "overpay", {"amount": Decimal("-200")}, "amount must be more than 0"),
        ("part", "void", {}, "Invoice Q-1 has payments or credits and cannot be voided."),
        ("paid", "pay", {}, "Invoice Q-1 is PAID and cannot be paid."),
        ("paid", "overpay", {"amount": Decimal("1")}, "Invoice Q-1 is PAID and cannot be overpaid."),
        ("paid", "credit", {}, "Invoice Q-1 is PAID and cannot be credited."),
        ("paid", "void", {}, "Invoice Q-1 is PAID and cannot be voided."),
        ("credited", "unpay", {}, "has no payment that could be taken back: it was settled by credit."),
        ("voided", "pay", {}, "Invoice Q-1 is VOIDED and cannot be paid."),
        ("voided", "renumber", {"number": "Q-9"}, "Invoice Q-1 is VOIDED and cannot be renumbered."),
        ("note", "pay", {}, "Credit note Q-1 is AUTHORISED and cannot be paid."),
        ("note", "refund", {"amount": Decimal("200")}, "200.00 NOK are more than the 125.00 NOK remaining credit of"),
        ("nothing", "pay", {}, "Xero has no invoice or credit note Q-1."),
    ],
)  # fmt: skip
def test_what_is_refused_changes_nothing(
    sandbox: Sandbox,
    xero: XeroClient,
    invoice: Body,
    credit_note: Body,
    made: str,
    verb: str,
    values: dict[str, Any],
    reason: str,
) -> None:
    desk = sandbox.xero.bookkeeper
    if made == "note":
        xero.put("CreditNotes", credit_note(CreditNoteNumber="Q-1"))
    elif made != "nothing":
        xero.put("Invoices", invoice(Status="DRAFT" if made == "draft" else "AUTHORISED"))
    if made in ("part", "paid"):
        desk.pay("Q-1", Decimal(1) if made == "part" else None)
    if made == "credited":
        desk.credit("Q-1")
    if made == "voided":
        desk.void("Q-1")
    before = [table.rows() for table in sandbox.store.tables]

    with pytest.raises(BookkeepingError) as refused:
        getattr(desk, verb)("Q-1", **values)
    assert reason in str(refused.value)
    expected = BadRequestError if "amount must" in reason or "characters" in reason else NotPossibleError
    assert type(refused.value) is (UnknownDocumentError if made == "nothing" else expected)
    assert [table.rows() for table in sandbox.store.tables] == before
