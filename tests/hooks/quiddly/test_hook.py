from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk._shared.secrets_masker import redact

from invoice_bridge.hooks.quiddly.hook import ConflictError, QuiddlyHook
from invoice_bridge_core.errors import (
    ConfigurationError,
    CredentialsRefusedError,
    GarbledAnswerError,
    NotFoundError,
    NumberTakenError,
    OutcomeUnknownError,
    RefusedError,
)
from tests.hooks.scripted_server import DROP, Reply, ScriptedServer, connection_json, reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INVOICE_PATH = "/invoices/{id}"
SEARCH_PATH = "/invoices?invoiceNumber={number}"
PDF_PATH = "/invoices/{id}/pdf"
PASSWORD = "correct-horse-battery"
SIGNED_IN = reply({"idToken": "eyJfirst", "tokenType": "Bearer"})
SIGNED_IN_AGAIN = reply({"idToken": "eyJsecond", "tokenType": "Bearer"})
INVOICE = {
    "id": "I.111222333", "invoiceNumber": "Q-1", "status": "created", "type": "CREDIT_INVOICE",
    "currency": {"invoiceCurrency": "SEK"}, "debtor": {"customerNumber": "C-901"}, "ourOrderNumber": "P-1 · q:c:1",
    "totals": {"totalToPay": -150.10, "taxReduction": -100, "total": -250}, "dates": {"expireDate": "2026-12-02"},
}  # fmt: skip
BODY = {"invoiceNumber": "Q-1", "totals": {"total": Decimal("10.10")}}


@pytest.fixture
def open_hook(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., QuiddlyHook]]:
    hooks: list[QuiddlyHook] = []

    def open_it(**values: Any) -> QuiddlyHook:
        values = {"conn_type": "quiddly", "host": f"{server.url}/base", "password": "eyJservice", **values}
        monkeypatch.setenv("AIRFLOW_CONN_QUIDDLY_DEFAULT", connection_json(**values))
        hooks.append(QuiddlyHook(sleep=lambda _: None))
        return hooks[-1]

    yield open_it
    for hook in hooks:
        if hook._session is not None:
            hook._session.close()


@pytest.fixture
def hook(open_hook: Callable[..., QuiddlyHook]) -> QuiddlyHook:
    return open_hook()


def create(hook: QuiddlyHook) -> object:
    return hook.create_invoice(BODY)


def activate(hook: QuiddlyHook) -> object:
    return hook.activate_invoice("I.1")


def test_a_new_invoice_on_the_wire(hook: QuiddlyHook, server: ScriptedServer) -> None:
    server.answers(reply(INVOICE, 201))
    made = hook.create_invoice(BODY)
    [sent] = server.seen
    assert (sent.method, sent.path) == ("POST", "/base/invoices")
    assert sent.headers["Authorization"] == "Bearer eyJservice"
    assert sent.headers["Content-Type"] == sent.headers["Accept"] == "application/json"
    assert sent.body == b'{"invoiceNumber":"Q-1","totals":{"total":10.10}}'
    assert (made.invoice_id, made.number, made.status) == ("I.111222333", "Q-1", "CREATED")
    assert (made.currency, made.total, made.customer_number) == ("SEK", Decimal("-250.10"), "C-901")
    assert (made.our_order_number, made.due_date) == ("P-1 · q:c:1", dt.date(2026, 12, 2))


def test_activation_on_the_wire(hook: QuiddlyHook, server: ScriptedServer) -> None:
    server.answers(reply({"id": "I.1/2", "status": "ACTIVATED"}))
    assert hook.activate_invoice("I.1/2").status == "ACTIVATED"
    hook.activate_invoice("I.1", {"productCode": "INVOICE_SERVICE"})
    assert [(sent.method, sent.path, sent.body) for sent in server.seen] == [
        ("PUT", "/base/invoices/I.1%2F2/activate", b"{}"),
        ("PUT", "/base/invoices/I.1/activate", b'{"productCode":"INVOICE_SERVICE"}'),
    ]


def test_look_ups_take_the_routes_paths_and_quote_what_goes_into_them(
    hook: QuiddlyHook, server: ScriptedServer
) -> None:
    server.answers(reply([INVOICE]), reply([]), reply(INVOICE))
    assert [found.number for found in hook.invoices_numbered("Q 1&x=/ä", SEARCH_PATH)] == ["Q-1"]
    assert hook.invoices_numbered("Q-2", "/v2/find?no={number}&all=1") == ()
    hook.invoice("I.1", "/v2/invoice/{id}")
    assert [sent.path for sent in server.seen] == [
        "/base/invoices?invoiceNumber=Q%201%26x%3D%2F%C3%A4", "/base/v2/find?no=Q-2&all=1", "/base/v2/invoice/I.1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (reply({"message": "Conflict"}, 409), "Conflict"),
        (reply(None, 409), "409"),
        (reply({"message": "Invoice number Q-1 already exists"}, 400), "already exists"),
        (reply({"errors": {"invoiceNumber": ["must be unique."]}}, 400), "must be unique"),
        (Reply(422, b"An invoice with this number exists", "text/plain"), "exists"),
    ],
)
def test_a_number_that_exists_is_told_from_other_refusals(
    hook: QuiddlyHook, server: ScriptedServer, answer: Reply, text: str
) -> None:
    server.answers(answer)
    with pytest.raises(NumberTakenError, match=text):
        create(hook)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "answer",
    [
        reply({"errors": {"totals.total": ["must be totalExclVat + totalVat."]}}, 400),
        reply({"errors": {"debitInvoiceNumber": ["There is no invoice Q-1 that exists."]}}, 400),
        reply({"errors": {"invoiceNumber": ["must be provided."]}}, 422),
    ],
)
def test_other_refusals_keep_their_text_and_leave_the_number_free(
    hook: QuiddlyHook, server: ScriptedServer, answer: Reply
) -> None:
    server.answers(answer)
    with pytest.raises(RefusedError) as refused:
        create(hook)
    assert not isinstance(refused.value, NumberTakenError)
    assert refused.value.reasons[0] in str(refused.value)


def test_a_409_to_an_activation_is_a_conflict(hook: QuiddlyHook, server: ScriptedServer) -> None:
    server.answers(reply({"message": "already activated"}, 409))
    with pytest.raises(ConflictError, match="already activated"):
        activate(hook)


@pytest.mark.parametrize("write", [create, activate])
@pytest.mark.parametrize(
    "answer",
    [DROP, reply(None, 500), reply(None, 502), reply(None, 503), reply(None, 503, Retry_After="1"),
     Reply(200, b"{"), Reply(200, b"<html>", "text/html"), Reply(200, b""),
     reply([]), reply({"status": "CREATED"}), reply({"id": "I.1", "totals": {"total": "many"}})],
)  # fmt: skip
def test_a_write_without_a_readable_answer_may_have_been_done(
    hook: QuiddlyHook, server: ScriptedServer, write: Callable[[QuiddlyHook], object], answer: Reply
) -> None:
    server.answers(answer)
    with pytest.raises(OutcomeUnknownError):
        write(hook)
    assert len(server.seen) == 1


def test_a_limit_is_waited_for_and_the_write_sent_again(hook: QuiddlyHook, server: ScriptedServer) -> None:
    server.answers(reply(None, 429, Retry_After="1"), reply(INVOICE, 201))
    assert hook.create_invoice(BODY).invoice_id == "I.111222333"
    assert len(server.seen) == 2


def test_an_outage_is_waited_for_by_reads_and_delays_the_next_try_of_a_write(
    hook: QuiddlyHook, server: ScriptedServer
) -> None:
    server.answers(reply(None, 503, Retry_After="1"), reply([]), reply(None, 503, Retry_After="40"))
    assert hook.invoices_numbered("Q-1", SEARCH_PATH) == ()
    with pytest.raises(OutcomeUnknownError) as unknown:
        activate(hook)
    assert unknown.value.retry_after == dt.timedelta(seconds=40)
    assert len(server.seen) == 3


@pytest.mark.parametrize("answer", [reply({}), reply([{"invoiceNumber": "Q-1"}]), reply([5]), Reply(200, b"[{")])
def test_a_look_up_that_fails_is_not_an_empty_list(hook: QuiddlyHook, server: ScriptedServer, answer: Reply) -> None:
    server.answers(answer)
    with pytest.raises(GarbledAnswerError):
        hook.invoices_numbered("Q-1", SEARCH_PATH)


def test_a_404_to_the_look_up_is_a_wrong_path_and_to_an_id_not_found(hook: QuiddlyHook, server: ScriptedServer) -> None:
    server.answers(reply(None, 404))
    with pytest.raises(ConfigurationError, match="invoice_search_path"):
        hook.invoices_numbered("Q-1", SEARCH_PATH)
    with pytest.raises(NotFoundError):
        hook.invoice("I.1", INVOICE_PATH)


def test_a_pdf_is_one_or_an_error(hook: QuiddlyHook, server: ScriptedServer) -> None:
    whole = b"%PDF-1.7 ... startxref\n9\n%%EOF\n"
    server.answers(
        Reply(200, whole, "application/pdf"),
        Reply(200, b"<html>", "text/html"),
        Reply(200, whole[:-6], "application/pdf"),
        Reply(200, whole + b" " * 1024, "application/pdf"),
    )
    assert hook.invoice_pdf("I.1", PDF_PATH) == whole
    assert server.seen[0].headers["Accept"] == "application/pdf"
    with pytest.raises(GarbledAnswerError, match="is not a PDF"):
        hook.invoice_pdf("I.1", PDF_PATH)
    for _ in range(2):
        with pytest.raises(GarbledAnswerError, match=r"fetching the PDF of invoice I\.1 with a PDF that breaks off"):
            hook.invoice_pdf("I.1", PDF_PATH)


def test_payments_are_listed_by_page_and_marked(hook: QuiddlyHook, server: ScriptedServer) -> None:
    payment = {"id": "V.1", "invoiceNumber": "Q-1", "amount": 99.90, "paymentDate": "2026-11-20", "name": "Acme"}
    server.answers(reply([payment]), reply(None, 204))
    [found] = hook.payments_for_export(2, 50)
    assert (found.payment_id, found.invoice_number, found.amount) == ("V.1", "Q-1", Decimal("99.90"))
    assert found.paid_on == dt.date(2026, 11, 20)
    hook.mark_exported("V.1", "ours-1")
    assert [(sent.method, sent.path, json.loads(sent.body or b"null")) for sent in server.seen] == [
        ("GET", "/base/vouchers/external/export/payments?page=2&limit=50", None),
        ("PUT", "/base/vouchers/V.1/external/export", {"externalId": "ours-1"}),
    ]


def test_a_user_signs_in_once_for_many_calls(open_hook: Callable[..., QuiddlyHook], server: ScriptedServer) -> None:
    server.answers(SIGNED_IN, reply([]))
    hook = open_hook(login="erp", password=PASSWORD)
    hook.invoices_numbered("Q-1", SEARCH_PATH)
    hook.invoices_numbered("Q-2", SEARCH_PATH)
    asked, *sent = server.seen
    assert (asked.method, asked.path) == ("POST", "/base/authenticate")
    assert json.loads(asked.body) == {"username": "erp", "password": PASSWORD}
    assert "Authorization" not in asked.headers
    assert [each.headers["Authorization"] for each in sent] == ["Bearer eyJfirst"] * 2
    assert PASSWORD not in str(redact({"x": f"it was {PASSWORD}"}))
    assert "eyJfirst" not in str(redact({"x": "it was eyJfirst"}))


def test_a_refused_token_is_replaced_once(open_hook: Callable[..., QuiddlyHook], server: ScriptedServer) -> None:
    server.answers(SIGNED_IN, reply(None, 401), SIGNED_IN_AGAIN, reply(INVOICE, 201))
    hook = open_hook(login="erp", password=PASSWORD)
    assert hook.create_invoice(BODY).invoice_id == "I.111222333"
    assert [sent.headers.get("Authorization") for sent in server.seen] == [
        None, "Bearer eyJfirst", None, "Bearer eyJsecond",
    ]  # fmt: skip
    server.answers(reply({"message": f"wrong {PASSWORD}"}, 401), SIGNED_IN, reply(None, 401))
    with pytest.raises(CredentialsRefusedError, match="connection quiddly_default"):
        create(hook)


def test_a_refused_service_token_is_no_reason_to_sign_in(hook: QuiddlyHook, server: ScriptedServer) -> None:
    server.answers(reply({"message": "eyJservice is not valid"}, 401))
    with pytest.raises(CredentialsRefusedError) as refused:
        create(hook)
    assert "eyJservice" not in str(refused.value)
    assert len(server.seen) == 1


@pytest.mark.parametrize("password", [None, "", " ", "two words", "schlüssel"])
def test_a_connection_without_a_usable_token_says_so(
    open_hook: Callable[..., QuiddlyHook], server: ScriptedServer, password: str | None
) -> None:
    with pytest.raises(ConfigurationError, match="has no usable password: the service token"):
        create(open_hook(password=password))
    with pytest.raises(ConfigurationError, match="has no usable password: the user's password"):
        create(open_hook(login="erp", password=""))
    assert server.seen == []


def test_a_token_that_was_pasted_with_its_scheme(open_hook: Callable[..., QuiddlyHook], server: ScriptedServer) -> None:
    server.answers(reply(INVOICE, 201))
    create(open_hook(password="Bearer eyJservice"))
    assert server.seen[0].headers["Authorization"] == "Bearer eyJservice"


@pytest.mark.parametrize(("extra", "client"), [({}, None), ({"client_id": " "}, None), ({"client_id": "C.7"}, "C.7")])
def test_the_client_of_a_shared_erp_is_no_header(
    open_hook: Callable[..., QuiddlyHook], server: ScriptedServer, extra: dict[str, str], client: str | None
) -> None:
    server.answers(reply([]))
    hook = open_hook(extra=extra)
    said = "Quiddly answered for client C.7" if client else "Quiddly answered"
    assert (hook.client_id, hook.test_connection()) == (client, (True, said))
    assert server.seen[0].path == "/base/vouchers/external/export/payments?page=1&limit=1"
    assert "client_id" not in {name.lower() for name in server.seen[0].headers}
