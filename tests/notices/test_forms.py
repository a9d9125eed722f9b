"""Texts of others do no harm in any form, and nothing is in a notice that does not belong there."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_bridge.operators.notices.senders import sender_of
from invoice_bridge_core.documents import DocumentKind, DocumentRef
from invoice_bridge_core.documents.facts import DocumentFacts
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.notices import Mark, OpenDocument, RefusedConnection, RouteView
from invoice_bridge_core.notices.forms import mail_html, slack_blocks, slack_text, webhook_json
from invoice_bridge_core.notices.news import items_of, notice_of
from invoice_bridge_core.notices.notice import Notice
from invoice_bridge_core.notices.wording import likeness
from invoice_bridge_core.routes.notify import Channel, Notify
from tests.builders import route
from tests.examples import examples
from tests.notices.receivers import html_of

if TYPE_CHECKING:
    from tests.notices.receivers import Receiver

NOW = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
NASTY = [
    "<script>alert(1)</script>",
    "</td><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "Bcc: evil@acme.example\r\n\r\nBody",
    "<!channel> <https://evil.example|click> *bold* _it_ `code` &amp;",
    "a\u202eb\u200bc\x00\x1b[31m",
    "@here ||x||",
    "--\n.\n",
]
texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=40))
OURS = {"html", "head", "meta", "title", "body", "p", "h2", "a", "strong", "br", "table", "tbody", "tr", "td"}


def open_document(id: int, name: str, reason: str, **facts: Any) -> OpenDocument:
    values: dict[str, Any] = {
        "number": f"Q-{id}",
        "kind": DocumentKind.OFFER_INVOICE,
        "currency": "NOK",
        "total": Decimal("10.00"),
        "contact_name": name,
    }
    ref = DocumentRef(system="qondor", conn_id="qondor_default", source_id=str(id))
    return OpenDocument(id, DocumentFacts(ref=ref, **values | facts), DocumentState.HELD, reason, False, 0)


def notice(*documents: OpenDocument, refused: str = "") -> Notice:
    notify = Notify.model_validate({"channels": [{"webhook": {}}], "queue_within_minutes": None, "close_by": None})
    connections = [RefusedConnection("xero_default", "Xero", refused, NOW, NOW)] if refused else []
    view = RouteView(now=NOW, documents=list(documents), refused=connections, marks={"watched": Mark(NOW, None, None)})
    items = items_of(route(), notify, view)
    made = notice_of(route(), items, lambda **filters: f"https://airflow.example/x?{'&'.join(filters)}")
    return Notice.from_body(made.body(), 7, is_repeat=False)


@given(texts, texts, texts, texts)
@settings(max_examples=examples(60))
def test_no_text_becomes_markup(number: str, name: str, reason: str, refused: str) -> None:
    made = notice(open_document(1, name, reason, number=number), refused=refused)
    soup = BeautifulSoup(mail_html(made), "html.parser")
    assert {tag.name for tag in soup.find_all(True)} <= OURS
    assert {attribute for tag in soup.find_all(True) for attribute in tag.attrs} <= {
        "lang", "charset", "style", "href", "colspan"
    }  # fmt: skip
    assert {str(tag["href"]).partition("?")[0] for tag in soup.find_all("a")} == {"https://airflow.example/x"}
    assert made.subject.isprintable()
    for block in slack_blocks(made):
        text = block["text"]["text"]
        assert re.sub(r"<https://airflow\.example/x\?[a-z&]*\|[A-Za-z ]+>", "", text).count("<") == 0
        assert not re.search(r"(?<![\u200b])[_~`](?!\u200b)", text)
    shown = [*made.groups[0].documents[0], made.groups[0].reason, *(one.text for one in made.sentences)]
    assert all(text.isprintable() for text in shown)


@given(st.text())
@settings(max_examples=examples(60))
def test_slack_shows_a_text_as_it_is(text: str) -> None:
    shown = slack_text(text).replace("\u200b", "").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert shown == text.replace("\u200b", "")


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=30))
@settings(max_examples=examples(40))
def test_every_document_is_counted_and_none_twice(documents: list[tuple[str, str]]) -> None:
    made = notice(*(open_document(number, name, reason) for number, (name, reason) in enumerate(documents)))
    assert sum(group.count for group in made.groups) == made.counts["held"] == len(documents)
    assert sum(len(group.documents) + group.left_out for group in made.groups) == len(documents)
    assert Notice.from_body(made.body(), 7, is_repeat=False) == made


def test_sums_are_by_currency_and_credit_notes_count_against_them() -> None:
    made = notice(
        open_document(1, "A", "why", total=Decimal("100.10")),
        open_document(2, "B", "why", total=Decimal("0.20"), kind=DocumentKind.CREDIT_NOTE),
        open_document(3, "C", "why", total=Decimal("7"), currency="SEK"),
        open_document(4, "D", "why", total=None, currency=None),
    )
    assert made.groups[0].summary == "4 documents, 99.90 NOK, 7.00 SEK"
    assert webhook_json(made)["groups"][0]["documents"][1] == {
        "number": "Q-2", "customer": "B", "amount": "-0.20 NOK"
    }  # fmt: skip


def test_reasons_are_grouped_by_what_they_have_in_common() -> None:
    made = notice(
        open_document(10001, "Acme Events AS", "Q-10001 of Acme Events AS differs by 1.50"),
        open_document(10002, "Beta Hotel AB", "Q-10002 of Beta Hotel AB differs by 2.75"),
        open_document(10003, "Gamma Club", "Article code '11' is not mapped"),
        open_document(10004, "Delta Club", "Article code '12' is not mapped"),
    )
    assert [(group.reason, group.count) for group in made.groups] == [
        ("… of … differs by 1.50", 2),
        ("Article code '11' is not mapped", 1),
        ("Article code '12' is not mapped", 1),
    ]


def test_a_reason_of_one_document_is_told_whole() -> None:
    made = notice(open_document(10001, "Acme Events AS", "Q-10001 is wrong"))
    assert made.groups[0].reason == "Q-10001 is wrong"


def test_no_mail_address_leaves() -> None:
    made = notice(open_document(1, "bob@acme.example", "The e-mail 'bob@acme.example' is not valid"))
    assert "bob" not in str(webhook_json(made)) + mail_html(made)


def test_a_thousand_reasons_stay_readable() -> None:
    made = notice(*(open_document(number, "A", f"Reason '{number}'") for number in range(1000)))
    assert len(made.groups) == 21
    assert (made.groups[-1].reason, made.groups[-1].count) == ("Other reasons", 980)
    blocks = slack_blocks(made)
    assert len(blocks) <= 50
    assert all(len(block["text"]["text"]) <= 3000 for block in blocks)


def test_quoted_texts_tell_reasons_apart_and_numbers_do_not() -> None:
    assert likeness("waits until 14:05") == likeness("waits until 15:10")
    assert likeness("article '25'") != likeness("article '15'")


def test_a_real_mail_shows_what_was_written_and_is_no_template(mails: Receiver) -> None:
    made = notice(*(open_document(number, text, text) for number, text in enumerate(NASTY)))
    channel = Channel.model_validate({"mail": {"to": ["a@acme.example"], "sender": "ib@acme.example"}})
    sender_of(channel).send(made)
    [mail] = mails.taken()
    assert (mail["From"], mail["To"]) == ("ib@acme.example", "a@acme.example")
    assert mail["Subject"] == "qondor_xero: 8 held"
    assert mail["Message-ID"] == "<invoice-bridge.qondor_xero.7@acme.example>"
    assert "{{ 7 * 7 }}" in html_of(mail)
    assert "49" not in html_of(mail)
