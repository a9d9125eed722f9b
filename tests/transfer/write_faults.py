"""What can happen to a write on its way, and to its answer."""

from __future__ import annotations

from typing import Any

WRITE_FAULTS: list[dict[str, Any]] = [
    {"kind": "close", "when": "before"},
    {"kind": "close", "when": "after"},
    {"kind": "error", "when": "before"},
    {"kind": "error", "when": "after"},
    {"kind": "half_json"},
    {"kind": "cut_short"},
    {"kind": "html", "when": "after"},
    {"kind": "empty", "when": "after"},
    {"kind": "unavailable", "when": "before", "retry_after": 0},
    {"kind": "unavailable", "when": "after", "retry_after": 0},
    {"kind": "too_many_requests", "when": "before", "retry_after": 0},
    {"kind": "unauthorised", "when": "before"},
]
