"""Reads the route files: all of them, or the one that a task needs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from invoice_bridge_core.routes.conflicts import conflicts
from invoice_bridge_core.routes.errors import RouteError, RouteProblem
from invoice_bridge_core.routes.model import Route
from invoice_bridge_core.routes.syntax import RouteSyntaxError, YamlText, read_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FOLDER_VARIABLE = "INVOICE_BRIDGE_ROUTES_DIR"
SUFFIXES = (".yaml", ".yml", ".json")
LARGEST_FILE = 1_000_000
"""Bytes. A mapping of ten thousand articles has a quarter of it."""
KNOWN_FILES = 100
"""So many files are not read as routes again while they hold the same text."""


@dataclass(frozen=True)
class LoadedRoutes:
    """The usable routes, enabled or not, in the order of their files, and what is wrong with the other files."""

    routes: tuple[Route, ...]
    errors: Mapping[Path, RouteError]


def routes_folder() -> Path:
    """The folder that `INVOICE_BRIDGE_ROUTES_DIR` names, or else the project's `include/routes`, beside the core.

    An installed package has no routes of its own.
    """
    named = os.environ.get(FOLDER_VARIABLE, "").strip()
    return Path(named).expanduser() if named else Path(__file__).parents[2] / "routes"


def load_routes(folder: Path | None = None) -> LoadedRoutes:
    """All routes of a folder. A file that is wrong stops its own route alone; nothing is raised."""
    folder = folder or routes_folder()
    routes: dict[Path, Route] = {}
    errors: dict[Path, RouteError] = {}
    try:
        paths = _route_files(folder)
    except RouteError as error:
        return LoadedRoutes((), {folder: error})
    for path in paths:
        try:
            routes[path] = read_route(path)
        except RouteError as error:
            errors[path] = error
    for path, problems in conflicts(routes).items():
        errors[path] = RouteError(path, problems)
    return LoadedRoutes(tuple(route for path, route in routes.items() if path not in errors), errors)


def load_route(name: str, folder: Path | None = None) -> Route | None:
    """The enabled route of this name, or `None`.

    Meant for a task, whose DAG exists because `load_routes` found no conflict: a file that bears the route's name
    is read alone, without looking for conflicts; only without such a file, or where it is disabled, are all files read.

    :raises RouteError: the file that bears the route's name is wrong.
    """
    folder = folder or routes_folder()
    for suffix in SUFFIXES if name.isidentifier() or name.isalnum() else ():
        path = folder / f"{name}{suffix}"
        if path.is_file():
            route = read_route(path)
            if route.route == name and route.enabled:
                return route
    return next((route for route in load_routes(folder).routes if route.enabled and route.route == name), None)


def file_of(name: str, folder: Path | None = None) -> Path | None:
    """The file of a route, whatever its own name; `None` where none that can be read is of this route."""
    try:
        paths = _route_files(folder or routes_folder())
    except RouteError:
        return None
    for path in sorted(paths, key=lambda path: path.stem != name):
        try:
            if read_route(path).route == name:
                return path
        except RouteError:
            continue
    return None


def read_route(path: Path) -> Route:
    """The route of one file.

    :raises RouteError: naming file, line and key, and what is allowed there.
    """
    return _route_of(path, _text(path))


@lru_cache(KNOWN_FILES)
def _route_of(path: Path, text: str) -> Route:
    """The route of a file that holds this text; it is worked out once for the processes that are forked from this one.

    :raises RouteError: as of `read_route`.
    """
    content, line_of = _content(path, text)
    if content is None:
        raise _error(path, "is empty; a route file has the keys route, source and finance at least")
    if not isinstance(content, dict):
        raise _error(path, "must hold keys and values, such as route: my_route")
    try:
        return Route.model_validate(content)
    except ValidationError as error:
        from invoice_bridge_core.routes.explain import problems_of

        # Without its cause, whose text repeats the values of the file.
        raise RouteError(path, problems_of(error, content, line_of)) from None


def _route_files(folder: Path) -> list[Path]:
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES and path.name[0] != ".")
    except OSError as error:
        raise _error(
            folder,
            f"the folder of the route files cannot be read: {error.strerror}; {FOLDER_VARIABLE} names another one",
        ) from error
    if not found:
        raise _error(folder, f"the folder holds no route file: none ends in {', '.join(SUFFIXES)}")
    return found


def _content(path: Path, text: str) -> tuple[Any, Callable[[Sequence[str | int]], int | None]]:
    try:
        if path.suffix == ".json" and text.strip():
            return read_json(text), lambda _: None
        yaml = YamlText(text)
    except RouteSyntaxError as error:
        # Without its cause, which may quote the file.
        raise _error(path, str(error), error.line) from None
    return yaml.value, yaml.line


def _text(path: Path) -> str:
    if path.exists() and not path.is_file():
        raise _error(path, "is not a file")
    try:
        with path.open("rb") as file:
            written = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise _error(path, f"cannot be read: {error.strerror}") from error
    if len(written) > LARGEST_FILE:
        raise _error(path, f"is larger than {LARGEST_FILE} bytes")
    try:
        return written.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _error(path, f"is no UTF-8 text: see byte {error.start + 1}") from error


def _error(path: Path, message: str, line: int | None = None) -> RouteError:
    return RouteError(path, [RouteProblem("", message, line)])
