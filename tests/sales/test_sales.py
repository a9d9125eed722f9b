"""Finance's documents become Qondor's sales, each once, and stay in step."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from invoice_bridge_core.errors import ConfigurationError

if TYPE_CHECKING:
    from tests.sales.shop import Shop

ON = dt.date(2026, 11, 20)


def test_what_is_sent_becomes_a_sale_of_its_project(both: Shop) -> None:
    both.book(1, 2)
    assert both.sync() == {both.name_of(1): "shown", both.name_of(2): "shown"}
    assert both.wrong() == []
    sale = both.sale(1)
    finance_id = both.world.booking(50001).finance_id
    system = both.world.route.finance.system_name
    assert sale | {"id": 0} == {
        "id": 0,
        "projectId": 5501,
        "externalReference": f"{both.world.route.finance.conn_id}:{finance_id}",
        "invoiceNumber": both.name_of(1),
        "description": f"Invoice {both.name_of(1)} in {system}",
        "date": "2026-11-02",
        "dueDate": "2026-12-02",
        "currency": "NOK" if both.into_xero else "SEK",
        "amountExclVat": Decimal(8000),
        "amountInclVat": Decimal(10000),
        "isPaid": False,
        "paidDate": None,
    }


def test_a_second_run_sends_nothing(both: Shop) -> None:
    both.book(1)
    both.sync()
    both.sandbox.traffic.reset()
    assert both.sync() == {}
    assert both.writes() == []
    assert [call for call in both.world.calls("qondor") if "/Sale" in call.path] == []


def test_a_payment_and_its_end_change_the_same_sale(both: Shop) -> None:
    both.book(1)
    both.sync()
    both.bookkeeper.pay(both.name_of(1), on=ON)
    assert both.sync() == {both.name_of(1): "shown"}
    assert (both.sale(1)["isPaid"], both.sale(1)["paidDate"]) == (True, "2026-11-20")
    if both.into_xero:
        both.bookkeeper.unpay(both.name_of(1))
    else:
        both.bookkeeper.correct(both.name_of(1), on=ON)
    assert both.sync() == {both.name_of(1): "shown"}
    assert (both.sale(1)["isPaid"], both.sale(1)["paidDate"]) == (False, None)
    assert both.wrong() == []


def test_a_part_payment_is_no_news(both: Shop) -> None:
    both.book(1)
    both.sync()
    both.bookkeeper.pay(both.name_of(1), Decimal(100), on=ON)
    assert both.sync() == {}


def test_another_number_and_another_due_date_change_the_same_sale(xero: Shop) -> None:
    xero.book(1)
    xero.sync()
    xero.bookkeeper.changes.due("T-1", dt.date(2026, 12, 24))
    xero.bookkeeper.renumber("T-1", "X-9")
    assert xero.sync() == {"X-9": "shown"}
    assert xero.sale_named("X-9")["dueDate"] == "2026-12-24"
    assert xero.wrong() == []


def test_quiddly_is_asked_once_a_day_for_what_a_person_changed(quiddly: Shop) -> None:
    quiddly.book(1)
    quiddly.sync()
    quiddly.bookkeeper.changes.due("QT-1", dt.date(2026, 12, 24))
    assert quiddly.sync() == {}
    ends = quiddly.world.run_sales(quiddly.world.now() + dt.timedelta(hours=25))
    assert [str(end.outcome) for end in ends.values()] == ["shown"]
    assert quiddly.sale(1)["dueDate"] == "2026-12-24"


def test_a_credit_note_is_a_negative_sale(xero: Shop) -> None:
    xero.book(1)
    xero.credit(2, of=1)
    xero.sync()
    sale = xero.sale(2)
    assert (sale["amountExclVat"], sale["amountInclVat"]) == (Decimal(-8000), Decimal(-10000))
    assert sale["description"] == "Credit note T-2 in Xero"
    assert sum(row["amountInclVat"] for row in xero.sandbox.qondor.sales.all()) == 0
    assert xero.wrong() == []


def test_what_is_voided_comes_to_nothing_and_says_so(xero: Shop) -> None:
    xero.book(1)
    xero.sync()
    xero.bookkeeper.void("T-1")
    assert xero.sync() == {"T-1": "shown"}
    sale = xero.sale(1)
    assert (sale["amountExclVat"], sale["amountInclVat"], sale["isPaid"]) == (0, 0, False)
    assert sale["description"] == "VOIDED in Xero: Invoice T-1 in Xero"
    assert xero.wrong() == []


def test_what_is_gone_before_it_was_shown_is_never_shown(xero: Shop) -> None:
    xero.book(1)
    xero.bookkeeper.void("T-1")
    assert xero.sync() == {}
    assert xero.sandbox.qondor.sales.all() == []
    assert xero.sync() == {}


def test_what_is_deleted_in_quiddly_comes_to_nothing_and_says_so(quiddly: Shop) -> None:
    quiddly.book(1, 2)
    quiddly.sync()
    quiddly.bookkeeper.changes.delete("QT-1")
    quiddly.world.run_sales(quiddly.world.now() + dt.timedelta(hours=25))
    sale = quiddly.sale(1)
    assert (sale["amountInclVat"], sale["description"]) == (0, "DELETED in Quiddly: Invoice QT-1 in Quiddly")
    assert quiddly.sale(2)["amountInclVat"] == 10000
    assert quiddly.wrong() == []


def test_an_invoice_that_quiddly_alone_does_not_show_is_not_taken_for_deleted(quiddly: Shop) -> None:
    """A path that leads nowhere answers the same."""
    quiddly.book(1)
    quiddly.sync()
    quiddly.bookkeeper.changes.delete("QT-1")
    assert quiddly.world.run_sales(quiddly.world.now() + dt.timedelta(hours=25)) == {}
    assert quiddly.sale(1)["amountInclVat"] == 10000


def test_a_draft_is_no_sale_until_it_is_real(xero: Shop) -> None:
    content = xero.world.route.model_dump(mode="json")
    content["finance"]["invoice_status"] = "DRAFT"
    xero.world.route = type(xero.world.route).model_validate(content)
    xero.book(1)
    assert xero.sync() == {}
    xero.bookkeeper.authorise(xero.sandbox.xero.invoices.rows()[0]["InvoiceID"])
    assert list(xero.sync().values()) == ["shown"]
    assert xero.wrong() == []


def test_kinds_and_since_leave_out_what_the_route_does_not_want(xero: Shop) -> None:
    xero.change_route(kinds=["credit_note"], since="2026-11-10")
    xero.book(1)
    xero.credit(2, of=1)
    assert xero.sync() == {}
    xero.change_route(since=None)
    assert xero.sync() == {"T-2": "shown"}
    xero.change_route(kinds=["invoice", "credit_note"])
    assert xero.sync() == {"T-1": "shown"}


def test_quiddly_without_a_path_for_single_invoices_takes_the_net_amount_from_the_source(quiddly: Shop) -> None:
    content = quiddly.world.route.model_dump(mode="json")
    content["finance"]["invoice_path"] = None
    quiddly.world.route = type(quiddly.world.route).model_validate(content)
    quiddly.book(1)
    assert quiddly.sync() == {"QT-1": "shown"}
    assert quiddly.wrong() == []
    quiddly.bookkeeper.pay("QT-1", on=ON)
    assert quiddly.sync() == {"QT-1": "shown"}
    assert quiddly.wrong() == []
    assert quiddly.sync() == {}


def test_a_document_whose_booking_the_ledger_learns_late_is_not_lost(xero: Shop) -> None:
    """A poll has seen it in finance before the ledger knew that it is ours, and its cursor has moved."""
    xero.book(1)
    booking = xero.world.booking(50001)
    with xero.world.ledger.transaction() as connection:
        connection.execute(sa.text("UPDATE invoice_bridge.documents SET state = 'working', finance_id = NULL"))
    xero.world.run_sales()
    assert xero.sandbox.qondor.sales.all() == []
    with xero.world.ledger.transaction() as connection:
        again = sa.text("UPDATE invoice_bridge.documents SET state = 'booked', finance_id = :id")
        connection.execute(again, {"id": booking.finance_id})
    xero.world.run_sales(xero.world.now() + dt.timedelta(hours=1))
    assert xero.wrong() == []
    assert xero.sale(1)["isPaid"] is False


@pytest.mark.parametrize("where", ["reference", "tracking"])
def test_what_others_booked_is_shown_when_it_names_its_project(xero: Shop, where: str) -> None:
    xero.change_route(others={"project_in": where, "pattern": r"project (\S+)", "projects": {"P-77": "5577"}})
    xero.book(1)
    texts = {"H-1": "project p-77", "H-2": "project 5501", "H-3": "project P-99", "H-4": "nothing"}
    for number, text in texts.items():
        fields: dict[str, Any] = {"Reference": text}
        if where == "tracking":
            tracking = [{"Name": "Project", "Option": text}]
            fields = {"LineItems": [{"Description": "x", "Quantity": 1, "UnitAmount": 500, "AccountCode": "200",
                                     "Tracking": tracking}]}  # fmt: skip
        xero.bookkeeper.changes.entered(number, Decimal(500), **fields)
    assert xero.sync() == {"H-1": "shown", "H-2": "shown", "T-1": "shown"}
    assert (xero.sale_named("H-1")["projectId"], xero.sale_named("H-2")["projectId"]) == (5577, 5501)
    [unknown] = [sale for sale in xero.rows() if sale.facts.project_id is None]
    assert (unknown.facts.number, unknown.facts.project_number) == ("H-3", "P-99")


def test_what_no_longer_names_its_project_comes_to_nothing(xero: Shop) -> None:
    xero.change_route(others={"project_in": "reference", "pattern": "P-[0-9]+", "projects": {"P-77": "5577"}})
    xero.bookkeeper.changes.entered("H-1", Decimal(500), Reference="P-77")
    xero.sync()
    xero.bookkeeper.changes.reference("H-1", "a mistake")
    assert xero.sync() == {"H-1": "shown"}
    assert xero.sale_named("H-1")["amountInclVat"] == 0
    assert xero.sale_named("H-1")["description"].startswith("NO LONGER OF THIS PROJECT")
    xero.bookkeeper.changes.reference("H-1", "P-77 after all")
    xero.sync()
    assert xero.sale_named("H-1")["amountInclVat"] == 500


def test_a_poll_without_news_is_two_calls_of_xero_and_none_of_qondor(xero: Shop) -> None:
    xero.book(1, 2, 3)
    xero.sync()
    xero.sandbox.traffic.reset()
    assert xero.world.run_sales() == {}
    assert [call.path.rpartition("/")[2] for call in xero.world.calls("xero")] == ["Invoices", "CreditNotes"]
    assert xero.world.calls("qondor") == []


def test_two_routes_of_one_qondor_show_each_its_own(xero: Shop) -> None:
    routes = [xero.of_office("oslo", "7"), xero.of_office("bergen", "9")]
    for number, office in ((1, 7), (2, 9)):
        xero.sandbox.qondor.add(xero.paper(number, officeId=office))
    shown = []
    for route in routes:
        xero.world.route = route
        xero.world.run()
        shown.append(xero.sync())
    assert shown == [{"T-1": "shown"}, {"T-2": "shown"}]
    assert xero.wrong() == []
    # A poll of one tells the other nothing, and leaves it its news.
    xero.bookkeeper.pay("T-1")
    assert xero.sync() == {}
    xero.world.route = routes[0]
    assert xero.sync() == {"T-1": "shown"}


def test_sales_wait_while_the_last_fifth_of_the_day_belongs_to_transfers(xero: Shop) -> None:
    xero.book(1)
    xero.world.ledger.connections.keep_observations("xero_default", "Xero", day_left=10, accepted=False)
    assert xero.world.run_sales() == {}
    assert xero.world.poll_said is not None
    assert "the last fifth of the day's calls is kept for the transfers" in xero.world.poll_said


def test_another_organisation_behind_the_connection_moves_nothing(xero: Shop) -> None:
    xero.book(1)
    xero.sync()
    for table in (xero.sandbox.xero.invoices, xero.sandbox.xero.credit_notes):
        table.clear()
    with pytest.raises(ConfigurationError, match="does the connection still reach the same organisation"):
        xero.world.run_sales(xero.world.now() + dt.timedelta(hours=25))
    assert xero.sale(1)["amountInclVat"] == 10000


@pytest.mark.parametrize("others", [None, {"project_in": "reference", "pattern": "P-[0-9]+"}])
def test_a_booking_whose_document_was_booked_anew_comes_to_nothing(xero: Shop, others: dict[str, Any] | None) -> None:
    """The poll meets the void when the ledger knows the document under its new booking only."""
    xero.change_route(others=others)
    xero.book(1)
    xero.sync()
    xero.bookkeeper.void("T-1")
    xero.bookkeeper.changes.entered("T-1 B", Decimal(10000))
    [anew] = [row["InvoiceID"] for row in xero.sandbox.xero.invoices.rows() if row["InvoiceNumber"] == "T-1 B"]
    with xero.world.ledger.transaction() as connection:
        statement = sa.text("UPDATE invoice_bridge.documents SET finance_id = :id, updated_at = now()")
        connection.execute(statement, {"id": anew})
    assert xero.world.run_sales().keys() >= {anew}
    assert (xero.sale(1)["amountInclVat"], xero.sale(1)["description"][:6]) == (0, "VOIDED")
    assert xero.sale_named("T-1 B")["amountInclVat"] == 10000


def test_a_booking_of_quiddly_whose_document_was_booked_anew_comes_to_nothing(quiddly: Shop) -> None:
    quiddly.book(1, 2)
    quiddly.sync()
    with quiddly.world.ledger.transaction() as connection:
        statement = sa.text("UPDATE invoice_bridge.documents SET finance_id = 'I.77' WHERE source_id = '50001'")
        connection.execute(statement)
    quiddly.bookkeeper.changes.delete("QT-1")
    quiddly.world.run_sales(quiddly.world.now() + dt.timedelta(hours=25))
    assert (quiddly.sale(1)["amountInclVat"], quiddly.sale(1)["description"][:7]) == (0, "DELETED")
