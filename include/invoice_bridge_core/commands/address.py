"""Where the ledger is, for the command line: outside a task Airflow's connections have to be looked for."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import sqlalchemy as sa

from invoice_bridge_core.commands.installed import ledger_url_of_airflow
from invoice_bridge_core.errors import LedgerError
from invoice_bridge_core.ledger.database.database import CONNECTION_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

VARIABLE = f"AIRFLOW_CONN_{CONNECTION_NAME.upper()}"
FILE = Path(__file__).parents[3] / ".local" / "ledger_url"
ENVIRONMENT = FILE.with_name("environment.json")


def join_local_run(file: Path = ENVIRONMENT) -> None:
    """Take over the settings and connections of the local run, where it left them; what is set already stays.

    :raises LedgerError: the file cannot be read.
    """
    if not file.is_file():
        return
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LedgerError(f"The settings of the local run cannot be read: {file}") from error
    for name, value in settings.items():
        os.environ.setdefault(name, value)


def ledger_url(given: str | None, file: Path = FILE, airflow: Callable[[], str | None] = ledger_url_of_airflow) -> str:
    """The URL that was given, else that of Airflow's environment variable, of the local run, or of Airflow itself.

    :raises LedgerError: none of them is there, or the variable cannot be read.
    """
    if given:
        return given
    variable = os.environ.get(VARIABLE, "").strip()
    if variable:
        return _from_json(variable) if variable.startswith("{") else variable
    if file.is_file() and (text := file.read_text().strip()):
        return text
    if url := airflow():
        return url
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
