"""`python -m invoice_bridge_core.commands`, as a bookkeeper's helper uses it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from invoice_bridge_core.commands.__main__ import main
from invoice_bridge_core.commands.address import VARIABLE
from invoice_bridge_core.commands.address import ledger_url as address
from invoice_bridge_core.documents.facts import DocumentFacts
from invoice_bridge_core.errors import LedgerError
from tests.builders import document
from tests.ledger.rows import booking, claimed, other_ref

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.ledger import Ledger

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def transferred(ledger: Ledger) -> Ledger:
    ledger.upsert_facts([DocumentFacts.from_document(document(), "entry")])
    claim = claimed(ledger, "invoice_transfer__qondor_xero/run 1", finance_conn="xero_default")
    claim.intend("Q-10023", "hash")
    claim.booked(booking())
    claim.steps.intend("payment")
    claim.steps.done("payment", "p-1")
    claim.transferred()
    return ledger


@pytest.fixture
def command(ledger_url: str, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["--url", ledger_url, *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.mark.usefixtures("transferred")
@pytest.mark.parametrize("name", ["Q-10023", "12345", "qondor:qondor_default:12345"])
def test_show_tells_the_whole_story(command: Callable[..., tuple[int, str, str]], name: str) -> None:
    code, text, _ = command("show", name)
    assert code == 0
    for expected in (
        "Q-10023 · Acme Events AS · 10 000.00 NOK",
        "transferred: booked and reported to its source",
        "Customer:       Acme Events AS",
        "https://finance.example/f-1",
        "payment: done (p-1)",
        "first met  by queue",
        "about to be booked as Q-10023 [seen → working]  by invoice_transfer__qondor_xero/run 1",
        "booked as Q-10023 [working → booked]",
        "reported to its source [booked → transferred]",
    ):
        assert expected in text


def test_show_of_an_unknown_document_is_a_sentence(command: Callable[..., tuple[int, str, str]]) -> None:
    code, text, problem = command("show", "Q-1")
    assert (code, text) == (1, "")
    assert problem.startswith("The ledger knows no document Q-1;")


def test_list_shows_what_is_held_and_why(transferred: Ledger, command: Callable[..., tuple[int, str, str]]) -> None:
    claimed(transferred, ref=other_ref("2")).held("account 200 is archived", None)
    code, text, _ = command("list", "--state", "held")
    assert code == 0
    assert text == "held        2 (qondor:qondor_default:2): account 200 is archived\n"
    assert command("list", "--state", "held", "--route", "another")[1] == "The ledger knows no such documents.\n"
    assert len(command("list")[1].splitlines()) == 2


@pytest.mark.usefixtures("transferred")
def test_programs_get_json_with_amounts_as_text(command: Callable[..., tuple[int, str, str]]) -> None:
    [entry] = json.loads(command("list", "--json", "--route", "qondor_xero")[1])
    assert entry["reference"] == "qondor:qondor_default:12345"
    assert entry["total"] == "10000.00"
    assert entry["state"] == "transferred"
    assert entry["booking"]["finance_id"] == "f-1"
    [shown] = json.loads(command("show", "Q-10023", "--json")[1])
    assert shown.pop("payment")["told_on"] is None
    assert shown == entry


def test_a_stored_token_is_forgotten_by_name(
    ledger: Ledger, command: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from cryptography.fernet import Fernet

    vault = ledger.token_vault([Fernet.generate_key()])
    vault.store("xero:xero_default", "refresh-1")
    code, text, _ = command("forget-token", "xero:xero_default")
    assert code == 0
    assert text.startswith("The token xero:xero_default is forgotten")
    assert vault.peek("xero:xero_default") is None
    assert command("forget-token", "xero:xero_default")[0] == 1


def test_a_ledger_that_cannot_be_used_is_one_sentence_and_exit_code_2(ledger_url: str) -> None:
    url = ledger_url.replace(sa.make_url(ledger_url).database or "", "nowhere").replace("postgres:@", "postgres:pw-1@")
    done = subprocess.run(
        [sys.executable, "-m", "invoice_bridge_core.commands", "--url", url, "list"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert 'database "nowhere" does not exist' in done.stderr
    assert "pw-1" not in done.stderr


def test_the_address_is_airflows_connection_in_either_form(
    ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = sa.make_url(ledger_url)
    forms = [
        ledger_url.replace("postgresql://", "postgres://"),
        json.dumps(
            {
                "conn_type": "postgres",
                "login": url.username,
                "password": "",
                "schema": url.database,
                "extra": {"host": url.query["host"]},
            }
        ),
        json.dumps({"conn_type": "postgres", "login": "postgres", "host": url.query["host"], "schema": url.database}),
    ]
    for form in forms:
        monkeypatch.setenv(VARIABLE, form)
        assert main(["list"]) == 0
    monkeypatch.setenv(VARIABLE, '{"password": "pw-1"')
    with pytest.raises(LedgerError, match="begins like JSON") as caught:
        address(None, tmp_path / "none", lambda: None)
    assert "pw-1" not in str(caught.value)


def test_the_address_is_given_or_in_the_variable_or_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ledger_url"
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(LedgerError, match=r"Where is the ledger\? Give its address with --url"):
        address(None, file, lambda: None)
    assert address(None, file, lambda: "postgres://from/airflow") == "postgres://from/airflow"
    file.write_text("postgresql://from/file\n")
    assert address(None, file) == "postgresql://from/file"
    monkeypatch.setenv(VARIABLE, "postgres://from/variable")
    assert address(None, file) == "postgres://from/variable"
    assert address("postgres://given/here", file) == "postgres://given/here"
