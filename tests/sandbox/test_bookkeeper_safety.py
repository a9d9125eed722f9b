"""A bookkeeper beside running calls, across restarts, and in any order of entries."""

from __future__ import annotations

import threading
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.bookkeeping import NotPossibleError
from sandbox.sandbox import Sandbox
from sandbox.xero.bookkeeper import XeroBookkeeper
from tests.examples import examples
from tests.sandbox.clients import XeroClient, amounts, line, read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Body = Callable[..., dict[str, Any]]

DAY = date(2026, 11, 12)


def test_only_what_applies_is_offered_and_all_of_it_works(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    xero.put("Invoices", invoice())
    values: dict[str, dict[str, Any]] = {"overpay": {"amount": Decimal(900)}, "renumber": {"number": "Q-9"}}
    offered = sandbox.xero.bookkeeper.document("Q-1").verbs
    assert offered == ("pay", "overpay", "credit", "void", "renumber")
    for position, verb in enumerate(offered):
        xero.put("Invoices", invoice(InvoiceNumber=f"V-{position}"))
        assert getattr(sandbox.xero.bookkeeper, verb)(f"V-{position}", **values.get(verb, {}))


def test_what_was_done_outlives_the_sandbox(tmp_path: Path) -> None:
    with Sandbox(documents=0, state=tmp_path) as first:
        contact = first.xero.add_contact(Name="Acme")
        invoice = {"Contact": {"ContactID": contact["ContactID"]}, "Date": "2026-11-02", "DueDate": "2026-12-02"}
        for number in ("Q-1", "Q-2"):
            first.xero.add_invoice(**invoice, InvoiceNumber=number, Status="AUTHORISED", LineItems=[line()])
        first.xero.bookkeeper.pay("Q-1", on=DAY)
        first.xero.bookkeeper.overpay("Q-2", Decimal(130), DAY)
    with Sandbox(state=tmp_path) as second:
        assert [booked.status for booked in second.xero.bookkeeper.documents()] == ["PAID", "PAID"]
        assert [row["Total"] for row in second.xero.overpayments.rows()] == [Decimal("5.00")]
        second.xero.bookkeeper.unpay("Q-1")
    with Sandbox(state=tmp_path) as third:
        assert [booked.status for booked in third.xero.bookkeeper.documents()] == ["AUTHORISED", "PAID"]


def test_a_call_waits_until_an_entry_is_complete(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    xero.put("Invoices", invoice())
    seen: list[tuple[str, ...]] = []
    reader = threading.Thread(target=lambda: seen.append(amounts(read(xero, "Q-1"))))
    with sandbox.store.attempt():
        reader.start()
        reader.join(0.3)
        assert (reader.is_alive(), seen) == (True, [])
        sandbox.xero.bookkeeper.pay("Q-1", Decimal("25.00"))
        sandbox.xero.bookkeeper.pay("Q-1")
    reader.join(10)
    assert seen == [("PAID", "0.00", "125.00", "0.00")]


SHARES = st.sampled_from([None, Decimal("0.01"), Decimal("40.00"), Decimal("125.00"), Decimal("125.01")])


@settings(max_examples=examples(60))
@given(steps=st.lists(st.tuples(st.sampled_from(list(XeroBookkeeper.verbs)), SHARES), max_size=8), draft=st.booleans())
def test_whatever_is_done_the_balance_holds(
    server: Sandbox, steps: list[tuple[str, Decimal | None]], draft: bool
) -> None:
    server.reset(documents=0)
    desk, status = server.xero.bookkeeper, "DRAFT" if draft else "AUTHORISED"
    contact = {"ContactID": server.xero.add_contact(Name="Acme")["ContactID"]}
    made = server.xero.add_invoice(
        Contact=contact, InvoiceNumber="Q-1", Date="2026-11-02", DueDate="2026-12-02", Status=status, LineItems=[line()]
    )["InvoiceID"]
    for number, (verb, amount) in enumerate(steps):
        before, row = desk.document(made), server.xero.invoices[made]
        fields = desk.verbs[verb].fields
        values: dict[str, Any] = {"number": f"Q-1-{number}"} if "number" in fields else {}
        if "amount" in fields and (amount or verb == "overpay"):
            values["amount"] = amount or Decimal(500)
        try:
            getattr(desk, verb)(made, **values)
        except NotPossibleError:
            # What is offered is refused for its amount only.
            assert verb not in before.verbs or "amount" in values
            assert server.xero.invoices[made] is row
            continue
        assert verb in before.verbs
        after, row, earlier = desk.document(made), server.xero.invoices[made], row
        assert row["UpdatedDateUTC"] > earlier["UpdatedDateUTC"]
        if after.status in ("AUTHORISED", "PAID"):
            assert after.due + after.paid + after.credited == after.total == Decimal("125.00")
            assert (after.due == 0) is (after.status == "PAID") is (row["FullyPaidOnDate"] is not None)


def test_calls_at_the_same_time_spend_every_krone_once(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    """A bookkeeper in this thread and integrations over HTTP pay the same invoice, together no more than its total."""
    made = xero.put("Invoices", invoice(line("80.00")))["InvoiceID"]
    body = {"Invoice": {"InvoiceID": made}, "Account": {"Code": "090"}, "Date": "2026-11-10", "Amount": "1.00"}
    half_states: list[Any] = []

    def integrate() -> None:
        client = XeroClient(sandbox)
        with client.session:
            for _ in range(30):
                client.write("PUT", "Payments", {"Payments": [body]})
                seen = client.get(f"Invoices/{made}")["Invoices"][0]
                if seen["AmountPaid"] != sum(each["Amount"] for each in seen["Payments"]):
                    half_states.append(seen)

    threads = [threading.Thread(target=integrate) for _ in range(3)]
    for thread in threads:
        thread.start()
    by_hand = 0
    for _ in range(60):
        try:
            sandbox.xero.bookkeeper.pay(made, Decimal("1.00"))
            by_hand += 1
        except NotPossibleError:
            break
    for thread in threads:
        thread.join()

    assert amounts(read(xero, made)) == ("PAID", "0.00", "100.00", "0.00")
    assert len(sandbox.xero.payments) == 100
    assert by_hand
    assert half_states == []
