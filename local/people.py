"""Who logs in where `make up` runs: somebody who keeps the books, and somebody who looks after Airflow."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.state_folder import write_private

if TYPE_CHECKING:
    from pathlib import Path

PASSWORDS = "passwords.json"
"""The file, in the state folder, that Airflow reads the passwords from; only its owner may."""
BOOKKEEPER, ADMIN = "bookkeeper", "admin"
ROLES = {BOOKKEEPER: "user", ADMIN: "admin"}
"""Airflow's roles. A `user` sees DAGs and acts on them; connections, variables and settings are for an `admin`."""


@dataclass(frozen=True)
class Person:
    """Somebody with a login."""

    name: str
    password: str


def people_of(home: Path) -> dict[str, Person]:
    """The people by name; nobody where no login was ever made."""
    file = home / PASSWORDS
    kept = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return {name: Person(name, kept[name]) for name in ROLES if name in kept}


def make_people(home: Path) -> dict[str, Person]:
    """The people by name. Their passwords are made the first time, and stay."""
    known = people_of(home)
    people = {name: known.get(name) or Person(name, secrets.token_urlsafe(9)) for name in ROLES}
    if people != known:
        write_private(home / PASSWORDS, json.dumps({name: one.password for name, one in people.items()}))
    return people


def login_settings(home: Path) -> dict[str, str]:
    """The settings with which Airflow asks for a login."""
    return {
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{name}:{role}" for name, role in ROLES.items()),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / PASSWORDS),
    }
