"""The base URL in a connection's host."""

from __future__ import annotations

from urllib.parse import urlsplit

from invoice_bridge_core.errors import ConfigurationError


def checked_address(host: str, port: int | None, conn_id: str, system: str) -> str:
    """The base URL that a connection names, with its port.

    :raises ConfigurationError: it is none, or holds what does not belong there; nothing of that is shown.
    """
    where = f"Connection {conn_id} ({system})"
    if not host:
        raise ConfigurationError(f"{where} has no host: the base URL of {system} goes there")
    try:
        parts = urlsplit(host)
        stated_port = parts.port
    except ValueError:
        raise ConfigurationError(f"{where}: its host is no address") from None
    if "@" in parts.netloc:
        raise ConfigurationError(f"{where}: user name and password do not belong into its host")
    if parts.scheme not in ("http", "https"):
        raise ConfigurationError(f"{where}: its host does not begin with https://")
    if not parts.hostname or parts.query or parts.fragment or any(map(str.isspace, host)):
        # The rest may hold a key that belongs into the password.
        raise ConfigurationError(f"{where}: its host, at {parts.scheme}://{parts.hostname or ''}, is no base URL")
    netloc = parts.netloc if stated_port or not port else f"{parts.netloc.rstrip(':')}:{port}"
    return f"{parts.scheme}://{netloc}{parts.path}"
