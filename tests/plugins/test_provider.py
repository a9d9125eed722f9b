"""The connection types are registered by files in the plugins folder alone, without a pip install."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from invoice_bridge.provider_info import get_provider_info

ROOT = Path(__file__).parents[2]
PLUGINS = ROOT / "plugins"

ASK_AIRFLOW = """
import json, logging, warnings
warnings.simplefilter("error", category=ImportWarning)
from airflow.providers_manager import ProvidersManager
from airflow.api_fastapi.core_api.services.ui.connections import HookMetaService
manager = ProvidersManager()
ours = [name for name, hook in manager.hooks.items() if hook and hook.package_name == "invoice-bridge"]
forms = {
    meta.connection_type: meta.model_dump(mode="json")
    for meta in HookMetaService.hook_meta_data()
    if meta.connection_type in ours
}
print(json.dumps({
    "version": manager.providers["invoice-bridge"].version,
    "hooks": {name: [manager.hooks[name].hook_class_name, manager.hooks[name].hook_name] for name in ours},
    "forms": forms,
}))
"""


def airflow(tmp_path: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A process of Airflow as the deployment starts it: the plugins folder on PYTHONPATH."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    environment |= {
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PLUGINS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONPATH": f"{ROOT / 'include'}{os.pathsep}{PLUGINS}",
    }
    return subprocess.run(
        [sys.executable, *command],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What Airflow itself says of our connection types."""
    answer = airflow(tmp_path_factory.mktemp("airflow"), "-c", ASK_AIRFLOW)
    assert "invoice" not in answer.stderr.lower(), answer.stderr
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found


def test_the_distribution_is_found_and_its_version_is_the_packages() -> None:
    (distribution,) = metadata.distributions(name="invoice-bridge", path=[str(PLUGINS)])
    (entry_point,) = distribution.entry_points.select(group="apache_airflow_provider")
    assert entry_point.load() is get_provider_info
    assert f'version = "{distribution.version}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert (PLUGINS / f"invoice_bridge-{distribution.version}.dist-info").is_dir()


def test_airflows_schema_accepts_what_the_provider_says() -> None:
    import airflow

    schema = Path(airflow.__file__).with_name("provider_info.schema.json")
    jsonschema.validate(get_provider_info(), json.loads(schema.read_text(encoding="utf-8")))


def test_airflow_offers_the_connection_types(told: dict[str, Any]) -> None:
    assert told["version"] == metadata.version("invoice-bridge")
    offered = {item["connection-type"]: item for item in get_provider_info()["connection-types"]}
    assert {"qondor", "xero"} <= offered.keys()
    assert told["hooks"] == {name: [item["hook-class-name"], item["hook-name"]] for name, item in offered.items()}


def test_a_type_is_offered_only_with_its_hook() -> None:
    offered = {item["connection-type"] for item in get_provider_info()["connection-types"]}
    hooks = PLUGINS / "invoice_bridge" / "hooks"
    assert offered == {name for name in ("qondor", "ixpole", "xero", "quiddly") if (hooks / name / "hook.py").is_file()}


def test_the_form_asks_for_what_the_hooks_read(told: dict[str, Any]) -> None:
    qondor, xero = told["forms"]["qondor"], told["forms"]["xero"]
    assert qondor["standard_fields"]["password"]["title"] == "Subscription key"
    assert qondor["standard_fields"]["login"]["hidden"]
    assert xero["standard_fields"]["login"]["title"] == "Client id"
    assert xero["standard_fields"]["password"]["title"] == "Client secret"
    assert set(xero["extra_fields"]) == {"tenant_id", "token_url", "scopes", "refresh_token"}
    assert set(qondor["extra_fields"]) == {"calls_per_second"}
    for form in told["forms"].values():
        assert form["standard_fields"]["port"]["hidden"]
        assert form["standard_fields"]["url_schema"]["hidden"]


def test_secret_fields_are_password_fields(told: dict[str, Any]) -> None:
    for form in told["forms"].values():
        for name, field in (form["extra_fields"] or {}).items():
            secret = any(word in name for word in ("secret", "password", "refresh_token"))
            assert (field["schema"].get("format") == "password") is secret, name


def test_it_imports_no_hook_since_airflow_asks_in_each_of_its_processes() -> None:
    ask = (
        "import sys; from invoice_bridge.provider_info import get_provider_info; get_provider_info();"
        "print(*sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True, timeout=60)
    imported = set(told.stdout.split())
    assert not {"airflow", "requests", "pydantic", "invoice_bridge_core"} & imported
    assert not {name for name in imported if name.startswith("invoice_bridge.hooks.") and name.endswith(".hook")}


def test_the_hooks_are_what_they_are_registered_as() -> None:
    from airflow.sdk._shared.module_loading import import_string

    for item in get_provider_info()["connection-types"]:
        hook = import_string(item["hook-class-name"])
        assert (hook.conn_type, hook.hook_name) == (item["connection-type"], item["hook-name"])
        assert hook.default_conn_name == f"{item['connection-type']}_default"
        assert callable(hook.test_connection)


def test_the_command_line_lists_the_provider(tmp_path: Path) -> None:
    answer = airflow(tmp_path, "-m", "airflow", "providers", "list", "--output", "json")
    assert "invoice-bridge" in {provider["package_name"] for provider in json.loads(answer.stdout)}
