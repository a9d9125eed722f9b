"""What the forms of the connection types are made of.

Imported in each of Airflow's processes, with every system's `connection_type`: it must import nothing else.
"""

from __future__ import annotations

from typing import Any

NEVER_USED = ["schema", "port"]


def text_field(label: str, description: str) -> dict[str, Any]:
    """A field of its own in a connection's form; may be left empty."""
    return {"label": label, "description": description, "schema": {"type": ["string", "null"]}}


def secret_field(label: str, description: str) -> dict[str, Any]:
    """The same for a secret, which Airflow's pages do not show."""
    return {"label": label, "description": description, "schema": {"type": ["string", "null"], "format": "password"}}
