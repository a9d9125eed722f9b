"""The wheel holds both packages with all their files, and a bare Airflow finds in it what we promise."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from importlib.metadata import PathDistribution
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from local.settings import PROJECT
from tests.packaging.requirement_files import lock

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = {"invoice_bridge": PROJECT / "plugins", "invoice_bridge_core": PROJECT / "include"}
BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-c", BUILD, str(folder)], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    return folder / built.stdout.strip()


@pytest.fixture(scope="module")
def distribution(wheel: Path) -> PathDistribution:
    [info] = {name.partition("/")[0] for name in names(wheel) if ".dist-info/" in name}
    return PathDistribution(zipfile.Path(wheel, f"{info}/"))


@pytest.fixture(scope="module")
def in_the_plugins_folder() -> PathDistribution:
    [info] = (PROJECT / "plugins").glob("invoice_bridge-*.dist-info")
    return PathDistribution(info)


def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return [name for name in archive.namelist() if not name.endswith("/")]


def test_two_packages_and_nothing_else_are_at_the_top(wheel: Path) -> None:
    top = {name.partition("/")[0] for name in names(wheel)}
    assert {name for name in top if not name.endswith(".dist-info")} == PACKAGES.keys()


@pytest.mark.parametrize("package", PACKAGES)
def test_every_file_of_a_package_is_in_it(wheel: Path, package: str) -> None:
    root = PACKAGES[package]
    on_disk = {
        path.relative_to(root).as_posix()
        for path in (root / package).rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    }
    assert {name for name in names(wheel) if name.startswith(f"{package}/")} == on_disk
    assert f"{package}/py.typed" in on_disk


@pytest.mark.parametrize("ending", [".html.jinja", "/script.py.mako"])
def test_files_that_are_no_python_are_in_it(wheel: Path, ending: str) -> None:
    assert any(name.startswith("invoice_bridge_core/") and name.endswith(ending) for name in names(wheel))


def test_the_plugins_folder_says_the_same_and_registers_the_plugin_itself(
    distribution: PathDistribution, in_the_plugins_folder: PathDistribution
) -> None:
    for key in ("Name", "Version", "Requires-Python"):
        said = distribution.metadata[key], in_the_plugins_folder.metadata[key]
        assert sorted(said[0].split(",")) == sorted(said[1].split(",")), key
    of_the_wheel = {(point.group, point.name, point.value) for point in distribution.entry_points}
    of_the_folder = {(point.group, point.name, point.value) for point in in_the_plugins_folder.entry_points}
    assert of_the_wheel - of_the_folder == {
        ("airflow.plugins", "invoice_bridge", "invoice_bridge.plugin:InvoiceBridgePlugin")
    }
    assert of_the_folder == {
        ("apache_airflow_provider", "provider_info", "invoice_bridge.provider_info:get_provider_info"),
        ("invoice_bridge.systems", "invoice_bridge", "invoice_bridge.systems"),
    }


def test_production_runs_in_the_versions_that_the_wheel_allows(distribution: PathDistribution) -> None:
    production = lock("requirements.lock")
    for text in distribution.requires or ():
        needed = Requirement(text)
        for version in production[canonicalize_name(needed.name)]:
            assert needed.specifier.contains(version), text


@pytest.fixture(scope="module")
def bare_airflow(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that holds the wheel, and borrows everything else from the one of the tests."""
    environment = tmp_path_factory.mktemp("bare") / "venv"
    venv.create(environment, symlinks=True)
    [site] = environment.glob("lib/python*/site-packages")
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return environment / "bin" / "python"


def ask(python: Path, home: Path, *command: str) -> str:
    """What an `airflow` command prints, outside the project and without `PYTHONPATH`."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW") and name != "PYTHONPATH"
    }
    answer = subprocess.run(
        [python, "-m", "airflow", *command],
        cwd=home,
        env=environment | {"AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert "invoice" not in answer.stderr.lower(), answer.stderr
    return answer.stdout


def rows(printed: str) -> list[dict[str, Any]]:
    """The table in a command's JSON, which may follow Airflow's own messages."""
    found: list[dict[str, Any]] = json.loads(printed[printed.index("[{") :])
    return found


@pytest.mark.slow
def test_a_bare_airflow_offers_the_connection_types(bare_airflow: Path, tmp_path: Path) -> None:
    hooks = rows(ask(bare_airflow, tmp_path, "providers", "hooks", "--output", "json"))
    ours = {hook["connection_type"] for hook in hooks if hook["package_name"] == "invoice-bridge"}
    assert ours == {"qondor", "ixpole", "xero", "quiddly"}


@pytest.mark.slow
def test_a_bare_airflow_loads_the_plugin_once(bare_airflow: Path, tmp_path: Path) -> None:
    plugins = rows(ask(bare_airflow, tmp_path, "plugins", "--output", "json"))
    assert [plugin["name"] for plugin in plugins] == ["invoice_bridge"]
    assert plugins[0]["source"].startswith("invoice-bridge==")


@pytest.mark.slow
def test_a_bare_airflow_has_the_commands(bare_airflow: Path, tmp_path: Path) -> None:
    printed = ask(bare_airflow, tmp_path, "invoice-bridge", "--help")
    for command in ("show", "list", "resolve", "reopen", "forget-token"):
        assert re.search(rf"^ +{command}\s", printed, re.MULTILINE)
