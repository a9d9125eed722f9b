"""The project's requirements and locks, read."""

from __future__ import annotations

import re

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from local.settings import PROJECT


def requirements(name: str) -> dict[str, str]:
    """The pins of a `requirements*.txt`, without the files that it includes."""
    return dict(
        _pin(line)
        for line in (PROJECT / name).read_text("utf-8").splitlines()
        if line and not line.startswith(("#", "-r "))
    )


def lock(name: str) -> dict[str, set[str]]:
    """The versions of each package in a lock; several where it depends on Python's version.

    A package without a hash is an error.
    """
    versions: dict[str, set[str]] = {}
    for entry in re.split(r"\n(?=\S)", (PROJECT / name).read_text("utf-8")):
        if entry.startswith("#"):
            continue
        package, version = _pin(entry.partition("\\")[0])
        assert "--hash=sha256:" in entry, f"{name} holds {package} without a hash"
        versions.setdefault(package, set()).add(version)
    return versions


def _pin(line: str) -> tuple[str, str]:
    requirement = Requirement(line)
    [pin] = requirement.specifier
    assert pin.operator == "==", line
    return canonicalize_name(requirement.name), pin.version
