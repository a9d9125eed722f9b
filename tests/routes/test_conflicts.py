from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from invoice_bridge_core.routes.conflicts import conflicts, overlap
from invoice_bridge_core.routes.loader import load_routes
from invoice_bridge_core.routes.model import Route

if TYPE_CHECKING:
    from collections.abc import Callable

OFFICES = ["7", "8", "9", None]
PROJECTS = ["5501", "5502", None]


def route(source: dict[str, Any], name: str = "a", *, enabled: bool = True) -> Route:
    return Route.model_validate({"route": name, "enabled": enabled, "source": source, "finance": {"system": "xero"}})


def ids(known: list[Any]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from([value for value in known if value]), max_size=3)


conn_ids = st.sampled_from(["one", "two"])
qondor_sources = st.fixed_dictionaries(
    {"system": st.just("qondor"), "conn_id": conn_ids, "offices": ids(OFFICES), "projects": ids(PROJECTS)}
)
sources = qondor_sources | st.fixed_dictionaries({"system": st.just("ixpole"), "conn_id": conn_ids})


def takes(taker: Route, system: str, conn_id: str, office: str | None, project: str | None) -> bool:
    return (taker.source.system, taker.source.conn_id) == (system, conn_id) and taker.selects(office, project)


@given(sources, sources)
def test_overlap_is_what_some_document_would_find(one: dict[str, Any], other: dict[str, Any]) -> None:
    a, b = route(one), route(other)
    documents = product(["qondor", "ixpole"], ["one", "two"], OFFICES, PROJECTS)
    assert overlap(a, b) == any(takes(a, *document) and takes(b, *document) for document in documents)
    assert overlap(a, b) == overlap(b, a)


@given(st.lists(st.tuples(sources, st.sampled_from("abc"), st.booleans()), max_size=5))
def test_what_is_left_never_gets_in_each_others_way(files: list[tuple[dict[str, Any], str, bool]]) -> None:
    routes = {
        Path(f"{index}.yaml"): route(source, name, enabled=enabled)
        for index, (source, name, enabled) in enumerate(files)
    }
    wrong = conflicts(routes)
    left = [found for path, found in routes.items() if path not in wrong]
    assert len({found.route for found in left}) == len(left)
    enabled = [found for found in left if found.enabled]
    assert not any(overlap(a, b) for a in enabled for b in enabled if a is not b)
    for path in wrong:
        rivals = [other for at, other in routes.items() if at != path]
        assert any(other.route == routes[path].route or overlap(other, routes[path]) for other in rivals)


def test_both_routes_are_told_of_each_other(put: Callable[..., Path], tmp_path: Path) -> None:
    text = "route: {}\nsource: {{system: qondor, offices: {}}}\nfinance: {{system: xero}}\n"
    first = put("a.yaml", text.format("a", "[7, 8]"))
    second = put("b.yaml", text.format("b", "[8, 9]"))
    put("c.yaml", text.format("c", "[10]"))
    loaded = load_routes(tmp_path)
    assert [found.route for found in loaded.routes] == ["c"]
    assert str(loaded.errors[first]) == (
        f"{first}: source: takes documents from qondor_default that route 'b' (b.yaml) takes too: "
        "give the two different offices or projects, or disable one of them"
    )
    assert "route 'a' (a.yaml)" in str(loaded.errors[second])


def test_a_disabled_copy_does_not_stop_the_route(put: Callable[..., Path], tmp_path: Path) -> None:
    text = "route: a\nenabled: {}\nsource: {{system: qondor}}\nfinance: {{system: xero}}\n"
    put("a.yaml", text.format("true"))
    copy = put("a_copy.yaml", text.format("false"))
    loaded = load_routes(tmp_path)
    assert [found.enabled for found in loaded.routes] == [True]
    assert (
        str(loaded.errors[copy]) == f"{copy}: route: 'a' is also the name in a.yaml: each route needs a name of its own"
    )


def test_two_enabled_files_of_one_name_are_both_refused(put: Callable[..., Path], tmp_path: Path) -> None:
    text = "route: a\nsource: {{system: qondor, offices: [{}]}}\nfinance: {{system: xero}}\n"
    paths = {put("a.yaml", text.format(1)), put("b.yaml", text.format(2))}
    loaded = load_routes(tmp_path)
    assert not loaded.routes
    assert set(loaded.errors) == paths
