from __future__ import annotations

import os
import pickle
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge.systems.qondor.settings import QondorSettings
from invoice_bridge.systems.quiddly.settings import QuiddlySettings
from invoice_bridge_core.routes.errors import RouteError
from invoice_bridge_core.routes.loader import load_route, load_routes, read_route, routes_folder
from invoice_bridge_core.routes.model import Route

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Put = Callable[[str, str | dict[str, Any]], Path]


def content(name: str, office: int, **more: Any) -> dict[str, Any]:
    return {"route": name, "source": {"system": "qondor", "offices": [office]}, "finance": {"system": "xero"}, **more}


def test_a_wrong_file_stops_its_own_route_alone(put: Put, tmp_path: Path) -> None:
    put("a.yaml", content("a", 1))
    wrong = put("b.yaml", content("b", 2, colour="blue"))
    put("c.json", content("c", 3))
    put("d.yml", content("d", 4))
    loaded = load_routes(tmp_path)
    assert [route.route for route in loaded.routes] == ["a", "c", "d"]
    assert list(loaded.errors) == [wrong]
    assert loaded.errors[wrong].problems[0].key == "colour"


def test_other_files_are_no_routes(put: Put, tmp_path: Path) -> None:
    put("a.yaml", content("a", 1))
    for name in ("README.md", ".b.yaml", "c.yaml~", "d.py"):
        put(name, "no route")
    assert len(load_routes(tmp_path).routes) == 1
    assert not load_routes(tmp_path).errors


def test_a_disabled_route_is_loaded_and_says_so(put: Put, tmp_path: Path) -> None:
    put("a.yaml", content("a", 1, enabled=False))
    assert [route.enabled for route in load_routes(tmp_path).routes] == [False]


def test_a_task_finds_the_enabled_one_of_two_files_of_a_route(put: Put, tmp_path: Path) -> None:
    put("a.yaml", content("a", 1, enabled=False))
    put("copy_of_a.yaml", content("a", 2))
    found = load_route("a", tmp_path)
    assert found is not None
    assert found in load_routes(tmp_path).routes
    assert found.enabled


def test_numbers_keep_what_was_written(put: Put) -> None:
    path = put(
        "a.yaml",
        """
        route: a
        source: {system: qondor, offices: [7, "8", 007], start_date: 2026-01-01}
        finance:
          system: xero
          account_codes: {A: 200, B: 090, C: 0200, D: 200.10, E: "1e3", F: 1e3, NO: 0x1F, 1001: 1_000, 12:30:00: 5}
        policy: {total_tolerance: 0.10}
        """,
    )
    route = read_route(path)
    assert dict(route.finance.account_codes) == {
        "A": "200",
        "B": "090",
        "C": "0200",
        "D": "200.10",
        "E": "1e3",
        "F": "1e3",
        "NO": "0x1F",
        "1001": "1_000",
        "12:30:00": "5",
    }
    assert isinstance(route.source, QondorSettings)
    assert route.source.offices == ("7", "8", "007")
    assert str(route.policy.total_tolerance) == "0.10"
    assert isinstance(route.policy.total_tolerance, Decimal)


def test_exchange_rates_never_become_floats(put: Put) -> None:
    finance = "{system: quiddly, exchange_rates: {EUR: 11.253, NOK: '0.98', USD: 10}}"
    path = put("a.yaml", f"route: a\nsource: {{system: qondor}}\nfinance: {finance}\n")
    finance_settings = read_route(path).finance
    assert isinstance(finance_settings, QuiddlySettings)
    assert finance_settings.exchange_rates == {"EUR": Decimal("11.253"), "NOK": Decimal("0.98"), "USD": Decimal(10)}
    assert read_route(put("a.json", content("a", 1, finance={"system": "quiddly", "exchange_rates": {"EUR": 0.1}})))


def test_yaml_and_json_of_the_same_route_are_the_same(put: Put) -> None:
    written = content("a", 1, policy={"total_tolerance": 0.05})
    assert read_route(put("a.json", written)) == read_route(put("a.yaml", written))


def test_a_byte_order_mark_and_anchors_are_no_mistakes(put: Put) -> None:
    path = put(
        "a.yaml",
        "\ufeffroute: a\nsource: {system: qondor, offices: &ids ['7'], projects: *ids}\nfinance: {system: xero}\n",
    )
    source = read_route(path).source
    assert isinstance(source, QondorSettings)
    assert (source.offices, source.projects) == (("7",), ("7",))


def test_files_that_cannot_be_read(put: Put, tmp_path: Path) -> None:
    put("a.yaml", content("a", 1))
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.yaml")
    loaded = load_routes(tmp_path)
    assert [route.route for route in loaded.routes] == ["a"]
    assert {path.name: str(error).removeprefix(f"{path}: ") for path, error in loaded.errors.items()} == {
        "folder.yaml": "is not a file",
        "gone.yaml": "cannot be read: No such file or directory",
        "pipe.yaml": "is not a file",
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_read_permission(put: Put, tmp_path: Path) -> None:
    path = put("a.yaml", content("a", 1))
    path.chmod(0)
    assert "Permission denied" in str(load_routes(tmp_path).errors[path])


def test_a_folder_that_is_missing_or_empty_is_told(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert "cannot be read" in str(load_routes(missing).errors[missing])
    assert "holds no route file" in str(load_routes(tmp_path).errors[tmp_path])


def test_the_folder_can_be_chosen(put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put("a.yaml", content("a", 1))
    monkeypatch.setenv("INVOICE_BRIDGE_ROUTES_DIR", str(tmp_path))
    assert routes_folder() == tmp_path
    assert [route.route for route in load_routes().routes] == ["a"]
    monkeypatch.setenv("INVOICE_BRIDGE_ROUTES_DIR", " ")
    assert (routes_folder() / "qondor_xero.yaml").is_file()


def test_one_route_by_name(put: Put, tmp_path: Path) -> None:
    put("a.yaml", content("a", 1))
    put("b.json", content("b", 2))
    put("other_name.yaml", content("c", 3))
    put("off.yaml", content("off", 4, enabled=False))
    for name in ("a", "b", "c"):
        route = load_route(name, tmp_path)
        assert route is not None
        assert route.route == name
    for name in ("off", "other_name", "missing", "", "../a", "a/../a"):
        assert load_route(name, tmp_path) is None


def test_one_route_is_read_without_the_others(put: Put, tmp_path: Path) -> None:
    put("a.yaml", content("a", 1))
    os.mkfifo(tmp_path / "b.yaml")
    (tmp_path / "c.yaml").write_text("colour: blue")
    assert load_route("a", tmp_path) is not None


def test_an_error_crosses_processes(put: Put, tmp_path: Path) -> None:
    path = put("a.yaml", "colour: blue")
    error = load_routes(tmp_path).errors[path]
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_a_file_is_worked_out_anew_only_when_it_holds_something_else(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put("one.yaml", content("one", 1))
    first = read_route(path)
    with monkeypatch.context() as during:
        during.setattr(Route, "model_validate", None)
        assert read_route(path) is first
    # Of the same length and, by the clock of many file systems, of the same time.
    os.utime(path, (0, 0))
    path.write_text(path.read_text().replace("1", "2"))
    os.utime(path, (0, 0))
    assert [one.source.selects("2", None) for one in (first, read_route(path))] == [False, True]
    path.write_text("route: one")
    for _ in range(2):
        with pytest.raises(RouteError):
            read_route(path)
