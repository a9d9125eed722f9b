"""The text of a route file as plain values that keep what was written: 090 stays "090", 0.10 stays 0.10.

YAML is read by the core schema of YAML 1.2, so that neither NO (Norway) nor 010 turns into something else.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
_DEEPEST = 50
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TAGS = {
    yaml.ScalarNode: "tag:yaml.org,2002:str",
    yaml.SequenceNode: "tag:yaml.org,2002:seq",
    yaml.MappingNode: "tag:yaml.org,2002:map",
}


class RouteSyntaxError(Exception):
    """The text is no YAML or JSON that a route file may be made of; says where."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Leaves every scalar a text: `_plain_value` decides, by other rules than those of YAML 1.1.

    Counts how deep it is: the parser in C has no limit, and ends the whole process where the stack does.
    """

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML looks for it here
    depth = 0

    def descend_resolver(self, current_node: yaml.Node | None, current_index: Any) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _nested_too_deeply()

    def ascend_resolver(self) -> None:
        self.depth -= 1


class YamlText:
    """One YAML document: its values, and the line on which each of them was written."""

    def __init__(self, text: str) -> None:
        """Read the text.

        :raises RouteSyntaxError: with line and column.
        """
        try:
            self._root = yaml.compose(text, Loader=_Loader)
            self.value: Any = _Values().of(self._root) if self._root is not None else None
        except yaml.MarkedYAMLError as error:
            raise _not_yaml(error) from error
        except yaml.YAMLError as error:
            raise RouteSyntaxError("not YAML: it holds a character that is not allowed in a text") from error

    def line(self, path: Sequence[str | int]) -> int | None:
        """The line, counted from 1, to which a path leads, or to which as much of it leads as exists."""
        node, line = self._root, None
        for step in path:
            found = _child(node, step)
            if found is None:
                break
            line, node = found
        return line


def read_json(text: str) -> Any:
    """The value of a JSON text.

    :raises RouteSyntaxError: with line and column, or naming a key that is written twice.
    """
    try:
        return json.loads(
            text, parse_float=_number, parse_int=_number, parse_constant=str, object_pairs_hook=_once_each
        )
    except json.JSONDecodeError as error:
        raise RouteSyntaxError(f"not JSON at column {error.colno}: {error.msg}", error.lineno) from error
    except RecursionError as error:
        raise _nested_too_deeply() from error


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise RouteSyntaxError(f"key {key!r} is written twice")
        found[key] = value
    return found


def _number(text: str) -> int | Decimal | str:
    """A number that can be turned back into the same text, or the text."""
    if _WHOLE.fullmatch(text):
        return int(text)
    return Decimal(text) if _DECIMAL.fullmatch(text) else text


def _plain_value(text: str) -> Any:
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    return _number(text)


class _Values:
    """The values of nodes; each node is worked out once, however many aliases lead to it."""

    _OPEN = object()

    def __init__(self) -> None:
        self._known: dict[yaml.Node, Any] = {}

    def of(self, node: yaml.Node) -> Any:
        known = self._known.get(node)
        if known is self._OPEN:
            raise _wrong("holds itself", node)
        if known is None:
            self._known[node] = self._OPEN
            known = self._known[node] = self._read(node)
        return known

    def _read(self, node: yaml.Node) -> Any:
        if node.tag != _TAGS[type(node)]:
            raise _wrong(f"has the tag {node.tag!r}, which is not supported", node)
        if isinstance(node, yaml.ScalarNode):
            # Anything in quotes or in a block has a style, and is text.
            return node.value if node.style else _plain_value(node.value)
        if isinstance(node, yaml.SequenceNode):
            return [self.of(item) for item in node.value]
        return self._mapping(node)

    def _mapping(self, node: yaml.Node) -> dict[str, Any]:
        lines: dict[str, int] = {}
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise _wrong("is a key, and a key has to be text", key_node)
            key, line = key_node.value, key_node.start_mark.line + 1
            if key in found:
                raise RouteSyntaxError(f"key {key!r} is written twice, first on line {lines[key]}", line)
            lines[key] = line
            found[key] = self.of(value_node)
        return found


def _child(node: yaml.Node | None, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            if key_node.value == step:
                return key_node.start_mark.line + 1, value_node
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line + 1, node.value[step]
    return None


def _wrong(what: str, node: yaml.Node) -> RouteSyntaxError:
    return RouteSyntaxError(f"the value at column {node.start_mark.column + 1} {what}", node.start_mark.line + 1)


def _nested_too_deeply() -> RouteSyntaxError:
    return RouteSyntaxError("nested too deeply: a route file needs four levels")


def _not_yaml(error: yaml.MarkedYAMLError) -> RouteSyntaxError:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return RouteSyntaxError(f"not YAML: {error.problem}")
    return RouteSyntaxError(f"not YAML at column {mark.column + 1}: {error.problem}", mark.line + 1)
