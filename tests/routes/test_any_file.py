"""Whatever happens to a route file, the answer is a route or a `RouteError` that names file and key."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from invoice_bridge_core.routes.errors import RouteError
from invoice_bridge_core.routes.loader import LARGEST_FILE, load_routes, read_route, routes_folder
from invoice_bridge_core.routes.model import Route
from tests.examples import examples

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = sorted(routes_folder().glob("*.yaml"))
TEXTS = [path.read_text(encoding="utf-8") for path in SHIPPED]
CONTENTS: list[Any] = [yaml.safe_load(text) for text in TEXTS]
KEYS = sorted(
    {key for content in CONTENTS for part in (content, *content.values()) if isinstance(part, dict) for key in part}
)

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(KEYS)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("routes")


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A shipped file's content with one to three places changed, removed or added."""
    content = copy.deepcopy(draw(st.sampled_from(CONTENTS)))
    for _ in range(draw(st.integers(1, 3))):
        place: Any = content
        while isinstance(inner := draw(st.sampled_from([None, *place.values()])), dict):
            place = inner
        key = draw(st.sampled_from([*place, *KEYS]) | st.text(max_size=8))
        if draw(st.booleans()):
            place[key] = draw(values)
        else:
            place.pop(key, None)
    return content


def outcome(path: Path) -> Route | RouteError:
    try:
        return read_route(path)
    except RouteError as error:
        found = error
    assert found.path == path
    assert found.problems
    assert all(line.startswith(f"{path}: ") for line in str(found).splitlines())
    return found


@given(mutated(), st.sampled_from(["json", "yaml"]))
@settings(max_examples=examples(300))
def test_changed_content(folder: Path, content: Any, suffix: str) -> None:
    path = folder / f"changed.{suffix}"
    written = json.dumps(content) if suffix == "json" else yaml.safe_dump(content, allow_unicode=True)
    path.write_bytes(written.encode("utf-8", "surrogatepass"))
    found = outcome(path)
    if isinstance(found, RouteError):
        assert all(problem.key or problem.line or "UTF-8" in problem.message for problem in found.problems)
    else:
        assert found == Route.model_validate(json.loads(found.model_dump_json()))


@given(st.sampled_from(TEXTS), st.data())
@settings(max_examples=examples(200))
def test_changed_text(folder: Path, text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    inserted = data.draw(st.text(st.sampled_from("\t\n :-#'\"[]{}&*!|>%@`,?x0~é\x07\u2028"), max_size=10))
    path = folder / "changed.yaml"
    path.write_text(text[:start] + inserted + text[end:], encoding="utf-8")
    outcome(path)


@given(st.binary(max_size=200))
@example(b"\xef\xbb\xbf")
@example(b"!")
@example(b"? ? ?")
@example(b"*a")
@example(b"%YAML 9.9\n---\na")
@example(b"x" * (LARGEST_FILE + 1))
def test_any_bytes(folder: Path, content: bytes) -> None:
    for suffix in ("yaml", "json"):
        path = folder / f"bytes.{suffix}"
        path.write_bytes(content)
        assert isinstance(outcome(path), RouteError)
    load_routes(folder)
