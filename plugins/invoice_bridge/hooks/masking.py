"""Hiding secrets in logs, each of them once.

Airflow tells the supervisor of a task at every call, and most of what hooks hold was hidden when Airflow read the
connection.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from airflow.sdk import log as airflow_log

if TYPE_CHECKING:
    from pydantic import JsonValue


def mask_secret(secret: JsonValue, name: str | None = None) -> None:
    """Hide it in all logs of this process from now on, and in what its supervisor logs of it.

    :param secret: a text; or a mapping, of which those values are hidden whose names tell that they are secret.
    """
    if not _is_hidden(secret, name):
        airflow_log.mask_secret(secret, name)


def _is_hidden(secret: object, name: str | None) -> bool:
    """Whether Airflow's masker knows all of it; where it cannot be asked, it does not."""
    try:
        return _is_known(airflow_log._secrets_masker(), secret, name)  # type: ignore[attr-defined]
    except AttributeError:
        return False


def _is_known(masker: Any, secret: object, name: str | None) -> bool:
    if isinstance(secret, dict):
        return all(_is_known(masker, value, key) for key, value in secret.items())
    if isinstance(secret, list):
        return all(_is_known(masker, value, name) for value in secret)
    if not isinstance(secret, str) or not secret:
        return True
    return bool(re.escape(secret) in masker.patterns or (name and not masker.should_hide_value_for_key(name)))
