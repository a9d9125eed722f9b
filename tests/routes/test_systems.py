"""How systems are found, and what is said of one that cannot be used."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core import routes
from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.routes.errors import RouteError
from invoice_bridge_core.routes.loader import read_route
from invoice_bridge_core.routes.systems import package_of, settings_class, system_names, systems_playing
from tests.installed_systems import declare, systems_found_anew

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUTE = "route: a\nsource: {system: acme}\nfinance: {system: xero}\n"
SETTINGS = """\
from typing import Literal
from invoice_bridge_core.routes.settings import SourceSettings

class AcmeSettings(SourceSettings):
    system_name = "Acme"
    system: Literal["acme"] = "acme"
    conn_id: str = "acme_default"

SOURCE = AcmeSettings
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Installs a package with one system, `acme`, of these settings."""

    def put(settings: str) -> None:
        declare(tmp_path, "acme-bridge", "acme_bridge.systems")
        folder = tmp_path / "acme_bridge" / "systems" / "acme"
        folder.mkdir()
        (folder / "__init__.py").touch()
        (folder / "settings.py").write_text(settings, encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))

    with systems_found_anew("acme_bridge"):
        yield put


def test_our_own_and_their_roles() -> None:
    assert system_names() == ("ixpole", "qondor", "quiddly", "xero")
    assert list(systems_playing("source")) == ["ixpole", "qondor"]
    assert list(systems_playing("finance")) == ["quiddly", "xero"]
    assert package_of("xero") == "invoice_bridge.systems.xero"
    assert settings_class("xero", "source") is None


def test_the_core_reads_routes_without_knowing_any_system() -> None:
    known = re.compile("|".join(system_names()), re.IGNORECASE)
    modules = Path(routes.__file__).parent.glob("*.py")
    assert [path.name for path in modules if known.search(path.read_text(encoding="utf-8"))] == []


def test_reading_the_routes_imports_neither_airflow_nor_a_hook() -> None:
    ask = (
        "import sys; from invoice_bridge_core.routes.loader import load_routes;"
        "from invoice_bridge_core.routes.systems import ROLES, systems_playing;"
        "assert len(load_routes().routes) == 4; [systems_playing(role) for role in ROLES]; print(*sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True, timeout=60)
    imported = set(told.stdout.split())
    assert "invoice_bridge.systems.xero.settings" in imported
    assert not {"airflow", "requests", "sqlalchemy", "invoice_bridge.hooks"} & imported
    assert not {name for name in imported if name.endswith((".source", ".finance")) and "systems" in name}


def test_a_system_that_is_not_installed() -> None:
    with pytest.raises(ConfigurationError, match="system sap is not installed; there are ixpole, qondor, quiddly"):
        package_of("sap")


def test_a_system_of_another_package(install: Callable[[str], None], put: Callable[..., Path]) -> None:
    install(SETTINGS)
    assert "acme" in system_names()
    assert read_route(put("a.yaml", ROUTE)).source.conn_id == "acme_default"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            "import a_module_that_is_missing",
            "module acme_bridge.systems.acme.settings of system acme cannot be imported: "
            "No module named 'a_module_that_is_missing'",
        ),
        (
            SETTINGS.replace('"acme"', '"other"'),
            "acme_bridge.systems.acme.settings.SOURCE must be a SourceSettings with 'acme' as the default of its key "
            "system",
        ),
        (
            SETTINGS.replace("SOURCE = AcmeSettings", "SOURCE = dict"),
            "acme_bridge.systems.acme.settings.SOURCE must be a SourceSettings with 'acme' as the default of its key "
            "system",
        ),
    ],
)
def test_a_system_that_cannot_be_used_stops_its_routes_alone(
    install: Callable[[str], None], put: Callable[..., Path], settings: str, message: str
) -> None:
    install(settings)
    path = put("a.yaml", ROUTE)
    with pytest.raises(RouteError) as caught:
        read_route(path)
    assert str(caught.value) == f"{path}: line 2, source.system: got 'acme', {message}"
    assert read_route(put("b.yaml", ROUTE.replace("acme", "qondor"))).source.system == "qondor"
    assert list(systems_playing("source")) == ["ixpole", "qondor"]


def test_a_package_that_is_gone_is_told_of_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    declare(tmp_path, "acme-bridge", "acme_bridge.systems")
    (tmp_path / "acme_bridge").rename(tmp_path / "moved")
    monkeypatch.syspath_prepend(str(tmp_path))
    with systems_found_anew("acme_bridge"):
        assert "acme" not in system_names()
    assert "No systems are taken from acme_bridge.systems, which cannot be imported" in caplog.text
