"""The bookkeeper over the control plane, on the page, and from the shell."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from sandbox import bookkeeper_command
from sandbox.__main__ import main
from tests.sandbox.clients import XeroClient, line
from tests.sandbox.quiddly_samples import SAMPLE, changed, exact

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.sandbox import Sandbox

    Body = Callable[..., dict[str, Any]]

ROOT = Path(__file__).parents[2]
SCRIPT = "<script>alert('x')</script>"


def ask(sandbox: Sandbox, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    answer = requests.request(method, f"{sandbox.url}/sandbox/{path}", json=body, timeout=10)
    return answer.status_code, answer.json(parse_float=Decimal)


def test_a_request_by_name_answers_with_the_new_state(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    made = xero.put("Invoices", invoice())
    status, booked = ask(
        sandbox, "POST", "xero/bookkeeper/pay", {"document": "Q-1", "amount": "25", "on": "2026-11-12"}
    )
    assert status == 200
    assert booked == {
        "system": "xero", "id": made["InvoiceID"], "number": "Q-1", "kind": "Invoice", "status": "AUTHORISED",
        "currency": "NOK", "total": Decimal("125.00"), "due": Decimal("100.00"), "paid": Decimal("25.00"),
        "credited": Decimal("0.00"), "contact": "Acme Events AS", "date": "2026-11-02", "due_date": "2026-12-02",
        "verbs": ["pay", "overpay", "credit", "unpay", "renumber"],
    }  # fmt: skip
    assert ask(sandbox, "GET", "xero/documents") == (200, {"documents": [booked]})
    [payment] = sandbox.xero.payments.rows()
    assert (payment["Amount"], payment["Date"]) == (Decimal("25.00"), "2026-11-12")

    assert ask(sandbox, "POST", "xero/bookkeeper/pay", {"document": "Q-1", "amount": 0.1})[1]["due"] == Decimal("99.90")
    assert ask(sandbox, "POST", "xero/bookkeeper/credit", {"document": "Q-1"})[1]["status"] == "PAID"
    renamed = ask(sandbox, "POST", "xero/bookkeeper/renumber", {"document": "Q-1", "number": "H-1"})[1]
    assert (renamed["number"], renamed["id"]) == ("H-1", made["InvoiceID"])


def test_quiddlys_verbs_by_name(sandbox: Sandbox) -> None:
    sandbox.quiddly.add_invoice(exact(SAMPLE))
    assert ask(sandbox, "POST", "quiddly/bookkeeper/activate", {"document": "123456"})[1]["status"] == "ACTIVATED"
    assert ask(sandbox, "POST", "quiddly/bookkeeper/overpay", {"document": "123456", "amount": 300})[1]["due"] == -50
    assert ask(sandbox, "POST", "quiddly/bookkeeper/correct", {"document": "123456"})[1]["paid"] == 0
    foreign = {"document": "F-1", "amount": 5, "currency": "EUR", "contact": "Kari"}
    assert ask(sandbox, "POST", "quiddly/bookkeeper/pay_foreign", foreign)[1]["contact"] == "Kari"
    documents = ask(sandbox, "GET", "quiddly/documents")[1]["documents"]
    assert [(each["number"], each["status"]) for each in documents] == [("123456", "ACTIVATED"), ("F-1", "UNKNOWN")]


@pytest.mark.parametrize(
    ("verb", "body", "status", "reason"),
    [
        ("pay", {"document": "Q-9"}, 404, "Xero has no invoice or credit note Q-9."),
        ("delete", {"document": "Q-1"}, 409, "Invoice Q-1 is AUTHORISED and cannot be deleted."),
        ("pay", {"document": "Q-1", "on": "2026-08-31"}, 409, "period lock date"),
        ("pay", {}, 400, "pay needs the field document."),
        ("overpay", {"document": "Q-1"}, 400, "overpay needs the field amount."),
        ("renumber", {"document": "Q-1", "number": " "}, 400, "text of 1 to 255 characters"),
        ("void", {"document": "Q-1", "amount": 1}, 400, "void has no field 'amount', only document."),
        ("pay", {"document": "Q-1", "amount": "much"}, 400, "amount must be an amount such as"),
        ("pay", {"document": "Q-1", "amount": "NaN"}, 400, "amount must be an amount such as"),
        ("pay", {"document": "Q-1", "amount": True}, 400, "amount must be an amount such as"),
        ("pay", {"document": "Q-1", "amount": "1e-9"}, 400, "two decimals at most"),
        ("pay", {"document": "Q-1", "amount": "1e99"}, 400, "two decimals at most"),
        ("pay", {"document": "Q-1", "on": "tomorrow"}, 400, "A date must be written like 2026-11-20"),
        ("pay", {"document": ["Q-1"]}, 400, "must be a text"),
        ("pay", [], 400, "must be a JSON object"),
        ("__init__", {"document": "Q-1"}, 400, "There is no verb '__init__'"),
        ("perform", {"document": "Q-1"}, 400, "There is no verb 'perform'"),
    ],
)
def test_refusals_say_why(
    sandbox: Sandbox, xero: XeroClient, invoice: Body, verb: str, body: Any, status: int, reason: str
) -> None:
    xero.put("Invoices", invoice())
    answered, said = ask(sandbox, "POST", f"xero/bookkeeper/{verb}", body)
    assert (answered, list(said)) == (status, ["error"])
    assert reason in said["error"]
    assert len(sandbox.xero.payments) == 0


def test_a_body_that_is_no_json(sandbox: Sandbox) -> None:
    answer = requests.post(f"{sandbox.url}/sandbox/xero/bookkeeper/pay", data=b"{", timeout=10)
    assert (answer.status_code, answer.json()) == (400, {"error": "The body is not valid JSON."})


class Page(HTMLParser):
    """What a browser makes of the page: its tags, its texts, and the buttons by their address."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.buttons: list[str] = []
        self.ids: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self.buttons += [found["formaction"] or ""] if "formaction" in found else []
        self.ids += [found["id"] or ""] if "id" in found else []

    def handle_data(self, data: str) -> None:
        self.texts += [data.strip()] if data.strip() else []


def page(sandbox: Sandbox, path: str = "/sandbox/") -> Page:
    answer = requests.get(sandbox.url + path, timeout=10)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    return Page(answer.text)


def press(sandbox: Sandbox, action: str, **form: str) -> requests.Response:
    return requests.post(sandbox.url + action, data=form, timeout=10, allow_redirects=False)


def test_the_page_shows_documents_and_only_the_buttons_that_apply(
    sandbox: Sandbox, xero: XeroClient, invoice: Body
) -> None:
    made = xero.put("Invoices", invoice(line("8000.00")))
    xero.put("Invoices", invoice(InvoiceNumber="Q-2", Status="DRAFT"))
    sandbox.quiddly.add_invoice(exact(SAMPLE))
    sandbox.qondor.add({"id": 1, "invoiceNumber": "S-1", "status": 4, "paidDate": "2026-11-12"})
    sandbox.qondor.add({"id": 2, "invoiceNumber": "S-2"})
    seen = page(sandbox)
    assert {"Q-1", "10 000.00", "AUTHORISED", "Q-2", "DRAFT", "123456", "CREATED", "S-1", "Paid"} <= set(
        text.replace("\u00a0", " ") for text in seen.texts
    )
    assert "S-2" not in seen.texts
    verbs = ["pay", "overpay", "credit", "void", "renumber", "authorise", "delete", "renumber"]
    assert seen.buttons == [
        "/sandbox/desk/quiddly/activate", *(f"/sandbox/desk/xero/{verb}" for verb in verbs),
    ]  # fmt: skip
    assert f"xero-{made['InvoiceID']}" in seen.ids
    assert requests.get(f"{sandbox.url}/sandbox", timeout=10).text.startswith("<!DOCTYPE html>")


def test_a_button_does_it_and_leads_back_to_the_document(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    made = xero.put("Invoices", invoice())["InvoiceID"]
    done = press(sandbox, "/sandbox/desk/xero/pay", document=made, amount="", on="", number="")
    assert done.status_code == 303
    place = urlsplit(done.headers["Location"])
    assert (place.path, place.fragment) == ("/sandbox/", f"xero-{made}")
    assert sandbox.xero.bookkeeper.document(made).status == "PAID"
    assert "Invoice Q-1: pay done, now PAID." in page(sandbox, done.headers["Location"]).texts


def test_a_refusal_is_shown_to_the_person(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    made = xero.put("Invoices", invoice())["InvoiceID"]
    for action, form, reason in (
        ("xero/pay", {"amount": "500"}, "500.00 NOK are more than the 125.00 NOK due of Invoice Q-1."),
        ("xero/pay", {"amount": SCRIPT}, f'amount must be an amount such as 500 or 499.50, not "{SCRIPT}".'),
        (f"xero/{SCRIPT.replace('/', '')}", {}, "There is no verb"),
        ("qondor/pay", {}, "There is no finance system 'qondor' here."),
    ):
        refused = press(sandbox, f"/sandbox/desk/{action}", document=made, **form)
        seen = page(sandbox, refused.headers["Location"])
        assert any(reason in text for text in seen.texts), seen.texts
        assert "script" not in seen.tags
    assert sandbox.xero.bookkeeper.document(made).paid == 0


def test_texts_of_the_network_stay_texts(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    number = 'Q"><img src=x onerror=alert(1)>'
    evil = xero.contact(SCRIPT)
    xero.put("Invoices", invoice(Contact={"ContactID": evil}, InvoiceNumber=number))
    sandbox.quiddly.add_invoice(exact(changed({"debtor.name": SCRIPT, "invoiceNumber": number})))
    sandbox.quiddly.bookkeeper.pay_foreign(f"F{number}", Decimal(1), contact=SCRIPT)
    sandbox.qondor.add({"id": 1, "invoiceNumber": SCRIPT, "status": 3, "failureMessage": SCRIPT})
    seen = page(sandbox)
    assert {"script", "img"} & set(seen.tags) == set()
    assert seen.texts.count(SCRIPT) == 5
    assert seen.texts.count(number) == 2
    reflected = requests.get(f"{sandbox.url}/sandbox/", params={"said": SCRIPT, "refused": SCRIPT}, timeout=10)
    assert "script" not in Page(reflected.text).tags


def test_the_page_searches_and_pages(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    for number in range(1, 61):
        xero.put("Invoices", invoice(InvoiceNumber=f"Q-{number}"))
    for number in range(1, 31):
        sandbox.qondor.add({"id": number, "invoiceNumber": f"S-{number}", "status": 3})
    rows = [one for one in page(sandbox).ids if one.startswith("xero-")]
    assert len(rows) == 25
    third = page(sandbox, "/sandbox/?page_xero=3&page_qondor=2")
    assert [text for text in third.texts if text.startswith("Q-")] == [f"Q-{number}" for number in range(51, 61)]
    assert "S-30" in third.texts
    assert "S-1" not in third.texts
    found = page(sandbox, "/sandbox/?q=q-58+authorised")
    assert [text for text in found.texts if text.startswith(("Q-", "S-"))] == ["Q-58"]
    for odd in ("?page_xero=0", "?page_xero=99", "?page_xero=x", "?page_xero=" + "9" * 5000, "?q=" + "x" * 5000):
        assert "xero" in page(sandbox, f"/sandbox/{odd}").ids


def test_a_button_leads_back_to_where_one_was(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    for number in range(1, 61):
        xero.put("Invoices", invoice(InvoiceNumber=f"Q-{number}"))
    made = sandbox.xero.bookkeeper.documents()[57].id
    for place, left in (
        ("", "page_xero=3"),
        ("page_xero=3", "page_xero=3"),
        ("q=Q-58", "q=Q-58"),
        ("q=other", "page_xero=3"),
    ):
        done = press(sandbox, "/sandbox/desk/xero/pay", document=made, amount="1", place=place)
        assert left in urlsplit(done.headers["Location"]).query
        assert f"xero-{made}" in page(sandbox, done.headers["Location"]).ids


def test_a_foreign_payment_from_the_page(sandbox: Sandbox) -> None:
    done = press(sandbox, "/sandbox/desk/quiddly/pay_foreign", document="F 1/ø", amount="5")
    assert urlsplit(done.headers["Location"]).fragment == "quiddly-F%201/%C3%B8"
    assert parse_qs(urlsplit(done.headers["Location"]).query)["said"] == [
        "Foreign invoice F 1/ø: pay foreign done, now UNKNOWN."
    ]
    assert "quiddly-F 1/ø" in page(sandbox).ids


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    main(["bookkeeper", *arguments])
    return capsys.readouterr().out.strip()


def test_the_shell_command(
    sandbox: Sandbox, xero: XeroClient, invoice: Body, capsys: pytest.CaptureFixture[str]
) -> None:
    xero.put("Invoices", invoice())
    told = run(capsys, "--url", sandbox.url, "xero", "pay", "Q-1", "--amount", "25", "--on", "2026-11-20")
    line = "Invoice Q-1: {}, total 125.00, paid {}, credited 0.00, due {} NOK (Acme Events AS)"
    assert told == line.format("AUTHORISED", "25.00", "100.00")
    assert [row["Date"] for row in sandbox.xero.payments.rows()] == ["2026-11-20"]
    assert run(capsys, "--url", sandbox.url, "xero", "documents") == told
    assert run(capsys, "--url", sandbox.url, "xero", "unpay", "Q-1") == line.format("AUTHORISED", "0.00", "125.00")
    with pytest.raises(SystemExit) as refused:
        main(["bookkeeper", "--url", sandbox.url, "xero", "pay", "Q-1", "--amount", "999"])
    assert refused.value.code == "999.00 NOK are more than the 125.00 NOK due of Invoice Q-1."


def test_the_shell_finds_the_sandbox_of_make_up(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ready = tmp_path / "sandbox_ready.json"
    monkeypatch.setattr(bookkeeper_command, "_READY_FILE", ready)
    command = ["quiddly", "pay_foreign", "F-1", "--amount", "5"]
    with pytest.raises(SystemExit, match=r"names no sandbox: is `make up` running"):
        main(["bookkeeper", *command])
    ready.write_text(json.dumps({"url": "http://127.0.0.1:1"}))
    with pytest.raises(SystemExit, match=r"No sandbox answers at http://127\.0\.0\.1:1/.*: is `make up` running"):
        main(["bookkeeper", *command])
    ready.write_text(json.dumps({"url": sandbox.url}))
    assert run(capsys, *command).startswith("Foreign invoice F-1: UNKNOWN, total 5.00, paid 5.00")


def test_the_shell_command_as_a_process(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    xero.put("Invoices", invoice())
    command = [sys.executable, "-m", "sandbox", "bookkeeper", "--url", sandbox.url, "xero"]
    done = subprocess.run([*command, "void", "Q-1"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.split(",")[0]) == (0, "Invoice Q-1: VOIDED")
    refused = subprocess.run([*command, "pay", "Q-1"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (refused.returncode, refused.stderr) == (1, "Invoice Q-1 is VOIDED and cannot be paid.\n")
