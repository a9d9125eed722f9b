"""JSON without floats: decimals are read as `Decimal` and written digit by digit.

The sandbox plays systems that move money, so no amount may pass through a binary float on its way in, out or to disk.
"""

from __future__ import annotations

import json
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any


def read_json(text: str | bytes) -> Any:
    """Parse JSON with every fractional number as `Decimal`; raises `ValueError` on anything that is not JSON."""
    return json.loads(text, parse_float=Decimal)


def write_json(value: Any) -> str:
    """The JSON text of a value made of dicts, lists, strings, numbers (`Decimal` included), booleans and `None`."""
    parts: list[str] = []
    _write(value, parts)
    return "".join(parts)


def number_text(value: Decimal) -> str:
    """A decimal in plain notation; a whole one keeps a fraction so that it is read back as a decimal."""
    text = format(value, "f")
    return text if "." in text else f"{text}.0"


def _write(value: Any, parts: list[str]) -> None:
    if isinstance(value, str):
        parts.append(encode_basestring(value))
    elif isinstance(value, dict):
        _write_object(value, parts)
    elif isinstance(value, Decimal):
        parts.append(number_text(value))
    elif isinstance(value, list | tuple):
        _write_array(value, parts)
    else:
        parts.append(json.dumps(value))


def _write_object(value: dict[str, Any], parts: list[str]) -> None:
    between = "{"
    for key, item in value.items():
        parts += (between, encode_basestring(key), ": ")
        between = ", "
        _write(item, parts)
    parts.append("}" if value else "{}")


def _write_array(value: list[Any] | tuple[Any, ...], parts: list[str]) -> None:
    between = "["
    for item in value:
        parts.append(between)
        between = ", "
        _write(item, parts)
    parts.append("]" if value else "[]")
