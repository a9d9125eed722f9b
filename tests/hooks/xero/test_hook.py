from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from invoice_bridge.hooks.xero.hook import XeroHook
from invoice_bridge.hooks.xero.where import any_of, can_be_asked, equals, is_id
from invoice_bridge.hooks.xero.wire import NO_ID, XeroInvoice, read_day, read_moment
from invoice_bridge_core.errors import (
    ConfigurationError,
    CredentialsRefusedError,
    GarbledAnswerError,
    LimitReachedError,
    NeedsHumanError,
    NotFoundError,
    OutcomeUnknownError,
    RefusedError,
    TransientError,
)
from tests.hooks.scripted_server import DROP, Reply, ScriptedServer, connection_json, reply

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = {"access_token": "the-access-token", "expires_in": 1800, "token_type": "Bearer"}
INVOICE = {"InvoiceID": "f00d", "InvoiceNumber": "Q-1", "Total": 10000.10, "StatusAttributeString": "OK"}
BODY = {"InvoiceNumber": "Q-1", "Total": Decimal("10.10")}
HTML = Reply(404, b"<html><body>The resource cannot be found</body></html>", "text/html")


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def open_hook(server: ScriptedServer, slept: list[float], monkeypatch: pytest.MonkeyPatch) -> Callable[..., XeroHook]:
    def open_it(**extra: str) -> XeroHook:
        extra = {"token_url": f"{server.url}/connect/token", "tenant_id": "the-tenant", **extra}
        connection = connection_json(
            conn_type="xero", host=server.url, login="the-client", password="the-client-secret", extra=extra
        )
        monkeypatch.setenv("AIRFLOW_CONN_XERO_DEFAULT", connection)
        return XeroHook(sleep=slept.append)

    return open_it


@pytest.fixture
def hook(open_hook: Callable[..., XeroHook]) -> XeroHook:
    return open_hook()


def create(hook: XeroHook, key: str = "key") -> XeroInvoice:
    return hook.create_invoice(BODY, idempotency_key=key)


def question(path: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(path).query, keep_blank_values=True, strict_parsing=True)


def test_a_new_invoice_on_the_wire(hook: XeroHook, server: ScriptedServer) -> None:
    server.answers(reply(TOKEN), reply({"Invoices": [INVOICE]}))
    made = create(hook)
    assert (made.invoice_id, made.total) == ("f00d", Decimal("10000.10"))
    asked, sent = server.seen
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["client_credentials"],
        "scope": ["accounting.invoices accounting.payments accounting.contacts accounting.settings.read"],
    }
    assert (sent.method, urlsplit(sent.path).path) == ("PUT", "/api.xro/2.0/Invoices")
    assert question(sent.path) == {"summarizeErrors": ["false"], "unitdp": ["4"]}
    assert sent.headers["Authorization"] == "Bearer the-access-token"
    assert sent.headers["xero-tenant-id"] == "the-tenant"
    assert sent.headers["Accept"] == "application/json"
    assert sent.headers["Idempotency-Key"] == "key"
    assert sent.body == b'{"Invoices":[{"InvoiceNumber":"Q-1","Total":10.10}]}'


def test_no_extra_travels_as_a_header_and_a_blank_tenant_not_at_all(
    open_hook: Callable[..., XeroHook], server: ScriptedServer
) -> None:
    server.answers(reply(TOKEN), reply({"Organisations": [{"Name": "Oslo Events AS"}]}))
    hook = open_hook(tenant_id=" ", scopes="accounting.invoices", note="internal")
    assert hook.test_connection() == (True, "Connected to Oslo Events AS in Xero")
    assert parse_qs(server.seen[0].body.decode())["scope"] == ["accounting.invoices"]
    sent = {name.lower() for name in server.seen[1].headers}
    assert not sent & {"xero-tenant-id", "note", "scopes", "token_url"}


def test_a_long_key_is_hashed_to_what_xero_accepts(hook: XeroHook, server: ScriptedServer) -> None:
    server.answers(reply(TOKEN), reply({"Invoices": [INVOICE]}))
    for key in ("k" * 128, "k" * 129, "k" * 129, "k" * 128 + "l"):
        create(hook, key)
    keys = [sent.headers["Idempotency-Key"] for sent in server.seen[1:]]
    assert keys[0] == "k" * 128
    assert keys[1] == keys[2] != keys[3]
    assert all(len(key) <= 128 for key in keys)


@pytest.mark.parametrize(
    "element",
    [
        {
            "InvoiceID": NO_ID,
            "StatusAttributeString": "ERROR",
            "ValidationErrors": [{"Message": "No"}, {"Message": "Nor"}],
        },
        {"InvoiceID": NO_ID, "HasErrors": True, "ValidationErrors": [{"Message": "No"}, {"Message": "Nor"}]},
        {"HasValidationErrors": True, "ValidationErrors": [{"Message": "No"}, {"Message": "Nor"}]},
    ],
)
def test_an_element_that_failed_is_refused_though_the_status_is_200(
    hook: XeroHook, server: ScriptedServer, element: dict[str, Any]
) -> None:
    server.answers(reply(TOKEN), reply({"Invoices": [element]}))
    with pytest.raises(RefusedError) as refused:
        create(hook)
    assert refused.value.reasons == ("No", "Nor")
    assert "No; Nor" in str(refused.value)


@pytest.mark.parametrize("blank", ["", " ", None])
def test_something_new_without_an_id_may_have_been_done(
    hook: XeroHook, server: ScriptedServer, blank: str | None
) -> None:
    server.answers(reply(TOKEN), reply({"Payments": [{"PaymentID": blank, "Amount": 1}]}))
    with pytest.raises(OutcomeUnknownError, match="without an id"):
        hook.create_payment({}, idempotency_key="k", what="booking a payment")


@pytest.mark.parametrize("said", [{"HasErrors": True}, {"StatusAttributeString": "ERROR"}, {"ValidationErrors": [{}]}])
def test_something_new_that_is_refused_and_has_an_id_may_have_been_done(
    hook: XeroHook, server: ScriptedServer, said: dict[str, Any]
) -> None:
    server.answers(reply(TOKEN), reply({"Payments": [{"PaymentID": "p-1", **said}]}))
    with pytest.raises(OutcomeUnknownError, match=r"the payment.*whether it was done is not known"):
        hook.create_payment({}, idempotency_key="k", what="the payment")


def test_a_change_that_is_refused_carries_the_id_of_what_was_to_be_changed(
    hook: XeroHook, server: ScriptedServer
) -> None:
    server.answers(reply(TOKEN), reply({"Contacts": [{"ContactID": "c-1", "HasValidationErrors": True}]}))
    with pytest.raises(RefusedError):
        hook.update_contact("c-1", {"Name": "Acme"})


def test_a_redirect_of_the_token_is_a_wrong_address(hook: XeroHook, server: ScriptedServer) -> None:
    server.answers(reply(None, 302, Location="http://[bad/"))
    with pytest.raises(ConfigurationError, match=r"302.*check token_url"):
        create(hook)


def test_the_zero_id_alone_is_a_refusal(hook: XeroHook, server: ScriptedServer) -> None:
    server.answers(reply(TOKEN), reply({"Invoices": [{"InvoiceID": NO_ID}]}))
    with pytest.raises(RefusedError):
        create(hook)


def test_a_warning_is_no_refusal(hook: XeroHook, server: ScriptedServer) -> None:
    warned = INVOICE | {"StatusAttributeString": "WARNING", "Warnings": [{"Message": "Old account"}]}
    server.answers(reply(TOKEN), reply({"Invoices": [warned]}))
    assert create(hook).warning_texts == ("Old account",)


def test_a_400_names_the_reasons_of_all_elements(hook: XeroHook, server: ScriptedServer) -> None:
    elements = [
        {"ValidationErrors": [{"Message": "Account must be valid"}]},
        {"ValidationErrors": [{"Message": "Late"}]},
    ]
    body = {"ErrorNumber": 10, "Type": "ValidationException", "Message": "A validation exception", "Elements": elements}
    server.answers(reply(TOKEN), reply(body, 400))
    with pytest.raises(RefusedError) as refused:
        create(hook)
    assert refused.value.reasons == ("Account must be valid", "Late")


def test_a_400_without_elements_gives_its_sentence(hook: XeroHook, server: ScriptedServer) -> None:
    server.answers(reply(TOKEN), reply({"ErrorNumber": 16, "Type": "QueryParseException", "Message": "Odd query"}, 400))
    with pytest.raises(RefusedError) as refused:
        hook.invoices({"where": "odd"}, what="looking")
    assert refused.value.reasons == ("Odd query",)


@pytest.mark.parametrize(
    "answer",
    [
        DROP,
        reply({"Message": "oops"}, 500),
        Reply(503, b"The organisation is offline", "text/plain"),
        reply({"Invoices": []}),
        reply({"Invoices": [{"InvoiceNumber": "Q-1"}]}),
        reply({"Invoices": [INVOICE, INVOICE]}),
        reply({"Invoices": [INVOICE | {"Total": "much"}]}),
        reply({"Status": "OK"}),
        reply([]),
        Reply(200, b"<html>", "text/html"),
        Reply(200, b'{"Invoices": [{"Inv', "application/json"),
        Reply(200, b"", "application/json"),
    ],
)
def test_a_write_whose_answer_is_lost_is_sent_once_and_in_doubt(
    hook: XeroHook, server: ScriptedServer, answer: Reply
) -> None:
    server.answers(reply(TOKEN), answer)
    with pytest.raises(OutcomeUnknownError, match="invoice Q-1"):
        create(hook)
    assert len(server.seen) == 2


def test_an_allocation_needs_no_id_but_an_amount(hook: XeroHook, server: ScriptedServer) -> None:
    server.answers(reply(TOKEN), reply({"Allocations": [{"Amount": 10.5}]}), reply({"Allocations": [{}]}))
    assert hook.allocate("1", {}, idempotency_key="k", what="the allocation").amount == Decimal("10.5")
    with pytest.raises(OutcomeUnknownError):
        hook.allocate("1", {}, idempotency_key="k", what="the allocation")


@pytest.mark.parametrize("word", ["Day", "DAY", "day"])
def test_the_days_limit_is_never_waited_for(
    hook: XeroHook, server: ScriptedServer, slept: list[float], word: str
) -> None:
    server.answers(reply(TOKEN), reply({}, 429, Retry_After="1", X_Rate_Limit_Problem=word))
    with pytest.raises(LimitReachedError) as limit:
        create(hook)
    assert limit.value.limit == "day"
    assert limit.value.retry_after is not None
    assert limit.value.retry_after >= dt.timedelta(minutes=5)
    assert slept == []


def test_the_minutes_limit_is_waited_for_and_the_write_sent_again(
    hook: XeroHook, server: ScriptedServer, slept: list[float]
) -> None:
    server.answers(
        reply(TOKEN), reply({}, 429, Retry_After="3", X_Rate_Limit_Problem="Minute"), reply({"Invoices": [INVOICE]})
    )
    assert create(hook).invoice_id == "f00d"
    assert len(slept) == 1
    assert slept[0] >= 3
    assert [sent.headers["Idempotency-Key"] for sent in server.seen[1:]] == ["key", "key"]


def test_what_is_left_of_the_day_is_said_when_it_is_little(
    hook: XeroHook, server: ScriptedServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answers(
        reply(TOKEN),
        reply({"Invoices": [INVOICE]}, X_DayLimit_Remaining="4000"),
        reply({"Invoices": [INVOICE]}, X_DayLimit_Remaining="99"),
    )
    create(hook)
    assert "calls today" not in capsys.readouterr().out
    create(hook)
    assert "99 more calls today" in capsys.readouterr().out


def test_an_expired_token_is_outdated_once(hook: XeroHook, server: ScriptedServer) -> None:
    server.answers(
        reply(TOKEN), reply({}, 401), reply(TOKEN | {"access_token": "next"}), reply({"Invoices": [INVOICE]})
    )
    assert create(hook).invoice_id == "f00d"
    assert server.seen[3].headers["Authorization"] == "Bearer next"


def test_a_tenant_that_is_not_authorised_is_a_matter_of_credentials(hook: XeroHook, server: ScriptedServer) -> None:
    server.answers(reply(TOKEN), reply({"Detail": "AuthenticationUnsuccessful"}, 403))
    with pytest.raises(CredentialsRefusedError, match="check extra tenant_id of connection xero_default"):
        hook.organisation()


def test_a_404_may_be_a_page(hook: XeroHook, server: ScriptedServer) -> None:
    server.answers(reply(TOKEN), HTML)
    with pytest.raises(NotFoundError, match=r"reading contact 7$"):
        hook.contact("7")


def test_null_is_as_missing(hook: XeroHook, server: ScriptedServer) -> None:
    server.answers(
        reply(TOKEN),
        reply({"Invoices": [{"InvoiceID": "i-1", "InvoiceNumber": None}]}),
        reply({"CreditNotes": [{"CreditNoteID": "n-1", "CreditNoteNumber": None, "Allocations": None}]}),
        reply({"Contacts": [{"ContactID": "c-1", "Name": None}]}),
        reply({"Accounts": [{"AccountID": "a-1", "Name": None}]}),
    )
    assert [one.number for one in hook.invoices({}, what="w")] == [""]
    assert [one.number for one in hook.credit_notes("w", what="w")] == [""]
    assert [one.name for one in hook.contacts("w", order="Name", what="w")] == [""]
    assert [one.name for one in hook.accounts()] == [""]


def test_a_refusal_without_words_is_a_refusal(hook: XeroHook, server: ScriptedServer) -> None:
    server.answers(reply(TOKEN), reply({"Invoices": [{"HasErrors": True, "ValidationErrors": [{"Message": None}]}]}))
    with pytest.raises(RefusedError, match="no reason given"):
        create(hook)


@pytest.mark.parametrize("body", [{"Contacts": None}, {}, [], {"Contacts": [{"Name": 7}]}, {"Contacts": ["x"]}])
def test_a_read_that_is_garbled_says_where_and_shows_nothing(hook: XeroHook, server: ScriptedServer, body: Any) -> None:
    server.answers(reply(TOKEN), reply(body))
    with pytest.raises(GarbledAnswerError, match="reading contact 7"):
        hook.contact("7")


def test_an_outage_of_a_read_passes(hook: XeroHook, server: ScriptedServer) -> None:
    server.answers(reply(TOKEN), Reply(503, b"maintenance", "text/plain"))
    with pytest.raises(TransientError):
        hook.organisation()


def test_plus_and_ampersand_arrive_as_they_are(hook: XeroHook, server: ScriptedServer) -> None:
    server.answers(reply(TOKEN), reply({"Contacts": []}))
    where = equals("EmailAddress", "a+b&c=d@x.no")
    hook.contacts(where, order="ContactID", what="looking")
    assert "a%2Bb%26c%3Dd%40x.no" in server.seen[1].path
    assert question(server.seen[1].path) == {
        "where": [where],
        "order": ["ContactID"],
        "includeArchived": ["true"],
        "page": ["1"],
    }


def test_a_question_that_is_too_long_is_not_asked(hook: XeroHook, server: ScriptedServer) -> None:
    with pytest.raises(NeedsHumanError):
        hook.invoices({"InvoiceNumbers": "å" * 400}, what="looking for invoice")
    assert server.seen == []


def test_changes_since_a_moment(hook: XeroHook, server: ScriptedServer) -> None:
    server.answers(reply(TOKEN), reply({"Invoices": [INVOICE | {"UpdatedDateUTC": "/Date(1793613600000+0000)/"}]}))
    since = dt.datetime(2026, 11, 1, 10, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    (found,) = hook.invoices({"summaryOnly": "true"}, what="looking for payments", modified_since=since)
    assert server.seen[1].headers["If-Modified-Since"] == "2026-11-01T09:00:00"
    assert found.updated == dt.datetime(2026, 11, 2, 10, tzinfo=dt.UTC)


def test_a_pdf(hook: XeroHook, server: ScriptedServer) -> None:
    whole, cut = (Reply(200, body, "application/pdf") for body in (b"%PDF-1.7 text %%EOF", b"%PDF-1.7 text"))
    server.answers(reply(TOKEN), whole, reply({}), cut)
    assert hook.invoice_pdf("7") == b"%PDF-1.7 text %%EOF"
    assert server.seen[1].headers["Accept"] == "application/pdf"
    with pytest.raises(GarbledAnswerError):
        hook.credit_note_pdf("7")
    assert server.seen[2].path == "/api.xro/2.0/CreditNotes/7"
    with pytest.raises(GarbledAnswerError, match="breaks off"):
        hook.credit_note_pdf("7")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("/Date(1439434356790+0000)/", dt.datetime(2015, 8, 13, 2, 52, 36, 790000, dt.UTC)),
        ("/Date(1439434356790)/", dt.datetime(2015, 8, 13, 2, 52, 36, 790000, dt.UTC)),
        ("/Date(-86400000+1300)/", dt.datetime(1969, 12, 31, tzinfo=dt.UTC)),
        ("2026-11-02T00:00:00", dt.datetime(2026, 11, 2, tzinfo=dt.UTC)),
        ("2026-11-02", dt.datetime(2026, 11, 2, tzinfo=dt.UTC)),
    ],
)
def test_dates_come_in_three_writings(text: str, moment: dt.datetime) -> None:
    assert read_moment(text) == moment
    assert read_day(text) == moment.date()


@pytest.mark.parametrize(
    "text", ["/Date(99999999999999999+0000)/", "/Date(-99999999999999999)/", f"/Date({'9' * 30})/"]
)
def test_a_date_beyond_all_calendars_is_unreadable(hook: XeroHook, server: ScriptedServer, text: str) -> None:
    server.answers(reply(TOKEN), reply({"Invoices": [INVOICE | {"UpdatedDateUTC": text}]}))
    with pytest.raises(GarbledAnswerError, match="UpdatedDateUTC"):
        hook.invoice("f00d")
    with pytest.raises(OutcomeUnknownError, match="UpdatedDateUTC"):
        create(hook)


def test_what_cannot_be_asked() -> None:
    assert not any(map(can_be_asked, ['a"b', "a\nb", "a\\b", ""]))
    with pytest.raises(ValueError, match="TaxNumber"):
        equals("TaxNumber", 'a"b')
    assert is_id("Invoice.InvoiceID", "7") == 'Invoice.InvoiceID==guid("7")'


def test_as_many_conditions_as_fit() -> None:
    conditions = [equals("TaxNumber", f"{number:050}") for number in range(40)]
    joined = any_of(conditions)
    assert joined.startswith(" OR ".join(conditions[:5]))
    assert len(json.dumps(joined)) < 2000
    assert joined.count(" OR ") < 39


def test_secrets_are_in_no_message(hook: XeroHook, server: ScriptedServer) -> None:
    server.answers(reply(TOKEN), reply({"Message": "the-access-token and the-client-secret"}, 400))
    with pytest.raises(RefusedError) as refused:
        hook.organisation()
    assert "the-access-token" not in str(refused.value)
    assert "the-client-secret" not in str(refused.value)
