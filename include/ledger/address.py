"""Where the ledger is, for the command line: outside a task there is no Airflow to ask for the connection."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from include.errors import LedgerError
from include.ledger.connection import CONNECTION_NAME

VARIABLE = f"AIRFLOW_CONN_{CONNECTION_NAME.upper()}"
FILE = Path(__file__).parents[2] / ".local" / "ledger_url"


def ledger_url(given: str | None, file: Path = FILE) -> str:
    """The URL that was given, else that of Airflow's environment variable, else that of the local run.

    :raises LedgerError: none of them is there, or the variable cannot be read.
    """
    if given:
        return given
    variable = os.environ.get(VARIABLE, "").strip()
    if variable:
        return _from_json(variable) if variable.startswith("{") else variable
    if file.is_file() and (text := file.read_text().strip()):
        return text
    raise LedgerError(
        f"Where is the ledger? Give its address with --url postgresql://…, or in the environment variable {VARIABLE}"
    )


def _from_json(text: str) -> str:
    """A connection in Airflow's JSON form as a URL."""
    try:
        connection = json.loads(text)
    except ValueError:
        # The text holds the password.
        raise LedgerError(f"The environment variable {VARIABLE} begins like JSON and is none") from None
    port = connection.get("port")
    url = sa.URL.create(
        str(connection.get("conn_type") or "postgres"),
        username=connection.get("login"),
        password=connection.get("password"),
        host=quote(str(connection.get("host") or ""), safe="[]:") or None,
        port=int(port) if port else None,
        database=connection.get("schema"),
        query=_flat(connection.get("extra")),
    )
    return url.render_as_string(hide_password=False)


def _flat(extra: Any) -> dict[str, str]:
    if isinstance(extra, str) and extra.strip():
        try:
            extra = json.loads(extra)
        except ValueError:
            raise LedgerError(f"The extra in the environment variable {VARIABLE} is no JSON") from None
    if not isinstance(extra, dict):
        return {}
    return {str(key): str(value) for key, value in extra.items() if isinstance(value, str | int)}
