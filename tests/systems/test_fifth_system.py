"""A fifth system needs its own folders and nothing else: neither an edit in a list, nor one in the core.

Tally is copied to where a system may live: into a package of somebody else's, which declares itself by entry point,
or beside our own systems. A document then goes all its way, with a real ledger.
"""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from cryptography.fernet import Fernet

from invoice_bridge import hooks, systems
from invoice_bridge.provider_info import get_provider_info
from invoice_bridge.systems.registry import open_finance, open_source
from invoice_bridge_core.connections.guard import ConnectionGuard
from invoice_bridge_core.documents import DocumentRef
from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.documents.window import Window
from invoice_bridge_core.ledger import Ledger
from invoice_bridge_core.routes.errors import RouteError
from invoice_bridge_core.routes.loader import read_route
from invoice_bridge_core.transfer.queue import Queue
from invoice_bridge_core.transfer.route_session import RouteSession
from invoice_bridge_core.transfer.run_memory import LedgerRunMemory
from invoice_bridge_core.transfer.transfer import Attempt, Transfer
from tests.installed_systems import declare, systems_found_anew
from tests.systems.tally.files import put, rows_of
from tests.world import FERNET_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from invoice_bridge.hooks.auth.tokens import TokenStore
    from invoice_bridge_core.documents.outcomes import Result
    from invoice_bridge_core.routes.model import Route

TALLY = Path(__file__).with_name("tally")
ROUTE = """\
route: tally_tally
source: {{system: tally, folder: {folder}}}
finance: {{system: tally, folder: {folder}, number_prefix: T-}}
"""


@pytest.fixture(autouse=True)
def _found_anew() -> Iterator[None]:
    with systems_found_anew("tally_bridge", "invoice_bridge.systems.tally", "invoice_bridge.hooks.tally"):
        yield


def _copy_tally(package: str, folder: Path) -> None:
    """Tally as the module of this name."""
    shutil.copytree(TALLY, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for path in folder.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("tests.systems.tally", package), encoding="utf-8")


@pytest.fixture
def in_its_own_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Somebody else's package, as pip installs it."""
    site = tmp_path / "site"
    declare(site, "tally-bridge", "tally_bridge.systems")
    _copy_tally("tally_bridge.systems.tally", site / "tally_bridge" / "systems" / "tally")
    monkeypatch.syspath_prepend(str(site))
    return "tally_bridge.systems.tally"


@pytest.fixture
def beside_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """One more folder among our systems, and one among our hooks."""
    _copy_tally("invoice_bridge.systems.tally", tmp_path / "systems" / "tally")
    monkeypatch.setattr(systems, "__path__", [*systems.__path__, str(tmp_path / "systems")])
    hook = tmp_path / "hooks" / "tally"
    hook.mkdir(parents=True)
    (hook / "__init__.py").touch()
    (hook / "connection_type.py").write_text('CONNECTION_TYPE = {"connection-type": "tally"}\n', encoding="utf-8")
    monkeypatch.setattr(hooks, "__path__", [*hooks.__path__, str(tmp_path / "hooks")])
    return "invoice_bridge.systems.tally"


@pytest.fixture
def books(tmp_path: Path) -> Path:
    """Tally's folder, with one document that waits."""
    folder = tmp_path / "books"
    folder.mkdir()
    document = {"number": "1001", "customer": "Acme Events AS", "date": "2026-11-02", "total": "100.00"}
    put(folder / "documents.json", "1", {**document, "state": "waiting", "reference": None})
    return folder


@pytest.fixture
def write_route(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a route file."""

    def write(text: str) -> Path:
        path = tmp_path / "tally_tally.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def _move_what_waits(route: Route, ledger: Ledger) -> list[Result]:
    """One run: the queue, then every document in it."""
    tokens = ledger.token_vault(lambda: Fernet(FERNET_KEY))
    source, finance = open_source(route, tokens, LedgerRunMemory(ledger, "run")), open_finance(route, tokens)
    guard = ConnectionGuard(
        ledger,
        (source.observations, finance.observations),
        run="run",
        run_started=None,
        timezone=route.schedule.timezone,
        credentials=lambda conn_id: "",
    )
    session = RouteSession(route, ledger, source, finance, guard)
    selection = Queue(session, "run").select(Window(), limit=10, reference_age=dt.timedelta(0))
    return [Transfer(session, Attempt("task", "run")).transfer(facts.ref) for facts in selection.invoices]


@pytest.mark.parametrize("place", ["in_its_own_package", "beside_our_own"])
def test_a_document_goes_all_its_way(
    place: str, request: pytest.FixtureRequest, ledger_url: str, books: Path, write_route: Callable[[str], Path]
) -> None:
    package = request.getfixturevalue(place)
    route = read_route(write_route(ROUTE.format(folder=books)))
    assert type(route.source).__module__ == f"{package}.settings"

    ledger = Ledger.connect(ledger_url)
    try:
        [result] = _move_what_waits(route, ledger)
        assert result.outcome is Outcome.TRANSFERRED
        row = ledger.row(DocumentRef(system="tally", conn_id="tally_default", source_id="1"))
        assert row is not None
        assert row.state is DocumentState.TRANSFERRED
        assert _move_what_waits(route, ledger) == []
    finally:
        ledger.close()

    [booked] = rows_of(books / "bookings.json").values()
    assert (booked["number"], booked["total"], booked["contact"]) == ("T-1001", "100.00", "Acme Events AS")
    told = rows_of(books / "documents.json")["1"]
    assert (told["state"], told["reference"]) == ("processed", "T-1001")


@pytest.mark.usefixtures("in_its_own_package")
def test_its_mark_is_read_back(books: Path, write_route: Callable[[str], Path]) -> None:
    route = read_route(write_route(ROUTE.format(folder=books)))
    text = "Booked by Invoice Bridge · tally:tally_default:1"
    row = {"number": "T-1001", "contact": "Acme Events AS", "currency": "NOK", "total": "100.00", "text": text}
    put(books / "bookings.json", "T-1001", row)
    finance = open_finance(route, cast("TokenStore", None))
    found = finance.bookings.find_by_number("T-1001", is_credit_note=False)
    assert found is not None
    assert found.booking.marker == "tally:tally_default:1"


@pytest.mark.usefixtures("in_its_own_package")
def test_its_keys_count_and_are_explained_as_any_others(tmp_path: Path, write_route: Callable[[str], Path]) -> None:
    here = read_route(write_route(ROUTE.format(folder="here")))
    there = read_route(write_route(ROUTE.format(folder="there")))
    assert here.fingerprint != there.fingerprint

    wrong = "route: wrong\nsource: {system: tally, foldre: x}\nfinance: {system: qondor}\n"
    with pytest.raises(RouteError) as caught:
        read_route(write_route(wrong))
    path = tmp_path / "tally_tally.yaml"
    assert str(caught.value).splitlines() == [
        f"{path}: line 2, source.folder: is missing",
        f"{path}: line 2, source.foldre: unknown key; did you mean 'folder'?",
        f"{path}: line 3, finance.system: got 'qondor', must be 'quiddly' or 'tally' or 'xero'",
    ]


@pytest.mark.usefixtures("beside_our_own")
def test_its_connection_type_is_offered() -> None:
    offered = {item["connection-type"] for item in get_provider_info()["connection-types"]}
    assert offered == {"ixpole", "qondor", "quiddly", "tally", "xero"}


@pytest.mark.usefixtures("in_its_own_package", "beside_our_own")
def test_two_packages_that_offer_the_same_system_stop_its_routes_alone(
    books: Path, write_route: Callable[[str], Path]
) -> None:
    with pytest.raises(RouteError, match="got 'tally', system tally is offered by") as caught:
        read_route(write_route(ROUTE.format(folder=books)))
    assert "invoice_bridge.systems.tally" in str(caught.value)
    assert "tally_bridge.systems.tally" in str(caught.value)
    assert read_route(write_route("route: a\nsource: {system: qondor}\nfinance: {system: xero}\n")).route == "a"
