"""A finance system that cannot be asked: a lost answer leaves a doubt, which a person resolves with the command."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest
import yaml

from invoice_bridge_core.documents.states import DocumentState
from tests.chaos.boundary import CALL, Boundary
from tests.chaos.cases import Case, perform, play, violations
from tests.chaos.documents import INVOICE, paper, route_of
from tests.chaos.journeys import Journey
from tests.chaos.state import state_of
from tests.chaos.troubles import TROUBLES
from tests.chaos.world import PACES
from tests.commands.command_line import airflow_command
from tests.world import FERNET_KEY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.chaos.world import ChaosWorld

CREATE = Boundary(CALL, "quiddly POST /invoices", 1, system="quiddly", method="POST", path="/invoices")
IN_DOUBT_AFTER = {
    "time-out after processing",
    "dropped before",
    "dropped after",
    "500 before",
    "500 after",
    "half a JSON",
    "cut short",
    "HTML 200 before",
    "HTML 200 after",
    "empty 200 after",
    "wrong type",
    "503, Retry-After",
    "503, no Retry-After",
    "503 after processing",
    "killed before",
    "killed after",
}
"""Troubles after which nobody here can know whether the invoice is there; after the others it is certain."""


@pytest.fixture
def journey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journey:
    """One invoice on a route whose Quiddly has no call that finds an invoice."""
    route = route_of("qondor_quiddly")
    blind = {"invoice_search_path": None, "invoice_path": None}
    route = route.model_copy(update={"finance": route.finance.model_copy(update=blind)})
    (tmp_path / "qondor_quiddly.yaml").write_text(yaml.safe_dump(route.model_dump(mode="json")))
    monkeypatch.setenv("INVOICE_BRIDGE_ROUTES_DIR", str(tmp_path))
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", FERNET_KEY)
    return Journey("qondor_quiddly in doubt", route, (paper(route, INVOICE, 1),))


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("trouble", [name for name, one in TROUBLES.items() if one.can_strike(CREATE)])
def test_a_doubt_says_what_to_do_and_doing_it_ends_the_doubt(
    world: ChaosWorld,
    journey: Journey,
    trouble: str,
    pace: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, wrong = play(world, journey, Case(journey.name, str(CREATE), trouble, pace))
    assert wrong == []
    [row] = world.ledger.rows(*journey.source, ["50001"]).values()
    assert (row.state is DocumentState.IN_DOUBT) == (trouble in IN_DOUBT_AFTER), row.reason
    seen = world.played.ask(state_of, "quiddly", "qondor")
    seen_by_a_person: set[int] = set()
    if row.state is DocumentState.IN_DOUBT:
        # A person looked before anything was sent again.
        seen_by_a_person = {entry.number for entry in seen.traffic}
        number = journey.papers[0].expected.number
        assert number in (row.reason or "")
        assert seen.told["50001"].state == "Unprocessed"
        commands = _commands(_command(monkeypatch, capsys, world, "show", "50001"))
        booked = [each.finance_id for each in seen.booked]
        said = next(one for one in commands if ("--booked-as" in one) == bool(booked))
        said = [booked[0] if word == number else word for word in said]
        _command(monkeypatch, capsys, world, *said, "--i-looked", "--by", "Anna Berg")
        perform(world, journey, PACES[pace])
    assert violations(world, journey, (), stale=seen_by_a_person) == []


def _command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], world: ChaosWorld, *arguments: str
) -> str:
    code = airflow_command(monkeypatch, world.ledger_url, *arguments)
    told = capsys.readouterr()
    assert code == 0, told.err
    return told.out


def _commands(shown: str) -> list[list[str]]:
    lines = [line.partition("airflow invoice-bridge ")[2] for line in shown.splitlines() if "resolve" in line]
    return [shlex.split(line.partition("   (")[0]) for line in lines]
