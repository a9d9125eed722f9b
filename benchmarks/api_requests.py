"""The requests that tasks make of Airflow's API server, as its own access log has them."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_REQUEST = re.compile(rb"method=(?P<method>[A-Z]+) path=/execution/(?P<path>\S+)")


def requests_since(log: Path, offset: int) -> Counter[str]:
    """How many of each kind came after the log's first bytes.

    :param offset: the length of the log before.
    """
    with log.open("rb") as file:
        file.seek(offset)
        return Counter(_kind(found) for found in _REQUEST.finditer(file.read()))


def _kind(found: re.Match[bytes]) -> str:
    method, path = (found[name].decode() for name in ("method", "path"))
    collection, _, rest = path.partition("/")
    last = rest.rpartition("/")[2] or collection
    verb = {"GET": "read", "POST": "write"}.get(method, "")
    return f"{verb} {collection.rstrip('s')} {last}".strip() if verb else last
