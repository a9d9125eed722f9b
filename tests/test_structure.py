"""The house: imports point one way, without a circle between files or folders, type-only imports included."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import grimp
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Arrow = tuple[str, str]

CORE = "invoice_bridge_core"
AIRFLOW_SIDE = "invoice_bridge"
LAYERS = {
    CORE: (
        "commands",
        "desk",
        "decisions | notices | preflight",
        "reports",
        "reconciliation",
        "customers | sales",
        "payments",
        "transfer",
        "connections",
        "ledger",
        "routes | ports",
        "documents",
        "errors",
    ),
    AIRFLOW_SIDE: (
        "plugin",
        "preparation",
        "cli | dag_pages | dag_settings | parsing",
        "named_tasks",
        "commands | operators | pages | triggers",
        "route_access",
        "account_codes | dag_runs | ledger_access | provider_info | systems",
        "hooks | page_addresses",
    ),
}
"""From the roof down: a folder may import from those below it. Those that `|` parts do not import each other."""

_SQL = re.compile(r"\bsqlalchemy\b|\bpsycopg2?\b|\.transaction\(\)")


@pytest.fixture(scope="module")
def arrows() -> list[Arrow]:
    """Every import: the module that imports, and the one that is imported."""
    graph = grimp.build_graph(CORE, AIRFLOW_SIDE, "sandbox", exclude_type_checking_imports=False, cache_dir=None)
    return sorted((one, other) for one in graph.modules for other in graph.find_modules_directly_imported_by(one))


def test_no_file_imports_itself_in_a_circle(arrows: list[Arrow]) -> None:
    assert not list(circles(arrows))


def test_no_folder_imports_itself_in_a_circle(arrows: list[Arrow]) -> None:
    found = [circle for inside in between_folders(arrows).values() for circle in circles(inside)]
    assert not [(one, other, by(arrows, one, other)) for circle in found for one, other in circle]


def test_the_core_knows_neither_airflows_side_nor_the_sandbox(arrows: list[Arrow]) -> None:
    assert not [(one, other) for one, other in arrows if is_in(one, CORE) and not is_in(other, CORE)]


def test_production_knows_no_sandbox(arrows: list[Arrow]) -> None:
    assert not [(one, other) for one, other in arrows if is_in(other, "sandbox") and not is_in(one, "sandbox")]


def test_the_ledger_is_the_only_door_to_its_database() -> None:
    """Whoever wants something of it asks a method of `Ledger`; a benchmark counts what passes, and reads no row."""
    root = Path(__file__).parents[1]
    doors = (root / "include" / CORE / "ledger", root / "benchmarks" / "ledger_traffic.py")
    found = [
        f"{path.relative_to(root)}:{number}"
        for folder in ("include", "plugins", "dags", "benchmarks")
        for path in sorted((root / folder).rglob("*.py"))
        if not any(path.is_relative_to(door) for door in doors)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if _SQL.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("package", LAYERS)
def test_imports_point_down(arrows: list[Arrow], package: str) -> None:
    floors = [[f"{package}.{name.strip()}" for name in floor.split("|")] for floor in LAYERS[package]]
    upward = [
        (one, other)
        for upper, lower in combinations(floors, 2)
        for one, other in arrows
        if any(is_in(one, folder) for folder in lower) and any(is_in(other, folder) for folder in upper)
    ]
    beside = [
        (one, other)
        for floor in floors
        for folder in floor
        for one, other in arrows
        if is_in(one, folder) and any(is_in(other, neighbour) for neighbour in floor if neighbour != folder)
    ]
    assert not upward + beside


def test_every_folder_has_its_floor(arrows: list[Arrow]) -> None:
    modules = {module for arrow in arrows for module in arrow}
    for package, floors in LAYERS.items():
        named = {name.strip() for floor in floors for name in floor.split("|")}
        there = {module.split(".")[1] for module in modules if module.startswith(f"{package}.")}
        assert there - named == set()


def circles(arrows: Iterable[Arrow]) -> Iterable[list[Arrow]]:
    """The arrows of each circle."""
    follows: dict[str, set[str]] = defaultdict(set)
    for one, other in arrows:
        follows[one].add(other)
    reached = {one: reachable(one, follows) for one in list(follows)}
    done: set[str] = set()
    for one in sorted(follows):
        ring = {other for other in reached[one] if one in reached.get(other, ())}
        if ring and one not in done:
            done |= ring
            yield [(each, other) for each in sorted(ring) for other in sorted(follows[each] & ring)]


def reachable(start: str, follows: Mapping[str, set[str]]) -> set[str]:
    """All that is imported from here, at however many removes."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for other in follows.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found


def between_folders(arrows: Iterable[Arrow]) -> dict[str, set[Arrow]]:
    """Folder → the arrows between what lies directly in it, files and folders."""
    found: dict[str, set[Arrow]] = defaultdict(set)
    for one, other in arrows:
        parts, others = one.split("."), other.split(".")
        shared = next((n for n, pair in enumerate(zip(parts, others, strict=False)) if pair[0] != pair[1]), None)
        if shared:
            found[".".join(parts[:shared])].add((".".join(parts[: shared + 1]), ".".join(others[: shared + 1])))
    return found


def by(arrows: Iterable[Arrow], folder: str, other: str) -> list[Arrow]:
    """The imports that make the arrow between two folders."""
    return [(here, there) for here, there in arrows if is_in(here, folder) and is_in(there, other)]


def is_in(module: str, package: str) -> bool:
    """Whether a module is the package or lies in it."""
    return module == package or module.startswith(f"{package}.")


@pytest.mark.parametrize(
    ("arrows", "expected"),
    [
        ([("a", "b"), ("b", "c")], []),
        ([("a", "b"), ("b", "a"), ("b", "c")], [[("a", "b"), ("b", "a")]]),
        ([("a", "a")], [[("a", "a")]]),
    ],
)
def test_a_circle_is_named_by_its_arrows(arrows: list[Arrow], expected: list[list[Arrow]]) -> None:
    assert list(circles(arrows)) == expected


def test_arrows_between_folders_are_those_of_their_files() -> None:
    assert between_folders([("p.a.x", "p.b.y"), ("p.a.x", "p.a.z"), ("p", "p.a.x")]) == {
        "p": {("p.a", "p.b")},
        "p.a": {("p.a.x", "p.a.z")},
    }
