from __future__ import annotations

from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.errors import (
    ConfigurationError,
    GarbledAnswerError,
    NotFoundError,
    OutcomeUnknownError,
    RefusedError,
    TransientError,
)
from invoice_bridge_core.ports.pacing import Pace
from tests.hooks.scripted_server import DROP, Reply, ScriptedServer, reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from invoice_bridge.hooks.qondor.hook import QondorHook
    from sandbox.sandbox import Sandbox

    Call = Callable[[QondorHook], Any]

CUSTOMER = {"officeId": 7, "externalReference": "xero-1", "customerNumber": "C-1", "name": "Bølgen & Moi AS"}
PERSON = {"firstName": "Åse", "lastName": "Dahl", "email": "Ase+1@People.example", "externalReference": "p-1"}
SALE = {
    "projectId": 5501, "externalReference": "inv-1", "invoiceNumber": "Q-1", "description": "Kick-off",
    "date": "2026-11-02", "dueDate": "2026-12-02", "currency": "NOK", "amountExclVat": Decimal("80.10"),
    "amountInclVat": Decimal("100.13"), "isPaid": False, "paidDate": None,
}  # fmt: skip

SINGLE_READS: dict[str, Call] = {
    "customer": lambda hook: hook.customer(901),
    "customer by reference": lambda hook: hook.customer_by_external_reference("x"),
    "person": lambda hook: hook.contact_person(1),
    "person by e-mail": lambda hook: hook.contact_person_by_email("a@b.example"),
    "person by reference": lambda hook: hook.contact_person_by_external_reference("x"),
    "sale by reference": lambda hook: hook.sale_by_external_reference("x"),
}
LISTS: dict[str, Call] = {
    "customers": lambda hook: hook.customers(),
    "customers by number": lambda hook: hook.customers_by_number("C-1"),
    "sales of a project": lambda hook: hook.sales_of_project(5501),
}
INSERTS: dict[str, Call] = {
    "new customer": lambda hook: hook.create_customer(CUSTOMER),
    "new person": lambda hook: hook.create_contact_person(PERSON),
    "new sale": lambda hook: hook.insert_sale(SALE),
}
UPDATES: dict[str, Call] = {
    "customer": lambda hook: hook.update_customer({"id": 901, "city": "Bergen"}),
    "person": lambda hook: hook.update_contact_person(PERSON),
    "sale": lambda hook: hook.update_sale(SALE),
    "relation": lambda hook: hook.relate_contact_person({"contactPersonId": 1, "customerId": 901}),
}
UNKNOWN = {"type": "about:blank", "title": "Not Found", "status": 404}
NO_PATH = {"statusCode": 404, "message": "Resource not found"}
PAGE = Reply(200, b"<html>Just a moment</html>", "text/html")
PAGE_404 = Reply(404, b"<html>Nothing here</html>", "text/html")


def calls(*groups: dict[str, Call]) -> pytest.MarkDecorator:
    named = {name: call for group in groups for name, call in group.items()}
    return pytest.mark.parametrize("call", list(named.values()), ids=list(named))


def test_a_customer_is_made_found_and_changed(qondor: QondorHook, sandbox: Sandbox) -> None:
    qondor.create_customer(CUSTOMER)
    made = qondor.customer_by_external_reference("xero-1")
    assert (made["name"], made["officeId"], made["isActive"]) == ("Bølgen & Moi AS", 7, True)
    qondor.update_customer({"id": made["id"], "city": "Bergen", "address": None})
    qondor.update_customer({"externalReference": "xero-1", "customerNumber": "C-1 & +"})
    assert qondor.customer(made["id"])["city"] == "Bergen"
    assert [each["id"] for each in qondor.customers_by_number("C-1 & +", 7)] == [made["id"]]
    assert qondor.customers_by_number("C-1 & +", 8) == []
    assert [each["id"] for each in qondor.customers(7) if each["externalReference"] == "xero-1"] == [made["id"]]
    assert sandbox.qondor.customers.get(made["id"]) is not None


def test_a_person_is_made_found_changed_and_belongs_to_a_customer(qondor: QondorHook, sandbox: Sandbox) -> None:
    sandbox.qondor.customers.put(CUSTOMER, id=1)
    qondor.create_contact_person({**PERSON, "phoneCountryCode": "47", "phoneNumber": "22 00 00 00"})
    made = qondor.contact_person_by_email("ase+1@people.example")
    assert (made["lastName"], made["phoneNumber"]) == ("Dahl", "+4722 00 00 00")
    qondor.update_contact_person({"externalReference": "p-1", "lastName": "Berg"})
    qondor.relate_contact_person({"contactPersonId": made["id"], "customerId": 1})
    assert qondor.contact_person(made["id"])["lastName"] == "Berg"
    assert qondor.contact_person_by_external_reference("p-1")["id"] == made["id"]
    assert [each["id"] for each in qondor.customer(1)["contactPersons"]] == [made["id"]]


def test_a_sale_is_made_found_and_changed(qondor: QondorHook, sandbox: Sandbox) -> None:
    qondor.insert_sale(SALE)
    made = qondor.sale_by_external_reference("inv-1")
    assert (made["amountInclVat"], made["date"][:10], made["isPaid"]) == (Decimal("100.13"), "2026-11-02", False)
    qondor.update_sale({**SALE, "isPaid": True, "paidDate": "2026-11-20"})
    assert [each["isPaid"] for each in qondor.sales_of_project(5501)] == [True]
    qondor.update_sale(SALE)
    assert sandbox.qondor.sales.all()[0]["paidDate"] is None
    assert len(sandbox.qondor.sales) == 1


@calls(SINGLE_READS, UPDATES)
def test_what_qondor_does_not_know_is_not_found(scripted: QondorHook, server: ScriptedServer, call: Call) -> None:
    server.answers(reply(UNKNOWN, 404))
    with pytest.raises(NotFoundError):
        call(scripted)
    assert len(server.seen) == 1


@calls(SINGLE_READS, LISTS, INSERTS, UPDATES)
@pytest.mark.parametrize("answer", [reply(NO_PATH, 404), PAGE_404])
def test_a_path_that_leads_nowhere_says_nothing_of_the_thing(
    scripted: QondorHook, server: ScriptedServer, call: Call, answer: Any
) -> None:
    server.answers(answer)
    with pytest.raises(ConfigurationError, match=r"host of connection|sale_path"):
        call(scripted)


@calls(SINGLE_READS, LISTS)
@pytest.mark.parametrize("answer", [reply(None, 204), reply("null"), reply(None, 500), DROP])
def test_a_read_without_an_answer_is_not_a_no(
    scripted: QondorHook, server: ScriptedServer, call: Call, answer: Any
) -> None:
    server.answers(*[answer] * 9)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever it is, it must not be NotFoundError
        call(scripted)
    assert not isinstance(caught.value, NotFoundError)
    assert isinstance(caught.value, TransientError) or "is not" in str(caught.value)


@calls(INSERTS, UPDATES)
@pytest.mark.parametrize("answer", [reply(None, 500), reply(None, 502), DROP, PAGE])
def test_a_lost_answer_to_a_write_is_not_followed_by_another(
    scripted: QondorHook, server: ScriptedServer, call: Call, answer: Any
) -> None:
    server.answers(answer)
    with pytest.raises(OutcomeUnknownError):
        call(scripted)
    assert len(server.seen) == 1


@calls(INSERTS, UPDATES)
def test_a_refused_write_was_not_done(scripted: QondorHook, server: ScriptedServer, call: Call) -> None:
    server.answers(reply({"status": 400, "errors": {"Name": ["The Name field is required."]}}, 400))
    with pytest.raises(RefusedError, match="The Name field is required"):
        call(scripted)


@calls(INSERTS)
def test_a_new_entry_about_something_unknown_is_refused(
    scripted: QondorHook, server: ScriptedServer, call: Call
) -> None:
    server.answers(reply(UNKNOWN, 404))
    with pytest.raises(RefusedError):
        call(scripted)


def test_a_list_of_something_else_is_unreadable(scripted: QondorHook, server: ScriptedServer) -> None:
    server.answers(reply([1, 2]))
    with pytest.raises(GarbledAnswerError):
        scripted.customers()


@pytest.mark.parametrize("entry_id", ["", "..", "1/2", "a b", "1?x"])
def test_what_cannot_be_an_id_never_reaches_a_path(scripted: QondorHook, server: ScriptedServer, entry_id: str) -> None:
    for read in (scripted.customer, scripted.contact_person):
        with pytest.raises(NotFoundError, match="that is not an id"):
            read(entry_id)
    assert server.seen == []


@calls(SINGLE_READS, LISTS, INSERTS, UPDATES)
def test_every_call_waits_for_its_turn(scripted: QondorHook, server: ScriptedServer, call: Call) -> None:
    turns: list[Pace] = []

    class Turns:
        @contextmanager
        def turn(self, pace: Pace, sleep: Callable[[float], None]) -> Iterator[int]:
            assert len(server.seen) == len(turns)
            turns.append(pace)
            yield len(turns)

    scripted.observations.pacer = Turns()
    server.answers(reply([]) if call in LISTS.values() else reply({"id": 1}))
    call(scripted)
    assert turns == [Pace.per_second(10, per_day=100_000)]
    assert scripted.observations.day_left == 99_999


def test_texts_travel_quoted(scripted: QondorHook, server: ScriptedServer) -> None:
    server.answers(reply({"id": 1}))
    scripted.contact_person_by_email("a+b&officeId=1@x.example")
    assert server.seen[0].path.partition("?")[2] == "email=a%2Bb%26officeId%3D1%40x.example"


def test_the_sale_api_is_where_the_route_says(server: ScriptedServer, connect: Callable[..., QondorHook]) -> None:
    hook = connect({"host": f"{server.url}/Prod", "password": "k"}, sale_path="/Sales/v2/Sale/")
    server.answers(reply({"id": 1}), reply(NO_PATH, 404))
    hook.sale_by_external_reference("x")
    assert server.seen[0].path == "/Prod/Sales/v2/Sale/GetByExternalReference?externalReference=x"
    with pytest.raises(ConfigurationError, match=r"check source.sale_path of the route, /Sales/v2/Sale"):
        hook.insert_sale(SALE)


def test_one_payment_is_read_where_it_is(qondor: QondorHook, sandbox: Sandbox) -> None:
    sandbox.qondor.rules.read_under = "GetInvoice"
    sandbox.traffic.reset()
    assert qondor.invoice("12345")["id"] == 12345
    assert sandbox.calls()["qondor"]["reads"] == 2
    assert qondor.invoice("12345")["id"] == 12345
    with pytest.raises(NotFoundError, match="reading payment 999"):
        qondor.invoice("999")
    assert sandbox.calls()["qondor"]["reads"] == 4


def test_a_payment_that_is_nowhere_is_asked_for_once_at_both_places(qondor: QondorHook, sandbox: Sandbox) -> None:
    sandbox.traffic.reset()
    with pytest.raises(NotFoundError, match="reading payment 999"):
        qondor.invoice("999")
    assert sandbox.calls()["qondor"]["reads"] == 2
    qondor.invoice("12345")
    with pytest.raises(NotFoundError):
        qondor.invoice("999")
    assert sandbox.calls()["qondor"]["reads"] == 4


@pytest.mark.parametrize("answers", [(UNKNOWN, NO_PATH), (NO_PATH, UNKNOWN)])
def test_one_word_of_qondors_decides_that_a_payment_is_nowhere(
    scripted: QondorHook, server: ScriptedServer, answers: tuple[object, object]
) -> None:
    server.answers(*(reply(answer, 404) for answer in answers))
    with pytest.raises(NotFoundError, match="Not Found"):
        scripted.invoice("999")


def test_where_both_reads_lead_nowhere_nothing_is_known_of_the_payment(
    scripted: QondorHook, server: ScriptedServer
) -> None:
    server.answers(reply(NO_PATH, 404))
    with pytest.raises(ConfigurationError, match="environment segment"):
        scripted.invoice("999")
    assert [seen.path.removeprefix("/Prod/Invoicing/v1/Invoice") for seen in server.seen] == ["/999", "/GetInvoice/999"]


def test_trouble_at_the_second_read_is_no_answer(scripted: QondorHook, server: ScriptedServer) -> None:
    server.answers(reply(UNKNOWN, 404), reply(None, 500))
    with pytest.raises(TransientError):
        scripted.invoice("999")


def test_a_payment_goes_back_to_the_queue(qondor: QondorHook, sandbox: Sandbox) -> None:
    qondor.set_as_processed("12345", "FIN-1")
    qondor.set_as_unprocessed("12345")
    assert [each["id"] for each in sandbox.qondor.waiting()] == [12345]
    with pytest.raises(RefusedError, match="only a processed invoice can be set as unprocessed"):
        qondor.set_as_unprocessed("12345")
