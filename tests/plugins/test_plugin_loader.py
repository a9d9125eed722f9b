"""Airflow's plugin loader runs one file of the plugins folder and leaves the package alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from airflow._shared.module_loading import find_path_from_directory
from airflow._shared.plugins_manager.plugins_manager import _load_plugins_from_plugin_directory
from cryptography.fernet import Fernet

if TYPE_CHECKING:
    from collections.abc import Iterator

PLUGINS = Path(__file__).parents[2] / "plugins"

# Airflow's own use of pathspec.
pytestmark = pytest.mark.filterwarnings("ignore:GitWildMatchPattern:DeprecationWarning")


@pytest.fixture(autouse=True)
def _not_loaded_yet() -> Iterator[None]:
    sys.modules.pop("invoice_bridge_plugin", None)
    yield
    sys.modules.pop("invoice_bridge_plugin", None)


@pytest.mark.parametrize("syntax", ["glob", "regexp"])
def test_one_file_is_run(syntax: str) -> None:
    found = find_path_from_directory(str(PLUGINS), ".airflowignore", syntax)
    assert [Path(path).name for path in found if path.endswith(".py")] == ["invoice_bridge_plugin.py"]


def test_the_plugin_is_there_without_import_errors() -> None:
    plugins, errors = _load_plugins_from_plugin_directory(str(PLUGINS))
    assert not errors
    assert [plugin.name for plugin in plugins] == ["invoice_bridge"]


def test_loading_it_runs_nothing_of_the_package() -> None:
    before = set(sys.modules)
    _load_plugins_from_plugin_directory(str(PLUGINS))
    ran = {
        Path(path).parent
        for name in sys.modules.keys() - before
        if (path := getattr(sys.modules[name], "__file__", None))
    }
    assert {folder for folder in ran if folder.is_relative_to(PLUGINS)} == {PLUGINS}


WHAT_A_TASK_ADDS = """
import sys
import invoice_bridge.plugin
before = set(sys.modules)
import invoice_bridge.dag_settings
from invoice_bridge.parsing import routes_to_build
from invoice_bridge.systems import registry
for route in routes_to_build(None, ""):
    registry.open_source(route, None, None)
    registry.open_finance(route, None)
print(sorted(name for name in set(sys.modules) - before if name.startswith("invoice_bridge")))
"""


def test_a_task_finds_what_it_needs_imported_before_it_was_forked() -> None:
    done = subprocess.run([sys.executable, "-c", WHAT_A_TASK_ADDS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


WHAT_A_TASK_MAKES = """
import sys
import invoice_bridge.plugin
from airflow.models.crypto import get_fernet
from invoice_bridge_core.ledger.database.database import Database

made = []
def note(frame, event, _):
    if event == "call" and (frame.f_code.co_name == "create_engine" or "fernet.py" in frame.f_code.co_filename):
        made.append(frame.f_code.co_qualname)
before = set(sys.modules)
sys.setprofile(note)
Database("postgresql://nobody:nothing@nowhere.invalid/nothing")
get_fernet()
import airflow.sdk.execution_time.cache
sys.setprofile(None)
print([*made, *sorted(set(sys.modules) - before)])
"""


def test_a_task_finds_made_what_is_made_once_in_each_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", Fernet.generate_key().decode())
    done = subprocess.run([sys.executable, "-c", WHAT_A_TASK_MAKES], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
