"""What pydantic found wrong with a route, in words for whoever edits the file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, get_args

from invoice_bridge_core.routes.errors import RouteProblem
from invoice_bridge_core.routes.model import Route

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pydantic import BaseModel, ValidationError
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
    "union_tag_invalid": "must be {expected_tags}",
    "value_error": "{error}",
}
_SECRET_KEY = re.compile(r"pass|secret|token|credential|api_?key|subscription|auth", re.IGNORECASE)
# An address with a user in it, or a long run of letters and digits such as keys are made of.
_SECRET_VALUE = re.compile(r"://|@|(?=\S*[0-9])(?=\S*[A-Za-z])[\w+/=.\-]{20,}", re.ASCII)
_LONGEST_SHOWN = 60


def problems_of(error: ValidationError, line_of: Callable[[Sequence[str | int]], int | None]) -> list[RouteProblem]:
    """One problem per finding, each with its key and line; values that may be secrets are left out."""
    problems = [_problem(found, line_of) for found in error.errors(include_url=False)]
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


def _problem(found: ErrorDetails, line_of: Callable[[Sequence[str | int]], int | None]) -> RouteProblem:
    path = _path_in_file(found["loc"])
    kind = found["type"]
    if kind.startswith("union_tag") and isinstance(found["input"], dict):
        path = (*path, "system")
    return RouteProblem(_written(path), _message(kind, found, path), line_of(path))


def _message(kind: str, found: ErrorDetails, path: Path) -> str:
    if kind == "extra_forbidden":
        return _unknown_key(str(path[-1]), found["loc"][:-1])
    if kind in ("missing", "union_tag_not_found") and (kind == "missing" or isinstance(found["input"], dict)):
        return f"is missing{_allowed_systems(path)}"
    value = found["ctx"]["tag"] if kind == "union_tag_invalid" else found["input"]
    hidden = any(_SECRET_KEY.search(str(step)) for step in path)
    got = "a value that is not shown here" if hidden else shown(value)
    return f"got {got}, {_must(kind, found)}"


def _must(kind: str, found: ErrorDetails) -> str:
    if kind == "union_tag_not_found":
        kind = "model_type"
    sentence = _MUST.get(kind)
    if sentence is None:
        return found["msg"].replace("Input should be", "must be")
    return sentence.format(**found.get("ctx", {}))


def _unknown_key(key: str, section: Path) -> str:
    from difflib import get_close_matches

    allowed = _sections()[section]
    close = get_close_matches(key, allowed, n=1)
    if close:
        return f"unknown key; did you mean {close[0]!r}?"
    homes = sorted({_home(other) for other, keys in _sections().items() if key in keys})
    if homes:
        return f"unknown key here; it belongs in {' or '.join(homes)}"
    return f"unknown key; allowed here: {', '.join(allowed)}"


def _home(section: Path) -> str:
    return f"{section[0]} of system {section[1]}" if len(section) == 2 else _written(section) or "the top of the file"


def _allowed_systems(path: Path) -> str:
    systems = [str(section[1]) for section in _sections() if len(section) == 2 and section[0] == path[0]]
    return f"; must be {' or '.join(systems)}" if path[-1] == "system" else ""


def _sections() -> Mapping[Path, Sequence[str]]:
    """The keys of every section; a section that differs by system has the system's name in its path."""
    sections: dict[Path, Sequence[str]] = {(): list(Route.model_fields)}
    for name, field in Route.model_fields.items():
        systems: tuple[type[BaseModel], ...] = get_args(field.annotation)
        for model in systems:
            sections[name, model.model_fields["system"].default] = list(model.model_fields)
        if not systems and hasattr(field.annotation, "model_fields"):
            section: Any = field.annotation
            sections[name,] = list(section.model_fields)
    return sections


def _path_in_file(loc: Path) -> Path:
    """Pydantic names the chosen system after `source` and `finance`, and marks errors of keys with `[key]`."""
    if len(loc) > 1 and loc[:2] in _sections() and loc[0] in ("source", "finance"):
        loc = (loc[0], *loc[2:])
    return loc[:-1] if loc and loc[-1] == "[key]" else loc


def _written(path: Path) -> str:
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f"{'.' if text else ''}{step if step.isidentifier() else shown(step)}"
    return text
