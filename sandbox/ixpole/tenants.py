"""The two tenants, which differ in what nobody has published (ixpole.md, "Endpoints")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Tenant:
    """One sub-domain of iXpole.

    `reads_plural`: customers are read at the plural path and changed at the singular one, instead of the other way
    round. `odd_keys`: keys are written in any case.
    """

    name: str
    conn_id: str
    client_id: str
    client_secret: str
    reads_plural: bool = False
    odd_keys: bool = False


CLUB = Tenant("club", "ixpole_default", "sandbox-club", "sandbox-ixpole-club-secret")
ARENA = Tenant(
    "arena", "ixpole_second", "sandbox-arena", "sandbox-ixpole-arena-secret", reads_plural=True, odd_keys=True
)
TENANTS = {tenant.name: tenant for tenant in (CLUB, ARENA)}


def oddly(value: Any) -> Any:
    """The value with its keys in camel case, small letters or capitals, by no rule that a reader could use."""
    if isinstance(value, list):
        return [oddly(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {_odd(key): oddly(item) for key, item in value.items()}


def _odd(key: str) -> str:
    forms = (key[:1].lower() + key[1:], key.lower(), key.upper(), key)
    return forms[len(key) % len(forms)]
