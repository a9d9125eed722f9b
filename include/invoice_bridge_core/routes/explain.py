"""What pydantic found wrong with a route, in words for whoever edits the file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, get_args

from invoice_bridge_core.routes.errors import RouteProblem
from invoice_bridge_core.routes.model import Route
from invoice_bridge_core.routes.systems import ROLES, systems_playing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    Path = tuple[str | int, ...]

_MUST = {
    "bool_type": "must be true or false",
    "int_type": "must be a whole number, without quotes",
    "string_type": "must be text",
    "string_unicode": "must be text",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "decimal_type": "must be a number, such as 0.01",
    "decimal_parsing": "must be a number, such as 0.01",
    "finite_number": "must be a number, such as 0.01",
    "tuple_type": "must be a list, such as [7, 8]",
    "mapping_type": "must hold keys and values of its own",
    "dict_type": "must hold keys and values of its own",
    "model_type": "must hold keys and values of its own",
    "model_attributes_type": "must hold keys and values of its own",
    "literal_error": "must be {expected}",
    "value_error": "{error}",
}
_SECRET_KEY = re.compile(r"pass|secret|token|credential|api_?key|subscription|auth", re.IGNORECASE)
# An address with a user in it, or a long run of letters and digits such as keys are made of.
_SECRET_VALUE = re.compile(r"://|@|(?=\S*[0-9])(?=\S*[A-Za-z])[\w+/=.\-]{20,}", re.ASCII)
_LONGEST_SHOWN = 60


def problems_of(
    error: ValidationError, content: Mapping[str, Any], line_of: Callable[[Sequence[str | int]], int | None]
) -> list[RouteProblem]:
    """One problem per finding, each with its key and line; values that may be secrets are left out.

    :param content: the file's keys and values.
    """
    problems = [_problem(found, content, line_of) for found in error.errors(include_url=False)]
    return sorted(problems, key=lambda problem: problem.line or 0)


def shown(value: object) -> str:
    """A value as messages may show it: short, printable, and without what may be a secret."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list | tuple):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = str(value)
    if len(text) > _LONGEST_SHOWN or _SECRET_VALUE.search(text):
        return "a value that is not shown here"
    if not isinstance(value, str):
        return text
    return repr(text) if text.isprintable() else ascii(text)


def _problem(
    found: ErrorDetails, content: Mapping[str, Any], line_of: Callable[[Sequence[str | int]], int | None]
) -> RouteProblem:
    path = _path_in_file(found["loc"])
    return RouteProblem(_written(path), _message(found, path, content), line_of(path))


def _message(found: ErrorDetails, path: Path, content: Mapping[str, Any]) -> str:
    kind = found["type"]
    if kind == "extra_forbidden":
        return _unknown_key(str(path[-1]), _section(path[:-1], content))
    if kind == "missing":
        return f"is missing{_allowed_systems(path)}"
    hidden = any(_SECRET_KEY.search(str(step)) for step in path)
    got = "a value that is not shown here" if hidden else shown(found["input"])
    return f"got {got}, {_must(kind, found)}"


def _must(kind: str, found: ErrorDetails) -> str:
    sentence = _MUST.get(kind)
    if sentence is None:
        return found["msg"].replace("Input should be", "must be")
    return sentence.format(**found.get("ctx", {}))


def _unknown_key(key: str, section: Path) -> str:
    from difflib import get_close_matches

    # A system may have sections of its own within its settings: of those, no keys are listed.
    allowed = _sections().get(section, ())
    close = get_close_matches(key, allowed, n=1)
    if close:
        return f"unknown key; did you mean {close[0]!r}?"
    homes = sorted({_home(other) for other, keys in _sections().items() if key in keys})
    if homes:
        return f"unknown key here; it belongs in {' or '.join(homes)}"
    return f"unknown key; allowed here: {', '.join(allowed)}" if allowed else "unknown key"


def _home(section: Path) -> str:
    return f"{section[0]} of system {section[1]}" if len(section) == 2 else _written(section) or "the top of the file"


def _allowed_systems(path: Path) -> str:
    roles = [role for role in ROLES if path == (role, "system")]
    return f"; must be {' or '.join(systems_playing(roles[0]))}" if roles else ""


def _section(path: Path, content: Mapping[str, Any]) -> Path:
    """The section as `_sections` names it."""
    return (*path, content[str(path[0])]["system"]) if len(path) == 1 and path[0] in ROLES else path


def _sections() -> Mapping[Path, Sequence[str]]:
    """The keys of every section; a section that differs by system has the system's name in its path."""
    sections: dict[Path, Sequence[str]] = {(): list(Route.model_fields)}
    for role in ROLES:
        for system, settings in systems_playing(role).items():
            sections[role, system] = list(settings.model_fields)
    for name, field in Route.model_fields.items():
        for section in (field.annotation, *get_args(field.annotation)):
            if name not in ROLES and hasattr(section, "model_fields"):
                sections[name,] = list(section.model_fields)
    return sections


def _path_in_file(loc: Path) -> Path:
    """Pydantic marks errors of keys with `[key]`."""
    return loc[:-1] if loc and loc[-1] == "[key]" else loc


def _written(path: Path) -> str:
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f"{'.' if text else ''}{step if step.isidentifier() else shown(step)}"
    return text
