"""JSON whose numbers keep every digit: money is `Decimal` from parsing to writing, never a float."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any


def write_json(value: object) -> str:
    """The value as JSON text, each `Decimal` with exactly its own digits: `10.10` stays `10.10`.

    :raises TypeError: for a float, or anything else that JSON has no word for.
    :raises ValueError: for a number that is not finite.
    """
    match value:
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value]
        case str():
            return json.dumps(value)
        case int():
            return int.__repr__(value)
        case Decimal():
            return _number(value)
        case Mapping():
            return "{" + ",".join(f"{_key(key)}:{write_json(item)}" for key, item in value.items()) + "}"
        case Sequence() if not isinstance(value, bytes | bytearray):
            return "[" + ",".join(write_json(item) for item in value) + "]"
    raise TypeError(f"{type(value).__name__} cannot be written as exact JSON")


def read_json(text: str) -> Any:
    """What the JSON text says, with `Decimal` for every number that is not an integer.

    :raises ValueError: when the text is not JSON, holds NaN or Infinity, or text that is not Unicode.
    """
    try:
        value = json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
        # Not by `lower`, which needs twelve times the memory of a text for a while.
        if "\\ud" in text or "\\uD" in text:
            json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    except (ArithmeticError, RecursionError) as error:
        raise ValueError(f"JSON that cannot be read: {type(error).__name__}") from error
    return value


def _number(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"{value} is not a JSON number")
    return format(value, "f")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a JSON key is text, not {type(key).__name__}")
    return json.dumps(key)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")
