"""`airflow invoice-bridge resolve`, as a bookkeeper's helper types it."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.documents.states import DocumentState
from tests.world import FERNET_KEY, World, payment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.sandbox import Sandbox
    from tests.commands.conftest import Command

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def world(sandbox: Sandbox, ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    world = World(sandbox, ledger_url)
    route = world.route.model_dump(mode="json", exclude_none=True)
    (tmp_path / "qondor_xero.yaml").write_text(yaml.safe_dump(route))
    monkeypatch.setenv("INVOICE_BRIDGE_ROUTES_DIR", str(tmp_path))
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", FERNET_KEY)
    # The command says what process it is in; here it is one of many.
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "client")
    yield world
    world.close()


@pytest.fixture
def in_doubt(world: World) -> dict[str, Any]:
    """Payment 1, whose number a bookkeeper used in Xero; returns what she made."""
    contact = world.sandbox.xero.add_contact(Name="Nordlys")
    made: dict[str, Any] = world.sandbox.xero.add_invoice(
        InvoiceNumber="T-1",
        Contact={"ContactID": contact["ContactID"]},
        Status="AUTHORISED",
        Date="2026-11-02",
        DueDate="2026-12-02",
        CurrencyCode="NOK",
        LineItems=[{"Description": "Room", "Quantity": 1, "UnitAmount": 8000, "AccountCode": "200"}],
    )
    world.sandbox.qondor.add(payment(1))
    assert [result.outcome for result in world.run().values()] == [Outcome.IN_DOUBT]
    return made


def transferred_once(world: World) -> str:
    """The next run ends it; returns the id of the one booking."""
    assert [result.outcome for result in world.run().values()] == [Outcome.TRANSFERRED]
    [booked] = world.sandbox.xero.invoices.find("InvoiceNumber", "T-1")
    return str(booked["InvoiceID"])


@pytest.mark.usefixtures("in_doubt")
def test_show_says_what_was_tried_and_gives_the_commands_word_for_word(command: Command) -> None:
    _, text, _ = command("show", "T-1")
    assert re.search(r"Sent as: +T-1 to xero_default, last at \d{4}-", text)
    assert re.search(r"about to be booked as T-1 on contact [0-9a-f-]{36} \[seen → working\]", text)
    assert "in doubt: T-1 is already in Xero" in text
    assert "What to do\n  Look for T-1 in the finance system (xero_default), then say what is so" in text
    commands = [line.partition("airflow invoice-bridge ")[2] for line in text.splitlines() if "resolve" in line]
    assert [shlex.split(one.partition("   (")[0]) for one in commands] == [
        ["resolve", "qondor:qondor_default:50001", "--booked-as", "T-1"],
        ["resolve", "qondor:qondor_default:50001", "--not-booked"],
    ]
    for one in commands:
        code, out, problem = command(*shlex.split(one.partition("   (")[0]))
        assert (code, out, len(problem.splitlines())) == (1, "", 1)


def test_what_a_person_says_is_noted_with_their_name_and_ends_with_the_next_run(
    world: World, in_doubt: dict[str, Any], command: Command
) -> None:
    code, text, problem = command(
        "resolve", "T-1", "--booked-as", "T-1", "--despite-missing-mark", "--by", "Anna  Berg"
    )
    assert (code, problem) == (0, "")
    assert text.startswith(f"T-1 · Nordlys Møter 901 AS · 10 000.00 NOK is booked as T-1 ({in_doubt['InvoiceID']}): ")
    assert text.endswith("The next run of invoice_transfer__qondor_xero finishes it and reports it to its source.\n")
    told = command("show", "T-1")[1]
    assert re.search(
        r"said to be booked as T-1 .* accepts it without our mark \[in doubt → booked\]  by Anna Berg, by hand", told
    )
    assert "What to do" not in told
    assert transferred_once(world) == in_doubt["InvoiceID"]


def test_not_booked_is_refused_and_then_taken(world: World, in_doubt: dict[str, Any], command: Command) -> None:
    code, out, problem = command("resolve", "50001", "--not-booked", "--by", "anna")
    assert (code, out) == (1, "")
    assert f"Xero has T-1 ({in_doubt['InvoiceID']}) with 10 000.00 NOK" in problem
    assert "; refused: Xero has T-1" in command("show", "T-1")[1]

    world.sandbox.xero.invoices.change(in_doubt["InvoiceID"], InvoiceNumber="H-1")
    world.let_arrive()
    code, out, _ = command("resolve", "50001", "--not-booked", "--by", "anna")
    assert code == 0
    assert "The next run of invoice_transfer__qondor_xero books it again." in out
    assert transferred_once(world) != in_doubt["InvoiceID"]


@pytest.mark.usefixtures("in_doubt")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["T-9", "--not-booked"], "The ledger has no document T-9; give its number"),
        (["T-1", "--booked-as", "T-7"], "Xero shows no invoice with the number or id T-7"),
        (["T-1", "--booked-as", " "], "--booked-as needs a number or an id"),
        (["T-1", "--not-booked", "--despite-missing-mark"], "goes with --booked-as only"),
        (["T-1", "--not-booked", "--by", " "], "Who says so? Give a name"),
        (["T-1", "--not-booked", "--by", "x" * 81], "Who says so? Give a name"),
        (["T-1", "--not-booked", "--by", "an\x1bna"], "Who says so? Give a name"),
    ],
)
def test_each_refusal_is_one_sentence(command: Command, arguments: list[str], message: str) -> None:
    code, out, problem = command("resolve", *arguments)
    assert (code, out) == (1, "")
    assert message in problem
    assert len(problem.splitlines()) == 1


@pytest.mark.parametrize("arguments", [[], ["--not-booked", "--booked-as", "T-1"]])
def test_one_of_the_two_has_to_be_said(command: Command, arguments: list[str]) -> None:
    code, out, problem = command("resolve", "T-1", *arguments)
    assert (code, out) == (2, "")
    assert "--booked-as" in problem


@pytest.mark.usefixtures("in_doubt")
def test_a_name_of_several_documents_is_answered_with_all_of_them(world: World, command: Command) -> None:
    world.sandbox.qondor.add(payment(2, invoiceNumber="T-1"))
    world.select()
    code, out, problem = command("resolve", "T-1", "--not-booked")
    assert (code, out) == (1, "")
    first, *rest = problem.splitlines()
    assert first == "T-1 names several documents; give one of these references:"
    assert [re.search(r"\((qondor:[^)]+)\)", line)[1] for line in rest] == [  # type: ignore[index]
        "qondor:qondor_default:50001",
        "qondor:qondor_default:50002",
    ]


@pytest.mark.usefixtures("in_doubt")
def test_without_its_route_or_its_connection_the_command_says_what_is_missing(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_XERO_DEFAULT")
    code, out, problem = command("resolve", "T-1", "--not-booked")
    assert (code, out) == (1, "")
    assert "so nothing was changed: Connection xero_default (Xero) does not exist in Airflow" in problem

    (tmp_path / "none").mkdir()
    monkeypatch.setenv("INVOICE_BRIDGE_ROUTES_DIR", str(tmp_path / "none"))
    code, out, problem = command("resolve", "T-1", "--not-booked")
    assert (code, out) == (2, "")
    assert "was sent by the route qondor_xero, which is not among the enabled routes" in problem


KEEP_IN_AIRFLOW = """
import json, sys
import sqlalchemy as sa
from airflow import settings
from airflow.models.connection import Connection
with settings.engine.begin() as connection:
    for table in Connection.metadata.sorted_tables:
        if table.name in ("team", "connection"):
            table.create(connection)
with settings.Session() as session:
    for name, fields in json.loads(sys.argv[1]).items():
        session.add(Connection.from_json(json.dumps(fields), conn_id=name))
    session.commit()
"""


def shell(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("where", ["environment", "Airflow's database"])
def test_it_works_from_a_shell_wherever_airflow_keeps_its_connections(
    world: World, in_doubt: dict[str, Any], ledger_url: str, tmp_path: Path, where: str
) -> None:
    ours = {name: value for name, value in os.environ.items() if name.startswith("AIRFLOW_CONN_")}
    left_out = (*ours, "AIRFLOW_HOME", "_AIRFLOW_PROCESS_CONTEXT")
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    environment |= {
        "AIRFLOW_HOME": str(tmp_path / "home"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{tmp_path / 'airflow.db'}",
        "LOGNAME": "anna",
    }
    if where == "environment":
        environment |= ours
    else:
        kept = shell(environment, "-c", KEEP_IN_AIRFLOW, json.dumps(world.sandbox.connections))
        assert kept.returncode == 0, kept.stderr
    environment["AIRFLOW_CONN_INVOICE_BRIDGE_LEDGER"] = ledger_url
    words = ["resolve", "T-1", "--booked-as", in_doubt["InvoiceID"], "--despite-missing-mark"]
    done = shell(environment, "-m", "airflow", "invoice-bridge", *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1
    assert world.ledger.history(world.row(50001))[-1].actor == "anna, by hand"
    assert transferred_once(world) == in_doubt["InvoiceID"]


def test_a_document_that_is_not_open_costs_no_call(world: World, command: Command) -> None:
    waiting = world.sandbox.qondor.add(payment(1))
    world.transfer(waiting["id"])
    world.sandbox.traffic.reset()
    code, _, problem = command("resolve", "T-1", "--not-booked", "--by", "anna")
    assert code == 1
    assert "is booked as T-1" in problem
    assert world.calls("xero") == []
    assert world.row(waiting["id"]).state is DocumentState.TRANSFERRED
    assert json.loads(command("show", "T-1", "--json")[1])[0]["state"] == "transferred"
