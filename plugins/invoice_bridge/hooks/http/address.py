"""From a connection to the URLs that are called."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from invoice_bridge_core.errors import ConfigurationError

if TYPE_CHECKING:
    from airflow.sdk import Connection

SCHEMES = ("https", "http")


def base_url(connection: Connection, conn_id: str, system: str) -> str:
    """The base URL that a connection names by host, schema and port, without a slash at its end.

    :raises ConfigurationError: it is none, or holds what does not belong there; nothing of that is shown.
    """
    where = f"Connection {conn_id} ({system})"
    host = (connection.host or "").strip().rstrip("/")
    if not host:
        raise ConfigurationError(f"{where} has no host: the base URL of {system} goes there")
    if "://" not in host and connection.schema in SCHEMES:
        host = f"{connection.schema}://{host}"
    try:
        parts = urlsplit(host)
        stated_port = parts.port
    except ValueError:
        raise ConfigurationError(f"{where}: its host is not an address") from None
    if "@" in parts.netloc:
        raise ConfigurationError(f"{where}: user name and password do not belong in its host")
    if parts.scheme not in SCHEMES:
        raise ConfigurationError(f"{where}: its host does not begin with https://")
    if not parts.hostname or parts.query or parts.fragment or any(map(str.isspace, host)):
        # The rest may hold a key that belongs in the password.
        raise ConfigurationError(f"{where}: its host, at {parts.scheme}://{parts.hostname or ''}, is not a base URL")
    is_complete = stated_port or not connection.port
    netloc = parts.netloc if is_complete else f"{parts.netloc.rstrip(':')}:{connection.port}"
    return f"{parts.scheme}://{netloc}{parts.path}"


def below(address: str, path: str) -> str:
    """The URL of a path below a base URL; the path's parts are quoted already."""
    return f"{address}/{path.lstrip('/')}"


def check_token_url(url: str, conn_id: str) -> None:
    """Refuse a `token_url` that is not a whole address.

    :raises ConfigurationError: it is none.
    """
    if not url.startswith(tuple(f"{scheme}://" for scheme in SCHEMES)):
        raise ConfigurationError(f"Connection {conn_id}: token_url {url!r} is not an address")
