"""From a connection to the URLs that are called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from invoice_bridge.hooks.http.pasted import visible
from invoice_bridge_core.errors import ConfigurationError

if TYPE_CHECKING:
    from airflow.sdk import Connection

SCHEMES = ("https", "http")
_HIGHEST_PORT = 65_535


@dataclass(frozen=True)
class AddressRules:
    """What is known of a system's addresses.

    :param example: a base URL, as people would write it.
    :param own_paths: regular expression of the API's own paths, which people copy along with the host.
    :param not_the_api: regular expression of hosts that belong to the system and are not its API.
    :param encrypted: regular expression of hosts that are called by https alone.
    """

    example: str = ""
    own_paths: str = ""
    not_the_api: str = ""
    encrypted: str = ""


def base_url(connection: Connection, conn_id: str, system: str, rules: AddressRules = AddressRules()) -> str:
    """The base URL that a connection names by host, schema and port, without a slash at its end.

    :raises ConfigurationError: it is none, or holds what does not belong there; nothing of that is shown.
    """
    where = f"Connection {conn_id} ({system})"
    example = f", such as {rules.example}" if rules.example else ""
    host = _whole_host(connection)
    if not host:
        raise ConfigurationError(f"{where} has no host: the base URL of {system} goes there{example}")
    try:
        parts = urlsplit(host)
        stated_port = parts.port
    except ValueError:
        raise ConfigurationError(f"{where}: its host is not an address{example}") from None
    if "@" in parts.netloc:
        raise ConfigurationError(f"{where}: user name and password do not belong in its host")
    if parts.scheme not in SCHEMES:
        raise ConfigurationError(f"{where}: its host does not begin with https://{example}")
    if not parts.hostname or parts.query or parts.fragment or any(map(str.isspace, host)) or "://" in parts.path:
        # The rest may hold a key that belongs in the password.
        raise ConfigurationError(
            f"{where}: its host, at {parts.scheme}://{parts.hostname or ''}, is not a base URL{example}"
        )
    _check_host(parts.scheme, parts.hostname, where, system, rules)
    port = _port(stated_port, connection.port, where)
    netloc = parts.netloc if stated_port or port is None else f"{parts.netloc.rstrip(':')}:{port}"
    path = re.sub(r"/{2,}", "/", parts.path)
    if rules.own_paths:
        path = re.sub(rf"/(?:{rules.own_paths})(?:/.*)?$", "", path, flags=re.IGNORECASE)
    return f"{parts.scheme}://{netloc}{path.rstrip('/')}"


def _whole_host(connection: Connection) -> str:
    """Host, schema and path together: the schema holds a scheme, or the path of a connection written as a URI."""
    host = visible(connection.host).rstrip("/")
    schema = visible(connection.schema).strip("/:")
    is_scheme = schema.lower() in SCHEMES
    if host and "://" not in host and is_scheme:
        host = f"{schema.lower()}://{host}"
    elif "://" in host and schema and not is_scheme:
        host = f"{host}/{schema}"
    scheme, separator, rest = host.partition("://")
    if not separator:
        return host
    while rest.lower().startswith(("https://", "http://")):
        scheme, _, rest = rest.partition("://")
    return f"{scheme.lower()}://{rest.lstrip('/')}"


def _check_host(scheme: str, host: str, where: str, system: str, rules: AddressRules) -> None:
    if rules.not_the_api and re.fullmatch(rules.not_the_api, host, re.IGNORECASE):
        raise ConfigurationError(
            f"{where}: its host {host} is a site of {system}'s for people, not its API. The base URL looks like "
            f"{rules.example}"
        )
    if scheme == "http" and rules.encrypted and re.fullmatch(rules.encrypted, host, re.IGNORECASE):
        raise ConfigurationError(f"{where}: its host begins with http://, and {system} is called by https:// alone")


def _port(in_host: int | None, in_field: int | None, where: str) -> int | None:
    if in_field and not 0 < in_field <= _HIGHEST_PORT:
        raise ConfigurationError(f"{where}: its port {in_field} is none; leave the field empty")
    if in_host and in_field and in_host != in_field:
        raise ConfigurationError(f"{where}: its host says port {in_host}, its field port {in_field}; empty the field")
    return in_host or in_field or None


def below(address: str, path: str) -> str:
    """The URL of a path below a base URL; the path's parts are quoted already."""
    return f"{address}/{path.lstrip('/')}"


def check_token_url(url: str, conn_id: str) -> None:
    """Refuse a `token_url` that is not a whole address.

    :raises ConfigurationError: it is none.
    """
    if not url.startswith(tuple(f"{scheme}://" for scheme in SCHEMES)):
        raise ConfigurationError(f"Connection {conn_id}: token_url {url!r} is not an address")
