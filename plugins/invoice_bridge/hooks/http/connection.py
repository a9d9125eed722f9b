"""From what Airflow holds as a connection to one that can be used, or to a sentence that says what is wrong with it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowException, AirflowNotFoundException, AirflowRuntimeError

from invoice_bridge.hooks.http.extras import Extras
from invoice_bridge.hooks.http.pasted import is_mask, is_wrongly_decoded, visible
from invoice_bridge_core.errors import BridgeError, ConfigurationError, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable

ANY_TYPE = frozenset({"", "http", "https", "generic"})
"""Types that say nothing about the system, and do no harm."""
_FIELDS = frozenset(
    {"conn_id", "conn_type", "description", "host", "login", "password", "schema", "port", "extra", "uri"}
)


class CleanConnection(Connection):
    """A connection whose secrets are hidden in logs already.

    Airflow hides those of the extras at each reading, which takes longer than the reading itself.
    """

    @property
    def extra_dejson(self) -> dict[str, Any]:
        """The extras."""
        return dict(json.loads(self.extra)) if self.extra else {}


def found_connection(conn_id: str, system: str, get: Callable[[str], Connection]) -> Connection:
    """The connection as Airflow holds it.

    :raises ConfigurationError: there is none, or Airflow cannot read it.
    :raises TransientError: Airflow could not look.
    """
    try:
        return get(conn_id)
    except AirflowNotFoundException:
        # Airflow says the same of one that is there and cannot be read.
        raise _not_found(conn_id, system) from None
    except ValueError:
        # Without its cause, whose text may show a secret.
        raise _unreadable(conn_id, system, "a field holds what does not belong there") from None
    except AirflowRuntimeError as error:
        raise TransientError(f"Airflow could not read connection {conn_id} ({system}) just now") from error
    except AirflowException as error:
        if "Invalid connection string" in str(error):
            raise _unreadable(conn_id, system, _URI_HINT) from None
        raise TransientError(f"Airflow could not read connection {conn_id} ({system}) just now") from error


def cleaned(found: Connection, where: str, *, conn_type: str, clean_password: Callable[[str, str], str]) -> Connection:
    """The connection without what was pasted along with its fields, its extra checked.

    :param where: names it: `Connection xero_default (Xero)`.
    :param conn_type: the type that is wanted.
    :param clean_password: makes the password that is used out of login and password.
    :raises ConfigurationError: a field is not what is expected; secrets are not shown.
    """
    stated = visible(found.conn_type).lower().replace("-", "_")
    if stated not in ANY_TYPE | {conn_type}:
        raise ConfigurationError(f"{where} is of type {stated}, and has to be of type {conn_type}")
    extras = Extras.of(found.extra, where)
    login = visible(found.login)
    password = clean_password(login, found.password or "")
    for name, value in (("login", login), ("password", password), ("host", found.host or "")):
        if is_wrongly_decoded(value):
            raise ConfigurationError(f"{where}: its {name} cannot be decoded. In a URI, % is written %25")
    if is_mask(password):
        raise ConfigurationError(f"{where}: its password is only the stars that a page showed in its place")
    return CleanConnection(
        conn_id=found.conn_id,
        conn_type=conn_type,
        host=visible(found.host),
        login=login,
        password=password,
        schema=visible(found.schema),
        port=found.port,
        extra=extras.for_provider(),
    )


def _not_found(conn_id: str, system: str) -> BridgeError:
    variable = f"AIRFLOW_CONN_{conn_id.upper()}"
    written = os.environ.get(variable)
    if written is None:
        return ConfigurationError(f"Connection {conn_id} ({system}) does not exist in Airflow")
    return _unreadable(conn_id, system, f"environment variable {variable} holds {_fault(written, conn_id)}")


def _unreadable(conn_id: str, system: str, why: str) -> ConfigurationError:
    return ConfigurationError(f"Connection {conn_id} ({system}) cannot be read: {why}")


_URI_HINT = (
    "no URI that Airflow understands. In login, password and host, / is written %2F, # is %23, % is %25, : is %3A and "
    "@ is %40; or write the connection as JSON"
)


def _fault(written: str, conn_id: str) -> str:
    """What is wrong with a connection in an environment variable; nothing of it is shown but names of fields."""
    text = written.strip()
    if not text:
        return "nothing"
    if not text.startswith("{"):
        return _URI_HINT
    try:
        fields = json.loads(text)
    except ValueError as error:
        place = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        return f"no valid JSON{place}: keys and texts stand in double quotes, and no comma follows the last value"
    unknown = sorted(set(fields) - _FIELDS)
    if unknown:
        return f"the unknown field {unknown[0]!r}: there are conn_type, host, login, password, schema, port and extra"
    try:
        Connection.from_json(text, conn_id=conn_id)
    except (ValueError, TypeError, AttributeError, AirflowException):
        return "a port that is no number, or a field that is no text"
    return "a connection that Airflow does not understand"
