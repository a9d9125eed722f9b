"""A connection's extra, read as people write it.

Airflow takes an extra that is no JSON for an empty one, so that whatever comes after is blamed on something else.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from invoice_bridge.hooks.http.pasted import visible
from invoice_bridge_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORM_PREFIX = re.compile(r"^extra__[a-z0-9]+__", re.IGNORECASE)
_NOT_IN_KEYS = re.compile(r"[^a-z0-9]+")
_BETWEEN_WORDS = re.compile(r"[\s,;]+")
_SWITCHES = ("verify", "verify_ssl", "trust_env", "stream", "check_response")
"""What the HTTP provider reads as yes or no."""
_KEYS = 500
"""So many keys are folded once; a connection has ten, and each is looked up again and again."""
_YES, _NO = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0"})


@dataclass(frozen=True)
class Extras:
    """The keys and values of one connection's extra.

    :param where: names the connection: `Connection xero_default (Xero)`.
    """

    where: str
    values: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(cls, text: str | None, where: str) -> Extras:
        """Read an extra; blank means that it has no keys.

        :raises ConfigurationError: it is no JSON object; what it holds is not shown.
        """
        if not visible(text):
            return cls(where, {})
        values = _parsed(text or "", where)
        if isinstance(values, str) and values.lstrip().startswith("{"):
            # A JSON object that was written into a JSON text.
            values = _parsed(values, where)
        if not isinstance(values, dict):
            raise ConfigurationError(
                f'{where}: its extra is {_named(values)}, not a JSON object. Write {{"key": "value"}} or leave it empty'
            )
        return cls(where, values)

    def text(self, key: str, default: str = "") -> str:
        """A text without blanks and quotes around it; the default where it is missing or blank. A whole number is one.

        :raises ConfigurationError: it is not a text, or is written twice.
        """
        value = self._value(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if value is not None and not isinstance(value, str):
            raise ConfigurationError(f"{self.where}: extra {key} is not a text but {_named(value)}")
        return visible(value) or default

    def words(self, key: str, default: str = "") -> str:
        """Words with a blank between each; also written as a list, or with commas."""
        value = self._value(key)
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            value = " ".join(value)
        elif value is not None:
            value = self.text(key)
        return " ".join(_BETWEEN_WORDS.split(value or "")).strip() or default

    def number(self, key: str) -> float | None:
        """A number that is not negative; `None` where it is missing or blank.

        :raises ConfigurationError: it is none.
        """
        value = self._value(key)
        if isinstance(value, str):
            value = visible(value).replace(",", ".") or None
        if value is None:
            return None
        try:
            number = float("nan") if isinstance(value, bool) else float(value)
        except (TypeError, ValueError):
            number = float("nan")
        if not 0 <= number < float("inf"):
            raise ConfigurationError(f"{self.where}: extra {key} is not a number of at least 0")
        return number

    def for_provider(self) -> str | None:
        """The extra as the HTTP provider reads it without mistaking anything."""
        values = dict(self.values)
        for name in (*_SWITCHES, "cert", "proxies", "proxy"):
            value = self._value(name)
            for written in [written for written in values if _folded(written) == _folded(name)]:
                del values[written]
            if value is not None:
                values[name] = _switch(value) if name in _SWITCHES else value
        proxies = values.get("proxies", values.get("proxy"))
        if proxies is not None and not (
            isinstance(proxies, dict) and all(isinstance(address, str) for address in proxies.values())
        ):
            raise ConfigurationError(
                f'{self.where}: extra proxies is not an object, such as {{"https": "http://proxy.example:3128"}}'
            )
        for name in ("verify", "verify_ssl"):
            if not isinstance(values.get(name, True), bool | str):
                raise ConfigurationError(f"{self.where}: extra {name} is neither true, false nor the path of a file")
        return json.dumps(values) if values else None

    def _value(self, key: str) -> Any:
        wanted = _folded(key)
        found = {
            json.dumps(value, sort_keys=True): value
            for written, value in self.values.items()
            if _folded(written) == wanted and value is not None
        }
        if len(found) > 1:
            raise ConfigurationError(f"{self.where}: extra {key} is written twice, with different values")
        return next(iter(found.values()), None)


def _parsed(text: str, where: str) -> Any:
    try:
        return json.loads(text.strip().strip("\ufeff\u200b"))
    except ValueError as error:
        place = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        # Without its cause, which holds the whole text.
        raise ConfigurationError(
            f"{where}: its extra is not valid JSON{place}. Keys and texts stand in double quotes, and no comma follows "
            "the last value"
        ) from None


@lru_cache(_KEYS)
def _folded(key: str) -> str:
    """A key without its case, blanks and dashes, and without what the forms of old releases put before it."""
    return _NOT_IN_KEYS.sub("", _FORM_PREFIX.sub("", visible(key)).lower())


def _switch(value: Any) -> Any:
    word = str(value).strip().lower() if isinstance(value, str | int) else ""
    return True if word in _YES else False if word in _NO else value


def _named(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, list) else "a number"
