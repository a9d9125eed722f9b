"""`airflow invoice-bridge show` and `list`, as a bookkeeper's helper uses them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from invoice_bridge_core.documents.facts import DocumentFacts
from tests.builders import document
from tests.commands.command_line import LEDGER_VARIABLE, airflow_command, parser
from tests.ledger.rows import booking, claimed, other_ref

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import Ledger
    from tests.commands.conftest import Command


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


@pytest.mark.usefixtures("transferred")
@pytest.mark.parametrize("name", ["Q-10023", "q-10023", "12345", "qondor:qondor_default:12345"])
def test_show_tells_the_whole_story(command: Command, name: str) -> None:
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


def test_show_of_an_unknown_document_is_a_sentence(command: Command) -> None:
    code, text, problem = command("show", "Q-1")
    assert (code, text) == (1, "")
    assert problem.startswith("The ledger has no document Q-1;")


def test_list_shows_what_is_held_and_why(transferred: Ledger, command: Command) -> None:
    claimed(transferred, ref=other_ref("2")).held("account 200 is archived", None)
    code, text, _ = command("list", "--state", "held")
    assert code == 0
    assert text == "held        2 (qondor:qondor_default:2): account 200 is archived\n1 document\n"
    assert command("list", "--state", "rejected") == (0, "The ledger has no such documents.\n", "")
    assert command("list")[1].endswith("\n2 documents\n")


@pytest.mark.parametrize("typed", ["in-doubt", "IN_DOUBT", "In doubt", " in  doubt "])
def test_a_state_is_typed_in_any_way(ledger: Ledger, command: Command, typed: str) -> None:
    claim = claimed(ledger, ref=other_ref("3"))
    claim.intend("Q-3", "hash")
    claim.in_doubt("no answer")
    assert command("list", "--state", typed)[1].startswith("in doubt    3 (qondor:qondor_default:3)")


def test_several_states_are_listed_together(ledger: Ledger, command: Command) -> None:
    claimed(ledger, ref=other_ref("1")).held("no account", None)
    ledger.upsert_facts([DocumentFacts(ref=other_ref("2"))])
    assert command("list", "--state", "held", "--state", "seen")[1].endswith("\n2 documents\n")


def test_a_long_list_ends_at_its_limit_and_says_how_many_there_are(ledger: Ledger, command: Command) -> None:
    ledger.upsert_facts([DocumentFacts(ref=other_ref(str(number))) for number in range(101)])
    listed = command("list")[1].splitlines()
    assert len(listed) == 101
    assert listed[-1] == "100 of 101 documents"
    assert command("list", "--limit", "1")[1].splitlines()[-1] == "1 of 101 documents"
    assert command("list", "--limit", "500")[1].splitlines()[-1] == "101 documents"


@pytest.mark.usefixtures("transferred")
def test_an_unknown_state_or_route_is_refused_with_those_that_there_are(command: Command) -> None:
    code, text, problem = command("list", "--state", "lost")
    assert (code, text) == (1, "")
    assert problem == (
        "There is no state 'lost'; the states are seen, working, booked, transferred, rejected, held, in-doubt\n"
    )
    code, text, problem = command("list", "--route", "qondor_zero")
    assert (code, text) == (1, "")
    assert problem.startswith("There is no route 'qondor_zero'; the known routes are ")
    assert "qondor_xero" in problem


def test_a_route_that_has_no_file_any_more_is_known_by_its_documents(ledger: Ledger, command: Command) -> None:
    claim = ledger.claim(document().ref, route="last_year", claimant="run 1/task 7")
    assert claim is not None
    claim.held("no account", None)
    assert command("list", "--route", "last_year")[1].endswith("\n1 document\n")


@pytest.mark.usefixtures("transferred")
def test_programs_get_json_with_amounts_as_text(command: Command) -> None:
    code, text, count = command("list", "--json", "--route", "qondor_xero")
    assert (code, count) == (0, "1 document\n")
    [entry] = json.loads(text)
    assert entry["reference"] == "qondor:qondor_default:12345"
    assert entry["total"] == "10000.00"
    assert entry["state"] == "transferred"
    assert entry["booking"]["finance_id"] == "f-1"
    [shown] = json.loads(command("show", "Q-10023", "--json")[1])
    assert shown.pop("payment")["told_on"] is None
    assert shown == entry


def test_a_ledger_that_cannot_be_used_is_one_sentence_and_exit_code_2(
    ledger_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = ledger_url.replace(sa.make_url(ledger_url).database or "", "nowhere").replace("postgres:@", "postgres:pw-1@")
    assert airflow_command(monkeypatch, url, "list") == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 1
    assert 'database "nowhere" does not exist' in told.err
    assert "pw-1" not in told.err


def test_without_the_connection_it_is_one_sentence_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(LEDGER_VARIABLE, raising=False)
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "client")
    options = parser().parse_args(["invoice-bridge", "list"])
    with pytest.raises(SystemExit) as ended:
        options.func(options)
    told = capsys.readouterr()
    assert (ended.value.code, told.out) == (2, "")
    assert told.err.startswith("Airflow finds no connection invoice_bridge_ledger: add one")
    assert len(told.err.splitlines()) == 1
